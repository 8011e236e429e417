package flexie

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Same reports whether two values of Flexie's mean the same, however each is
// written: "1", 1 and 1.00; true, "true" and 1; a moment in UTC with a space or
// as RFC 3339, and a day as its first moment; a list and "a|b", in any order;
// null, "" and []. Text is trimmed, and its case counts.
//
// It is for values of one field. Two values that are the same here may still be
// two texts, like "true" and "1".
func Same(a, b any) bool { return meaning(a) == meaning(b) }

// meaning is a value in the one form that all ways of writing it share. A text
// starts with a quote, so that none can pass for anything else.
func meaning(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return strconv.Itoa(map[bool]int{true: 1}[v])
	case string:
		return meaningOfText(v)
	case json.Number:
		if n, ok := exact(v.String()); ok {
			return n
		}
		return strconv.Quote(v.String())
	case []any:
		return meaningOfList(v)
	case *Object:
		return meaningOfObject(v)
	}
	return meaningOfOther(v)
}

// meaningOfOther reads a Go value by the JSON that it becomes.
func meaningOfOther(v any) string {
	data, err := EncodeJSON(v)
	if err != nil {
		return strconv.Quote("unreadable")
	}
	plain, err := DecodeJSON(data)
	if err != nil {
		return strconv.Quote(string(data))
	}
	return meaning(plain)
}

func meaningOfText(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if strings.Contains(s, "|") {
		var parts []any
		for part := range strings.SplitSeq(s, "|") {
			parts = append(parts, part)
		}
		return meaningOfList(parts)
	}
	switch s {
	case "", "true", "false":
		return map[string]string{"true": "1", "false": "0"}[s]
	}
	if n, ok := exact(s); ok && plainNumber.MatchString(s) {
		return n
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return meaningOfTime(day)
	}
	if at, err := parseTime(s, time.UTC); err == nil {
		return meaningOfTime(at)
	}
	return strconv.Quote(s)
}

// meaningOfTime leaves out parts of seconds, which Flexie does not keep.
func meaningOfTime(t time.Time) string { return "at " + t.UTC().Format(time.DateTime) }

// plainNumber is a text that is a number and nothing else: with a zero or a plus
// in front it may be a phone number or a postcode.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// longestNumber is up to how many digits are read as a number.
const longestNumber = 60

// exact is a number without the digits that say nothing.
func exact(s string) (string, bool) {
	if len(s) > longestNumber || strings.ContainsAny(s, "/_xXpPoObB") {
		return "", false
	}
	if _, power, ok := strings.Cut(strings.ToLower(s), "e"); ok {
		if n, err := strconv.Atoi(power); err != nil || n < -longestNumber || n > longestNumber {
			return "", false
		}
	}
	n, ok := new(big.Rat).SetString(s)
	if !ok {
		return "", false
	}
	return n.RatString(), true
}

// meaningOfList is that of a set: a list of one is the same as the one alone.
func meaningOfList(items []any) string {
	var all []string
	for _, item := range items {
		if m := meaning(item); m != "" {
			all = append(all, m)
		}
	}
	slices.Sort(all)
	switch all = slices.Compact(all); len(all) {
	case 0:
		return ""
	case 1:
		return all[0]
	}
	return "[" + strings.Join(all, ",") + "]"
}

func meaningOfObject(o *Object) string {
	var all []string
	for key, value := range o.All() {
		if m := meaning(value); m != "" {
			all = append(all, strconv.Quote(key)+":"+m)
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return "{" + strings.Join(all, ",") + "}"
}
