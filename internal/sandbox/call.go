package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
)

// maxBody is the largest request body, in bytes.
const maxBody = 1 << 20

// values are a record's fields, or a request's body: numbers stay json.Number,
// so that a large one survives exactly.
type values map[string]any

// call is one request being answered, inside one transaction.
type call struct {
	*tx
	dialect *dialect
	options Options
	grants  *grants
	request *http.Request
	route   *route
	path    map[string]string
	raw     []byte // the body

	kind  *kind // what the endpoint is about
	user  *item // who asks
	role  *item // and what they may do
	names map[int64]person
}

// act answers the call: who is it, what is it about, may they, do it.
func (c *call) act() (any, error) {
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	if err := c.resolveKind(); err != nil {
		return nil, err
	}
	if err := c.authorize(); err != nil {
		return nil, err
	}
	return c.route.handle(c)
}

func (c *call) resolveKind() error {
	table, custom := c.path["tableName"]
	c.kind = kindOfGroup[c.route.Group]
	if custom {
		c.kind = customTables[table]
	}
	if c.kind == nil {
		return notFound("No custom entity is called %q.", table)
	}
	return nil
}

// item is what {id} names.
func (c *call) item() (*item, error) { return c.named(c.kind, "id") }

// named is the item of a kind whose id is a parameter of the path. What is no
// number names nothing.
func (c *call) named(k *kind, parameter string) (*item, error) {
	id, err := strconv.ParseInt(c.path[parameter], 10, 64)
	if err != nil {
		return nil, notFound("No %s has the id %q.", k.name, c.path[parameter])
	}
	return c.find(k, id)
}

// body is the request's JSON object.
func (c *call) body() (values, error) {
	var v values
	if err := c.decode(&v); err != nil {
		return nil, err
	}
	if v == nil {
		return nil, badRequest("The body must be a JSON object.")
	}
	return v, nil
}

// optionalBody is the body of an endpoint that works without one.
func (c *call) optionalBody() (values, error) {
	if len(bytes.TrimSpace(c.raw)) == 0 {
		return values{}, nil
	}
	return c.body()
}

func (c *call) decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(c.raw))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return badRequest("The body is not what is expected here: %s.", misread(err))
	}
	if _, err := d.Token(); err != io.EOF {
		return badRequest("The body has something after its JSON.")
	}
	return nil
}

// misread says in plain words why a body can't be read.
func misread(err error) string {
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
		what := cmp.Or(wrong.Field, "it")
		return fmt.Sprintf("%s must be %s, not %s", what, expected(wrong.Type), wrong.Value)
	}
	if wrong := new(json.SyntaxError); errors.As(err, &wrong) {
		return fmt.Sprintf("it is not JSON from its character %d on", wrong.Offset)
	}
	return "it is not whole JSON"
}

// expected names a type as JSON does.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.Bool:
		return "true or false"
	}
	if t == reflect.TypeFor[json.Number]() {
		return "a number"
	}
	return "a text"
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil { // a request that came through no server
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &failure{status: http.StatusRequestEntityTooLarge, message: "The body is larger than 1 MiB."}
	case err != nil:
		return nil, badRequest("The body could not be read: %v.", err)
	}
	return body, nil
}
