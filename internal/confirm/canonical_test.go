package confirm

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		``: `{}`, ` `: `{}`, `{}`: `{}`, ` { } `: `{}`, `null`: `null`,
		`{"b": 1, "a": [1, 2.50, 1e3, -0]}`: `{"a":[1,2.50,1e3,-0],"b":1}`,
		`{"a":1,"a":2}`:                     `{"a":2}`,
		`{"f":{"x":1},"f":{"y":2}}`:         `{"f":{"y":2}}`,
		`"\u0041\/<&>\u00e9"`:               `"A/<&>é"`,
		`12345678901234567890`:              `12345678901234567890`,
		`{"a":1} {}`:                        `{"a":1} {}`, // not JSON
		`{"a":`:                             `{"a":`,
	} {
		require.Equal(t, want, Canonical([]byte(in)))
	}
}

// TestTheSameMeaningIsTheSameText however it is written.
func TestTheSameMeaningIsTheSameText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := values(3).Draw(t, "value")
		a, b := write(t, value), write(t, value)
		require.Equal(t, Canonical([]byte(a)), Canonical([]byte(b)), "%s and %s", a, b)
	})
}

// values are JSON values; a number is the text of one.
func values(depth int) *rapid.Generator[any] {
	plain := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Int(), func(n int) any { return json.Number(fmt.Sprint(n)) }),
	)
	if depth == 0 {
		return plain
	}
	return rapid.OneOf(plain,
		rapid.Map(rapid.SliceOfN(values(depth-1), 0, 4), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(rapid.String(), values(depth-1), 0, 4), func(m map[string]any) any { return m }),
	)
}

// write writes a value with spaces, escapes, orders and forgotten keys of its
// own.
func write(t *rapid.T, value any) string {
	space := func() string { return rapid.SampledFrom([]string{"", " ", "\n\t"}).Draw(t, "space") }
	var parts []string
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			parts = append(parts, write(t, item))
		}
		return space() + "[" + strings.Join(parts, ",") + space() + "]" + space()
	case map[string]any:
		var keys []string
		for key := range v {
			keys = append(keys, key)
		}
		if len(keys) > 0 {
			keys = rapid.Permutation(keys).Draw(t, "order")
			if rapid.Bool().Draw(t, "twice") {
				parts = append(parts, text(t, keys[len(keys)-1])+`:{"other":1}`)
			}
		}
		for _, key := range keys {
			parts = append(parts, space()+text(t, key)+space()+":"+write(t, v[key]))
		}
		return "{" + strings.Join(parts, ",") + "}" + space()
	case string:
		return space() + text(t, v)
	}
	data, _ := json.Marshal(value)
	return space() + string(data) + space()
}

// text writes a string with some of its letters escaped.
func text(t *rapid.T, s string) string {
	var b strings.Builder
	for _, r := range s {
		data, _ := json.Marshal(string(r))
		if r < 0x10000 && rapid.Bool().Draw(t, "escape") {
			data = fmt.Appendf(nil, `"\u%04x"`, r)
		}
		b.Write(data[1 : len(data)-1])
	}
	return `"` + b.String() + `"`
}

// FuzzCanonical: the text says what the arguments say, and is its own text.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{"a":1,"a":[2,{"b":"\ud800"}]}`, "", `{"a":1}x`, "\xff", `{"\u0000":1e400}`, `"\u2028<"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out := Canonical(in)
		require.Equal(t, out, Canonical([]byte(out)))
		if json.Valid(in) {
			var a, b any
			require.NoError(t, decodeNumbers(string(in), &a))
			require.NoError(t, decodeNumbers(out, &b))
			require.Equal(t, a, b)
		}
	})
}

func decodeNumbers(text string, into any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}
