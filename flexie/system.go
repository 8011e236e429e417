package flexie

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// This file knows the properties that every record has beside its fields. They
// are written in camel case in one shape, and in snake case in the other and as
// aliases of filters and orders: the API page's own orderBy is "date_modified".
// Assumption: system-properties.

// systemFields can be filtered and ordered by in every kind, though no list of
// fields has them.
var systemFields = map[string]string{
	"id":            "number",
	"date_added":    "datetime",
	"date_modified": "datetime",
	"created_by":    "number",
	"modified_by":   "number",
	"owner_id":      "number",
	"is_published":  "boolean",
}

// systemOrder is the order in which they are shown.
var systemOrder = []string{
	"id", "is_published", "date_added", "created_by", "created_by_user",
	"date_modified", "modified_by", "modified_by_user", "owner_id", "owner", "identifier",
}

// IsOwn reports whether a property is Flexie's own doing, and can't be given by
// anyone else.
func IsOwn(name string) bool { return name != "owner_id" && slices.Contains(systemOrder, name) }

// ordered puts the system properties first, in the same order whatever shape
// they came in.
func ordered(values *Object) *Object {
	sorted := RoomFor(values.Len())
	for _, name := range systemOrder {
		if values.Has(name) {
			sorted.Set(name, values.Get(name))
		}
	}
	for name, value := range values.All() {
		sorted.Set(name, value)
	}
	return sorted
}

// setSystem sets a property that stands beside the fields.
func (a *assumed) setSystem(values *Object, key string, value any) {
	if name, ok := a.system[key]; ok {
		key = name
	}
	if key == "owner" {
		setOwner(values, value)
		return
	}
	values.Set(key, a.plainTime(key, value))
}

// setOwner sets two properties: a filter and a change name the owner by
// owner_id; a person, by name.
func setOwner(values *Object, owner any) {
	if isEmpty(owner) { // [] for {}: nobody's
		owner = nil
	}
	if id, isID := owner.(json.Number); isID && !values.Has("owner_id") {
		values.Set("owner_id", id)
		owner = nil
	}
	person, ok := owner.(*Object)
	if ok || owner == nil && !values.Has("owner_id") {
		values.Set("owner_id", person.Get("id"))
	}
	if ok {
		owner = personName(person)
	}
	values.Set("owner", owner)
}

func personName(o *Object) string {
	name := strings.TrimSpace(stringOf(o.Get("firstName")) + " " + stringOf(o.Get("lastName")))
	return firstNonEmpty(name, stringOf(o.Get("name")), stringOf(o.Get("username")))
}

// plainTime writes a moment in SQL's form, "2026-06-22 09:00:00" in UTC, which
// filters take and people read. Anything else stays as it is.
func (a *assumed) plainTime(key string, v any) any {
	s, _ := v.(string)
	if len(s) < len("2006-01-02 15:04") || s[4] != '-' {
		return v // as nearly all values are: spares making an error of each
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil && strings.Contains(key, "date") {
		t, err = time.ParseInLocation(toMinutes, s, a.place())
	}
	if err != nil && a.zone != nil {
		t, err = time.ParseInLocation(time.DateTime, s, a.zone)
	}
	if err != nil {
		return v
	}
	return t.UTC().Format(time.DateTime)
}
