package schema

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strconv"
	"strings"
)

// scalar sets a string, an integer or a boolean.
func (d *decoder) scalar(name string, s *Schema, v any, dst reflect.Value) {
	switch dst.Kind() {
	case reflect.String:
		d.text(name, s, v, dst)
	case reflect.Int, reflect.Int64:
		d.integer(name, s, v, dst)
	case reflect.Bool:
		d.boolean(name, v, dst)
	default:
		panic("schema: arguments of type " + dst.Type().String() + " are not read")
	}
}

// Word is a choice of words that has others for some of them: Meant returns the
// one that was meant, or what was said.
type Word interface{ Meant(said string) string }

func (d *decoder) text(name string, s *Schema, v any, dst reflect.Value) {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	case bool:
		text = strconv.FormatBool(v)
	default:
		d.problem("%s must be text; got %s", name, show(name, v))
		return
	}
	if len(s.Enum) == 0 {
		dst.SetString(text)
		return
	}
	if word, ok := dst.Interface().(Word); ok {
		text = word.Meant(plainWord(text))
	}
	var allowed []string
	for _, choice := range s.Enum {
		c := choice.(string)
		if plainWord(c) == plainWord(text) {
			dst.SetString(c)
			return
		}
		allowed = append(allowed, c)
	}
	d.problem("%s can't be %s; use one of %s", name, show(name, v), strings.Join(allowed, ", "))
}

func plainWord(s string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(s)))
}

func (d *decoder) integer(name string, s *Schema, v any, dst reflect.Value) {
	n, ok := wholeNumber(v)
	if !ok {
		d.problem("%s must be a whole number, like 42; got %s", name, show(name, v))
		return
	}
	if dst.Type() == idType && n < 1 {
		d.problem("%s must be above 0, like 42; got %d", name, n)
		return
	}
	if dst.Kind() == reflect.Int && (n > mostCount || n < -mostCount) {
		d.problem("%s can't be %d: that is too many", name, n)
		return
	}
	if low, err := s.Minimum.Int64(); err == nil && n < low {
		d.problem("%s must be at least %d; got %d", name, low, n)
		return
	}
	if high, err := s.Maximum.Int64(); err == nil && n > high {
		d.problem("%s must be at most %d; got %d", name, high, n)
		return
	}
	dst.SetInt(n)
}

// mostCount bounds counts, so that none runs over when it is added to.
const mostCount = 1_000_000_000

// wholeNumber reads 42, 42.0, 4.2e1 and "42", exactly.
func wholeNumber(v any) (int64, bool) {
	text, ok := v.(string)
	if n, isNumber := v.(json.Number); isNumber {
		text, ok = n.String(), true
	}
	if !ok || len(text) > 30 || strings.ContainsAny(text, "/_xXpP") {
		return 0, false
	}
	if mantissa, exponent, found := strings.Cut(strings.ToLower(text), "e"); found && (len(exponent) > 3 || mantissa == "") {
		return 0, false
	}
	r, ok := new(big.Rat).SetString(strings.TrimSpace(text))
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

var truth = map[string]bool{
	"true": true, "yes": true, "1": true, "on": true,
	"false": false, "no": false, "0": false, "off": false,
}

func (d *decoder) boolean(name string, v any, dst reflect.Value) {
	text := strings.Trim(asJSON(v), `"`)
	b, ok := truth[strings.ToLower(text)]
	if !ok {
		d.problem("%s must be true or false; got %s", name, show(name, v))
		return
	}
	dst.SetBool(b)
}
