package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flexie-mcp/flexie"
	"flexie-mcp/schema"
)

func decode(t require.TestingT, text string) arguments {
	var a arguments
	require.NoError(t, schema.Decode(argumentsSchema, []byte(text), &a))
	return a
}

func TestDecode(t *testing.T) {
	a := decode(t, `{"id":42,"list_id":7,"search":"acme","name":"","done":false,"tags":["a","b"],"limit":5,
		"include":["is"],"filters":[{"field":"amount","op":"is","value":12345678901234567.89}],"fields":{"z":1,"a":null}}`)
	require.Equal(t, flexie.ID(42), a.ID)
	require.Equal(t, flexie.ID(7), *a.ListID)
	require.Equal(t, "acme", a.Search)
	require.Empty(t, *a.Name, "an empty text is a value: it empties a field")
	require.False(t, *a.Done)
	require.Equal(t, []string{"a", "b"}, a.Tags)
	require.Equal(t, 5, a.Limit)
	require.Equal(t, []word{"is"}, a.Include)
	require.Equal(t, []condition{{"amount", "is", schema.Loose{Value: json.Number("12345678901234567.89")}}}, a.Filters)
	fields, err := json.Marshal(a.Fields)
	require.NoError(t, err)
	require.Equal(t, `{"z":1,"a":null}`, string(fields), "fields keep their order and their nulls")
}

func TestWhatIsLeftOutStaysUnset(t *testing.T) {
	for _, text := range []string{
		`{"id":1}`,
		`{"id":1,"list_id":null,"name":null,"done":null,"tags":null,"fields":null,"limit":null}`,
		`{"id":1,"list_id":"","done":"","tags":"","fields":"","limit":""}`,
	} {
		require.Equal(t, arguments{ID: 1}, decode(t, text), text)
	}
}

// TestSlipsAreMended has what models send in place of what is meant.
func TestSlipsAreMended(t *testing.T) {
	for _, test := range []struct {
		slip string
		want arguments
	}{
		{`{"id":"42"}`, arguments{ID: 42}},
		{`{"id":" 42 "}`, arguments{ID: 42}},
		{`{"id":42.0}`, arguments{ID: 42}},
		{`{"id":4.2e1}`, arguments{ID: 42}},
		{`{"id":"9007199254740993"}`, arguments{ID: 9007199254740993}},
		{`{"ID":1}`, arguments{ID: 1}},
		{`{"id":1,"search":42}`, arguments{ID: 1, Search: "42"}},
		{`{"id":1,"search":true}`, arguments{ID: 1, Search: "true"}},
		{`{"id":1,"tags":"a"}`, arguments{ID: 1, Tags: []string{"a"}}},
		{`{"id":1,"tags":"a, b"}`, arguments{ID: 1, Tags: []string{"a, b"}}},
		{`{"id":1,"tags":"[\"a\",\"b\"]"}`, arguments{ID: 1, Tags: []string{"a", "b"}}},
		{`{"id":1,"include":"is, is_not"}`, arguments{ID: 1, Include: []word{"is", "is_not"}}},
		{`{"id":1,"include":["IS","is not","Is-Not"]}`, arguments{ID: 1, Include: []word{"is", "is_not", "is_not"}}},
		{`{"id":1,"filters":{"field":"a","op":"is"}}`, arguments{ID: 1, Filters: []condition{{Field: "a", Op: "is"}}}},
		{`{"id":1,"filters":"[{\"field\":\"a\",\"op\":\"is\"}]"}`, arguments{ID: 1, Filters: []condition{{Field: "a", Op: "is"}}}},
	} {
		require.Equal(t, test.want, decode(t, test.slip), test.slip)
	}
	require.Equal(t, flexie.ID(7), *decode(t, `{"id":1,"listId":7}`).ListID)
	for _, yes := range []string{`true`, `"true"`, `"Yes"`, `1`, `"1"`} {
		require.True(t, *decode(t, `{"id":1,"done":`+yes+`}`).Done, yes)
	}
	require.Equal(t, "jane@acme.com", decode(t, `{"id":1,"fields":"{\"email\":\"jane@acme.com\"}"}`).Fields.Get("email"))
}

// TestAllThatIsWrongIsSaidAtOnce: a model gets one try for each message.
func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	for _, test := range []struct {
		text     string
		problems []string
	}{
		{``, []string{"id is missing: The contact's id."}},
		{`null`, []string{"id is missing: The contact's id."}},
		{`{"id":null}`, []string{"id is missing: The contact's id."}},
		{`7`, []string{"the arguments must be an object; got 7"}},
		{`{"id":"a <b> & c"}`, []string{`id must be a whole number, like 42; got "a <b> & c"`}},
		{`{"id":1}{"id":2}`, []string{"the arguments are not whole JSON: more text follows the JSON value"}},
		{`{"id":1.5}`, []string{"id must be a whole number, like 42; got 1.5"}},
		{`{"id":-1}`, []string{"id must be above 0, like 42; got -1"}},
		{`{"id":1e400}`, []string{"id must be a whole number, like 42; got 1e400"}},
		{`{"id":"0x10"}`, []string{`id must be a whole number, like 42; got "0x10"`}},
		{`{"id":99999999999999999999}`, []string{"id must be a whole number, like 42; got 99999999999999999999"}},
		{`{"id":1,"limit":500,"done":"maybe","name":{},"fields":[1]}`, []string{
			"limit must be at most 200; got 500",
			`done must be true or false; got "maybe"`,
			"name must be text; got {}",
			`fields must be an object, like {"email":"jane@acme.com"}; got [1]`,
		}},
		{`{"id":1,"filters":[{"field":"a","op":"has"},"x",{"feild":"b","op":"is"}]}`, []string{
			`filters[0].op can't be "has"; use one of is, is_not`,
			`filters[1] must be an object; got "x"`,
			"there is no argument filters[2].feild; use field, op or value",
			"filters[2].field is missing: Field alias.",
		}},
		{`{"id":1,"limit":9223372036854775807}`, []string{"limit can't be 9223372036854775807: that is too many"}},
		{`{"id":2,"Id":3}`, []string{"id is given twice: give it once"}},
		{`{"id":1,"serch":"x"}`, []string{"there is no argument serch; did you mean search, done or fields?"}},
	} {
		var a arguments
		err := schema.Decode(argumentsSchema, []byte(test.text), &a)
		var wrong *schema.ArgumentError
		require.ErrorAs(t, err, &wrong, test.text)
		require.Equal(t, test.problems, wrong.Problems, test.text)
	}
}

// TestDecodeNeverPanics throws at it whatever is JSON.
func TestDecodeNeverPanics(t *testing.T) {
	names := rapid.SampledFrom([]string{"id", "list_id", "search", "name", "done", "tags", "include", "filters", "fields", "limit", "x"})
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.MapOf(names, rapid.Deferred(func() *rapid.Generator[any] { return anyJSON(3) })).Draw(t, "arguments")
		data, err := json.Marshal(values)
		require.NoError(t, err)
		var a arguments
		_ = schema.Decode(argumentsSchema, data, &a)
	})
}

func anyJSON(depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int().AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.String().AsAny(),
	}
	if depth > 0 {
		inner := anyJSON(depth - 1)
		leaves = append(leaves, rapid.SliceOfN(inner, 0, 3).AsAny(), rapid.MapOfN(rapid.StringMatching(`[a-z_]{1,8}`), inner, 0, 3).AsAny())
	}
	return rapid.OneOf(leaves...)
}
