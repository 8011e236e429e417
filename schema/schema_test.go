package schema_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/schema"
)

type word string

func (word) JSONSchema() *schema.Schema {
	return &schema.Schema{Type: "string", Enum: []any{"is", "is_not"}}
}

type condition struct {
	Field string       `json:"field" jsonschema:"required" doc:"Field alias."`
	Op    word         `json:"op" jsonschema:"required"`
	Value schema.Loose `json:"value"`
}

type paging struct {
	Limit int `json:"limit" jsonschema:"minimum=1,maximum=200" doc:"Default 30."`
}

type arguments struct {
	ID      flexie.ID      `json:"id" jsonschema:"required" doc:"The {record}'s id."`
	ListID  *flexie.ID     `json:"list_id"`
	Search  string         `json:"search"`
	Name    *string        `json:"name"`
	Done    *bool          `json:"done"`
	Tags    []string       `json:"tags"`
	Include []word         `json:"include"`
	Filters []condition    `json:"filters"`
	Fields  *flexie.Object `json:"fields"`
	paging
}

var argumentsSchema = schema.Of(reflect.TypeFor[arguments](), strings.NewReplacer("{record}", "contact"))

func TestOf(t *testing.T) {
	data, err := json.Marshal(argumentsSchema)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"type": "object",
		"required": ["id"],
		"properties": {
			"id": {"type": "integer", "description": "The contact's id."},
			"list_id": {"type": "integer"},
			"search": {"type": "string"},
			"name": {"type": "string"},
			"done": {"type": "boolean"},
			"tags": {"type": "array", "items": {"type": "string"}},
			"include": {"type": "array", "items": {"type": "string", "enum": ["is", "is_not"]}},
			"filters": {"type": "array", "items": {
				"type": "object",
				"required": ["field", "op"],
				"properties": {
					"field": {"type": "string", "description": "Field alias."},
					"op": {"type": "string", "enum": ["is", "is_not"]},
					"value": {"type": "string"}
				}
			}},
			"fields": {"type": "object"},
			"limit": {"type": "integer", "minimum": 1, "maximum": 200, "description": "Default 30."}
		}
	}`, string(data))
	require.Empty(t, schema.Lint(data))
}

func TestNoArgumentsStillHaveProperties(t *testing.T) {
	data, err := json.Marshal(schema.Of(reflect.TypeFor[struct{}](), strings.NewReplacer()))
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"object","properties":{}}`, string(data))
}

func TestWithout(t *testing.T) {
	s := schema.Of(reflect.TypeFor[condition](), strings.NewReplacer())
	schema.Without(s, "op")
	data, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"object","required":["field"],"properties":{"field":{"type":"string","description":"Field alias."},"value":{"type":"string"}}}`, string(data))
}

// TestLintFindsWhatClientsRefuse has one case for each rule: a linter that
// lets one through is worth nothing.
func TestLintFindsWhatClientsRefuse(t *testing.T) {
	for name, raw := range map[string]string{
		"not JSON":                `{`,
		"not an object":           `{"type":"string"}`,
		"$schema":                 `{"$schema":"x","type":"object"}`,
		"$ref":                    `{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}}}`,
		"a boolean for a schema":  `{"type":"object","properties":{"a":true}}`,
		"additionalProperties":    `{"type":"object","additionalProperties":false}`,
		"a union":                 `{"type":"object","properties":{"a":{"anyOf":[{"type":"string"}]}}}`,
		"a list of types":         `{"type":"object","properties":{"a":{"type":["string","null"]}}}`,
		"no type":                 `{"type":"object","properties":{"a":{"description":"x"}}}`,
		"an array without items":  `{"type":"object","properties":{"a":{"type":"array"}}}`,
		"items of no array":       `{"type":"object","properties":{"a":{"type":"string","items":{"type":"string"}}}}`,
		"properties of no object": `{"type":"object","properties":{"a":{"type":"string","properties":{}}}}`,
		"bad items":               `{"type":"object","properties":{"a":{"type":"array","items":{"type":"any"}}}}`,
		"a name with a capital":   `{"type":"object","properties":{"ownerId":{"type":"string"}}}`,
		"a name of 49 letters":    `{"type":"object","properties":{"` + strings.Repeat("a", 49) + `":{"type":"string"}}}`,
		"an unknown required one": `{"type":"object","properties":{},"required":["a"]}`,
	} {
		require.NotEmpty(t, schema.Lint(json.RawMessage(raw)), name)
	}
}
