package flexie

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// written makes a write that is answered with the record as it now is. One that
// is answered with {"success":1}, or nothing, was done all the same: the record
// is then empty, and so is its ID.
func (c *Client) written(ctx context.Context, r call, names ...string) (Record, error) {
	answer, err := c.do(ctx, r)
	if err != nil {
		return c.madeBeside(ctx, r, err, names)
	}
	o, err := c.assumed.readOne(answer, names...)
	switch {
	case err == nil && (c.assumed.isRecord(o) || isNamed(answer, o, names)):
		return c.namedOne(ctx, r, o), nil
	case answer == nil || c.assumed.saysSuccess(answer):
		return Record{Values: NewObject()}, nil
	}
	return Record{}, unconfirmed()
}

// madeBeside is the record that was made although the answer complains as well:
// it has an id. One that was there before has one in any case, which says nothing.
func (c *Client) madeBeside(ctx context.Context, r call, err error, names []string) (Record, error) {
	var e *Error
	if !errors.As(err, &e) || e.beside == nil || !makes(r.endpoint) {
		return Record{}, err
	}
	o, readErr := c.assumed.readOne(e.beside, names...)
	if readErr != nil || !hasID(o) {
		return Record{}, err
	}
	record := c.namedOne(ctx, r, o)
	record.Complaint = e.Error()
	return record, nil
}

// makes reports whether an endpoint answers with what it has made.
func makes(endpoint string) bool {
	return strings.HasSuffix(endpoint, ".create") || strings.Contains(endpoint, ".reply")
}

// succeed makes a write that is answered with {"success":1}, or true, or
// nothing, or with the record. do finds those that say otherwise.
// Assumption: success-shape.
func (c *Client) succeed(ctx context.Context, r call) error {
	answer, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	return c.assumed.confirmed(answer)
}

func (a *assumed) confirmed(answer any) error {
	if answer == nil || a.saysSuccess(answer) {
		return nil
	}
	if o, err := a.readOne(answer); err == nil && a.isRecord(o) {
		return nil
	}
	return unconfirmed()
}

// deleted makes a write after which there is nothing left to answer with: {} and
// [] will do, and so does a record without its id.
func (c *Client) deleted(ctx context.Context, r call) error {
	answer, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	if o, err := c.assumed.readOne(answer); isEmpty(answer) || err == nil && o.Has("id") {
		return nil
	}
	return c.assumed.confirmed(answer)
}

// unconfirmed is the Error of a write whose answer says neither that it was done
// nor that it was not.
func unconfirmed() error {
	e := unreadable(200, "Flexie took it, and answered something that can't be read")
	e.Uncertain = true
	return e
}

// saysSuccess reports whether an answer says that what was asked for was done.
func (a *assumed) saysSuccess(answer any) bool {
	switch answer := answer.(type) {
	case bool, json.Number:
		return truthy(answer)
	case *Object:
		code, _ := strconv.Atoi(stringOf(answer.Get("code")))
		return code >= 200 && code < 300 || slices.ContainsFunc(a.SuccessNames, func(name string) bool {
			v, _ := memberAt(answer, name)
			return truthy(v) || slices.Contains(a.SuccessWords, strings.ToLower(stringOf(v)))
		})
	}
	return false
}

func (a *assumed) isRecord(o *Object) bool {
	fields := o.Get(a.RecordFields)
	return hasID(o) || fields != nil && !isEmpty(fields)
}

// isNamed reports whether a record without an id stands under its own name, and
// is no message.
func isNamed(answer any, o *Object, names []string) bool {
	for _, name := range names {
		if only(only(answer).Get(name)) == o {
			return o.Len() > 0 && !describesError(o)
		}
	}
	return false
}
