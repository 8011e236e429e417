package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

var (
	plainName     = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)
	plainTypes    = []string{"string", "integer", "number", "boolean", "object", "array"}
	plainKeywords = []string{"type", "description", "properties", "required", "items", "enum", "minimum", "maximum"}
)

// Lint lists what some client would refuse in a tool's schema: anything out of
// the plain subset. It looks at the bytes that go out, not at how they were
// made.
func Lint(raw json.RawMessage) []string {
	var top map[string]any
	if err := json.Unmarshal(raw, &top); err != nil {
		return []string{fmt.Sprintf("not a JSON object: %v", err)}
	}
	if top["type"] != "object" {
		return []string{"the top is not of type object"}
	}
	l := linter{}
	l.schema("", top)
	if bytes.Contains(raw, []byte(`"$`)) {
		l.report("", "a keyword starts with $")
	}
	return l.problems
}

type linter struct{ problems []string }

func (l *linter) report(at, problem string) { l.problems = append(l.problems, at+": "+problem) }

func (l *linter) schema(at string, v any) {
	s, ok := v.(map[string]any)
	if !ok {
		l.report(at, fmt.Sprintf("%v stands where a schema should", v))
		return
	}
	for keyword := range s {
		if !slices.Contains(plainKeywords, keyword) {
			l.report(at, "has the keyword "+keyword)
		}
	}
	kind, _ := s["type"].(string)
	if !slices.Contains(plainTypes, kind) {
		l.report(at, fmt.Sprintf("its type is %v", s["type"]))
	}
	if (kind == "array") != (s["items"] != nil) {
		l.report(at, "items and the type array do not go together")
	}
	if kind != "object" && (s["properties"] != nil || s["required"] != nil) {
		l.report(at, "has properties but is no object")
	}
	l.parts(at, s)
}

func (l *linter) parts(at string, s map[string]any) {
	if items := s["items"]; items != nil {
		l.schema(at+"[]", items)
	}
	properties, _ := s["properties"].(map[string]any)
	for name, property := range properties {
		if !plainName.MatchString(name) {
			l.report(at+"."+name, "the name is not plain")
		}
		l.schema(at+"."+name, property)
	}
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, ok := properties[fmt.Sprint(name)]; !ok {
			l.report(at, fmt.Sprintf("%v is required and not a property", name))
		}
	}
}
