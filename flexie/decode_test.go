package flexie

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDecodeJSON(t *testing.T) {
	for text, want := range map[string]any{
		`null`: nil, ` true `: true, `false`: false, `""`: "", "\t\"a\\u00e9\\n\\\"\\ud83d\\ude00\"\r\n": "aé\n\"😀",
		`-0`: number("-0"), `1e400`: number("1e400"), `9007199254740993`: number("9007199254740993"), `0.10`: number("0.10"),
		`[]`: []any{}, `[ 1 , "a",[ ] ]`: []any{number("1"), "a", []any{}},
		"\"a\xffb\"": "a\uFFFDb", `"\ud800"`: "\uFFFD",
	} {
		got, err := DecodeJSON([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	got, err := DecodeJSON([]byte(`["1",1,"1",1,"true",true]`))
	require.NoError(t, err)
	require.Equal(t, []any{"1", number("1"), "1", number("1"), "true", true}, got, "what is shared keeps its type")

	o := object(t, `{ "b" : 1 ,"a":{"":2},"b":3, "\u0061":4, "\u00e9":5}`)
	require.Equal(t, []string{"b", "a", "é"}, keysOf(o), "a key that comes twice keeps its place and has its last value")
	require.Equal(t, `{"b":3,"a":4,"é":5}`, shown(t, o))
}

func TestDecodeJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``: "unexpected EOF", `  `: "unexpected EOF", `{"a":`: "unexpected EOF", `["a`: "unexpected EOF", `tru`: "unexpected EOF",
		`{} {}`: "more text follows", `1 2`: "more text follows",
		`{a:1}`: "invalid character 'a'", `[1,]`: "invalid character ']'", `{"a":1,}`: "invalid character '}'",
		`01`: "more text follows", `+1`: "invalid character '+'", `NaN`: "invalid character 'N'", `'a'`: `invalid character '\''`, "\"a\nb\"": "invalid character '\\n'",
		strings.Repeat("[", 300) + strings.Repeat("]", 300):           "nested more than 200 levels deep",
		strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300): "nested more than 200 levels deep",
		strings.Repeat("[", 1_000_000):                                "",
	} {
		_, err := DecodeJSON([]byte(text))
		require.ErrorContains(t, err, want, text[:min(20, len(text))])
	}
	deepest := strings.Repeat("[", 201) + strings.Repeat("]", 201)
	_, err := DecodeJSON([]byte(deepest))
	require.NoError(t, err)
}

// anyJSON generates what JSON can hold, some levels deep.
func anyJSON(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.String().AsAny(),
		rapid.Map(rapid.Int64(), func(n int64) any { return number(strconv.FormatInt(n, 10)) }),
		rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,4})?`), func(s string) any { return number(s) }),
	}
	if depth > 0 {
		kinds = append(kinds,
			rapid.Map(rapid.SliceOfN(anyJSON(depth-1), 0, 8), func(items []any) any { return items }),
			rapid.Map(rapid.SliceOfN(rapid.String(), 0, 2*fewMembers), func(keys []string) any { return objectOf(keys) }),
			rapid.Custom(func(t *rapid.T) any {
				o := NewObject()
				for _, key := range rapid.SliceOfN(rapid.String(), 0, 8).Draw(t, "keys") {
					o.Set(key, anyJSON(depth-1).Draw(t, "value"))
				}
				return o
			}))
	}
	return rapid.OneOf(kinds...)
}

func objectOf(keys []string) *Object {
	o := NewObject()
	for _, key := range keys {
		o.Set(key, key)
	}
	return o
}

// TestDecodeWhatWasMarshalled: values, order and digits come back.
func TestDecodeWhatWasMarshalled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyJSON(3).Draw(t, "value")
		for _, write := range []func(any) ([]byte, error){EncodeJSON, json.Marshal} {
			data, err := write(v)
			require.NoError(t, err)
			got, err := DecodeJSON(data)
			require.NoError(t, err)
			again, err := write(got)
			require.NoError(t, err)
			require.Equal(t, string(data), string(again))
			requireSame(t, v, got)
		}
	})
}

// requireSame compares two values, the order of members included.
func requireSame(t require.TestingT, want, got any) {
	switch want := want.(type) {
	case *Object:
		o, ok := got.(*Object)
		require.True(t, ok)
		require.Equal(t, keysOf(want), keysOf(o))
		for key, value := range want.All() {
			requireSame(t, value, o.Get(key))
		}
	case []any:
		require.Len(t, got, len(want))
		for i, item := range want {
			requireSame(t, item, got.([]any)[i])
		}
	default:
		require.Equal(t, want, got)
	}
}

// checkDecode decodes any bytes, as a short answer and as a long one, and holds
// the result against the standard decoder's.
func checkDecode(t require.TestingT, data []byte) {
	checkDecoded(t, data)
	checkDecoded(t, append(bytes.Repeat([]byte(" "), repeating), data...))
}

func checkDecoded(t require.TestingT, data []byte) {
	got, err := DecodeJSON(data)
	var want any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if !json.Valid(data) {
		require.Error(t, err)
		return
	}
	require.NoError(t, d.Decode(&want))
	if err != nil {
		require.ErrorContains(t, err, "levels deep")
		return
	}
	require.Equal(t, want, plain(got))
}

// plain is a decoded value with maps for Objects.
func plain(v any) any {
	switch v := v.(type) {
	case *Object:
		m := map[string]any{}
		for key, value := range v.All() {
			m[key] = plain(value)
		}
		return m
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = plain(item)
		}
		return items
	}
	return v
}

func TestDecodeAnyBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkDecode(t, rapid.SliceOf(rapid.Byte()).Draw(t, "data")) })
	// Bytes that are JSON but for one.
	rapid.Check(t, func(t *rapid.T) {
		data, err := EncodeJSON(anyJSON(2).Draw(t, "value"))
		require.NoError(t, err)
		data[rapid.IntRange(0, len(data)-1).Draw(t, "place")] = rapid.Byte().Draw(t, "byte")
		checkDecode(t, data)
	})
}

func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		`[,]`, `[1 2]`, `{"a" 1}`, `{"a":1 "b":2}`, `{,}`, `[1,]`, `{"a":}`, `"\x"`, `"\`, "\"\x00\"", "\x00", "[\x00]", "[1]\x00",
		`1.`, `.1`, `-`, `00`, `1e`, `--1`, `truefalse`, `nul`, "{\"\xff\":1}",
		`{"a":[1.50,"\u00e9\\",null,true,{"b":{}}],"a":2}`, `[[[`, "\xef\xbb\xbf1", `"\ud800"`, "\"\xff\"", `{"a" :-0.0e+10 }`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkDecode(t, data)
		if v, err := DecodeJSON(data); err == nil {
			// What was read can be written and read again, whatever it is.
			text, err := EncodeJSON(v)
			require.NoError(t, err)
			require.True(t, utf8.Valid(text))
			again, err := DecodeJSON(text)
			require.NoError(t, err)
			requireSame(t, v, again)
			_, _, _ = present.readList(v, "contacts")
			if o, err := present.readOne(v, "contact"); err == nil {
				present.readRecord(o)
			}
			saysError(v)
			readError(v, &Error{})
		}
	})
}
