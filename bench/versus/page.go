package main

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// operation is an endpoint as Flexie's page shows it, of
// flexie/testdata/endpoints.json.
type operation struct {
	Group   string         `json:"group"`
	Method  string         `json:"method"`
	Path    string         `json:"path"` // "/api/contacts/{id}"
	Title   string         `json:"title"`
	Example string         `json:"example_url"`
	Body    map[string]any `json:"body"` // of the example
}

func readPage(module string) (all []operation, err error) {
	data, err := os.ReadFile(filepath.Join(module, "flexie", "testdata", "endpoints.json"))
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	return all, err
}

// path is the one below the API's root.
func (o operation) path() string { return strings.TrimPrefix(o.Path, "/api") }

var inBraces = regexp.MustCompile(`\{(\w+)\}`)

// inPath are the parameters of the path, with the values of the example.
func (o operation) inPath() (names []string, values map[string]string) {
	values = map[string]string{}
	pattern := regexp.QuoteMeta(o.Path)
	for _, name := range inBraces.FindAllStringSubmatch(o.Path, -1) {
		names = append(names, name[1])
		pattern = strings.Replace(pattern, regexp.QuoteMeta(name[0]), "([^/]+)", 1)
	}
	if at, err := url.Parse(o.Example); err == nil {
		for i, value := range regexp.MustCompile("^" + pattern + "$").FindStringSubmatch(at.Path) {
			if i > 0 {
				values[names[i-1]] = value
			}
		}
	}
	return names, values
}

// inQuery are the names of the parameters of the example's query.
func (o operation) inQuery() url.Values {
	at, err := url.Parse(o.Example)
	if err != nil {
		return nil
	}
	return at.Query()
}

type object = map[string]any

// document describes all of them in OpenAPI, with the types that the examples have.
func document(all []operation) ([]byte, error) {
	paths := map[string]object{}
	for _, o := range all {
		if paths[o.path()] == nil {
			paths[o.path()] = object{}
		}
		paths[o.path()][strings.ToLower(o.Method)] = o.openAPI()
	}
	return json.Marshal(object{
		"openapi": "3.0.3", "info": object{"title": "Flexie REST API", "version": "1"},
		"servers": []object{{"url": "https://your-subdomain.flexie.io/api"}},
		"paths":   paths,
	})
}

func (o operation) openAPI() object {
	parameters := []object{}
	names, values := o.inPath()
	for _, name := range names {
		parameters = append(parameters, object{"name": name, "in": "path", "required": true, "schema": typeOf(values[name])})
	}
	for name, value := range o.inQuery() {
		parameters = append(parameters, object{"name": name, "in": "query", "schema": typeOf(value[0])})
	}
	described := object{
		"operationId": strings.ToLower(o.Method) + strings.NewReplacer("/", "_", "{", "", "}", "").Replace(strings.ToLower(o.path())),
		"summary":     o.Title, "tags": []string{o.Group}, "parameters": parameters,
		"responses": object{"200": object{"description": "ok"}},
	}
	if o.Body != nil {
		described["requestBody"] = object{"content": object{"application/json": object{"schema": schemaOf(o.Body)}}}
	}
	return described
}

// typeOf is that of a value in an address.
func typeOf(value string) object {
	var number int
	if json.Unmarshal([]byte(value), &number) == nil {
		return object{"type": "integer"}
	}
	return object{"type": "string"}
}

// schemaOf is that of a value of a body.
func schemaOf(value any) object {
	switch v := value.(type) {
	case map[string]any:
		properties := object{}
		for name, of := range v {
			properties[name] = schemaOf(of)
		}
		return object{"type": "object", "properties": properties}
	case []any:
		items := object{}
		if len(v) > 0 {
			items = schemaOf(v[0])
		}
		return object{"type": "array", "items": items}
	case bool:
		return object{"type": "boolean"}
	case float64:
		if v == float64(int(v)) {
			return object{"type": "integer"}
		}
		return object{"type": "number"}
	}
	return object{"type": "string"}
}
