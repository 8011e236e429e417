package flexie

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSame: each row means one thing, however it is written.
func TestSame(t *testing.T) {
	rows := [][]any{
		{nil, "", "  ", []any{}, []any{nil, ""}, "|", (*Object)(nil), NewObject()},
		{"1", 1, int64(1), 1.0, "1.00", " 1 ", true, "true", json.Number("1"), json.Number("1.0"), json.Number("1e0"), ID(1), []any{"1"}},
		{"0", 0, false, "false", "0.00", "-0", json.Number("-0.0")},
		{"-1.5", -1.5, json.Number("-1.50"), json.Number("-15e-1")},
		{"12345678901234567890.10", json.Number("12345678901234567890.1")},
		{"12345678901234567890.11"},
		{"0044", " 0044"}, {44, "44", "44.0"}, {"+44"}, {"4e1"}, {40, json.Number("4e1")}, {"0x10"}, {"1/2"}, {0.5, "0.50"}, {"1_0"}, {10},
		{"Acme", " Acme\n"}, {"acme"}, {"R&D"}, {"R&amp;D"},
		{"a\r\nb", "a\nb"}, {"a b"},
		{"2026-06-25 14:00:00", "2026-06-25T14:00:00Z", "2026-06-25T14:00:00+00:00", "2026-06-25T16:00:00+02:00", "2026-06-25 14:00", "2026-06-25T14:00:00.123Z", time.Date(2026, 6, 25, 14, 0, 0, 0, time.UTC)},
		{"2026-06-25", "2026-06-25 00:00:00", "2026-06-25T00:00:00Z"},
		{"2026-06-26"}, {"2026-06-25 14:00:01"}, {"2026-02-30"}, {"at 2026-06-25 14:00:00"},
		{[]any{"a", "b"}, "a|b", "b | a", []string{"b", "a"}, []any{"b", "a", "a", nil}},
		{"b, a"}, {"a,b"}, {[]any{"a,b", "c"}}, {[]any{"a", "b,c"}}, {`["a","b"]`},
		{[]any{1, 2}, "1|2", "2|1.0", []any{"2", json.Number("1")}},
		{"a", []any{"a"}, "a|"},
		{object(t, `{"a":1,"b":null}`), object(t, `{"a":"1.0"}`), map[string]any{"a": true}},
		{object(t, `{"b":1}`)}, {object(t, `{"a":{"b":1}}`)}, {`{"a":1}`},
		{json.Number("1e1000000000")}, {math.Inf(1), math.NaN()}, {strings.Repeat("9", 100)}, {strings.Repeat("9", 101)},
	}
	for i, row := range rows {
		for j, other := range rows {
			for _, a := range row {
				for _, b := range other {
					require.Equal(t, i == j, Same(a, b), "%#v and %#v", a, b)
				}
			}
		}
	}
}
