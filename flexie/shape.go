package flexie

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// This file reads the shapes in which Flexie, or the Mautic it descends from,
// may answer. It refuses none that carries the data.

// Record is anything that Flexie keeps: a contact, a task, a note, a user.
type Record struct {
	ID     string
	Values *Object // by alias, system properties first, in Flexie's order
}

// Page is a part of a list.
type Page struct {
	Records []Record
	Start   int   // the place of the first record in the whole list, from 0
	Total   int64 // of the whole list; -1 where the answer does not say and it can't be told
}

// More is the start of the next page, or 0 if this is known to be the last.
func (p Page) More() int {
	next := p.Start + len(p.Records)
	if len(p.Records) == 0 || p.Total >= 0 && int64(next) >= p.Total {
		return 0
	}
	return next
}

// totalNames are the members that may hold how many there are in all.
// Assumption: list-shapes.
var totalNames = []string{"total", "totalResults", "totalCount", "count"}

// systemNames are properties of a record that are written in camel case in one
// shape and, as aliases of filters and orders, in snake case in the other. The
// API page's own orderBy is "date_modified". Assumption: system-properties.
var systemNames = map[string]string{
	"dateAdded":      "date_added",
	"dateModified":   "date_modified",
	"createdBy":      "created_by",
	"createdByUser":  "created_by_user",
	"modifiedBy":     "modified_by",
	"modifiedByUser": "modified_by_user",
	"isPublished":    "is_published",
	"dateTime":       "datetime", // of a note, which is written as datetime
}

var systemOrder = []string{
	"id", "is_published", "date_added", "created_by", "created_by_user",
	"date_modified", "modified_by", "modified_by_user", "owner_id", "owner", "identifier",
}

// readList finds the items of a list and its total, -1 if it has none. The
// list is a bare array, an object keyed by id, or either of the two under one
// of names, or else under the one member that can be it.
func readList(answer any, names ...string) (items []any, total int64, err error) {
	o, ok := answer.(*Object)
	if !ok {
		items, err := readItems(answer)
		return items, -1, err
	}
	total = readTotal(o)
	for _, name := range names {
		if o.Has(name) {
			items, err := readItems(o.Get(name))
			return items, total, err
		}
	}
	if member, ok := onlyList(o); ok && !keyedByID(o) {
		items, err := readItems(member)
		return items, total, err
	}
	if o.Len() > 0 && !keyedByID(o) {
		return nil, 0, unreadable(200, "the answer holds no list that could be read")
	}
	items, err = readItems(o)
	return items, total, err
}

func readTotal(o *Object) int64 {
	for _, name := range totalNames {
		if n, err := strconv.ParseInt(stringOf(o.Get(name)), 10, 64); err == nil && n >= 0 {
			return n
		}
	}
	return -1
}

// readItems reads an array, or an object keyed by id, whose items then get
// their key as id where they carry none.
func readItems(v any) ([]any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		return v, nil
	case *Object:
		items := make([]any, 0, v.Len())
		for key, item := range v.All() {
			if one, ok := item.(*Object); ok && !one.Has("id") && isNumber(key) {
				one.Set("id", json.Number(key))
			}
			items = append(items, item)
		}
		return items, nil
	}
	return nil, unreadable(200, "the answer holds a single value where a list was expected")
}

// keyedByID reports whether every key of an object is a number.
func keyedByID(o *Object) bool {
	for key := range o.All() {
		if !isNumber(key) {
			return false
		}
	}
	return o.Len() > 0
}

// onlyList returns the one member of o that is an array or an object keyed by
// id, if there is just one.
func onlyList(o *Object) (any, bool) {
	var found any
	n := 0
	for _, v := range o.All() {
		one, isObject := v.(*Object)
		if _, isArray := v.([]any); isArray || isObject && keyedByID(one) {
			found = v
			n++
		}
	}
	return found, n == 1
}

// readOne finds the one record of an answer, with its outer name or without.
func readOne(answer any, names ...string) (*Object, error) {
	for _, name := range names {
		if o, ok := answer.(*Object); ok && !o.Has("id") {
			if inner := first(o.Get(name)); inner != nil {
				return inner, nil
			}
		}
	}
	o := first(answer)
	if o == nil {
		return nil, unreadable(200, "the answer holds no record that could be read")
	}
	if o.Has("id") || o.Has("fields") {
		return o, nil
	}
	// An outer name that is not known, as those of custom tables are.
	if inner := onlyRecord(o); inner != nil {
		return inner, nil
	}
	return o, nil
}

// first returns v if it is an object, or the only item of a list of one.
func first(v any) *Object {
	if items := list(v); len(items) == 1 {
		v = items[0]
	}
	o, _ := v.(*Object)
	return o
}

func onlyRecord(o *Object) *Object {
	var found *Object
	for _, v := range o.All() {
		if inner, ok := v.(*Object); ok {
			if found != nil {
				return nil
			}
			found = inner
		}
	}
	return found
}

// readRecord flattens a record: its system properties, then its field values
// from fields.all, from fields.GROUP.ALIAS.value, or from beside the id.
// Assumption: record-shapes.
func readRecord(o *Object) Record {
	values := NewObject()
	for key, value := range o.All() {
		if key != "fields" {
			setSystem(values, key, value)
		}
	}
	setFields(values, o.Get("fields"))
	return Record{ID: stringOf(o.Get("id")), Values: ordered(values)}
}

// ordered puts the system properties first, in the same order whatever shape
// they came in.
func ordered(values *Object) *Object {
	sorted := NewObject()
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

func setSystem(values *Object, key string, value any) {
	if name, ok := systemNames[key]; ok {
		key = name
	}
	value = plainTime(key, value)
	if key == "owner" {
		// A filter and a change name the owner by owner_id; a person, by name.
		owner, _ := value.(*Object)
		if owner != nil || value == nil && !values.Has("owner_id") {
			values.Set("owner_id", owner.Get("id"))
		}
		if owner != nil {
			value = personName(owner)
		}
	}
	values.Set(key, value)
}

func setFields(values *Object, fields any) {
	groups, ok := fields.(*Object)
	if !ok {
		for _, item := range list(fields) {
			setField(values, "", item)
		}
		return
	}
	if all, ok := groups.Get("all").(*Object); ok {
		for alias, value := range all.All() {
			setField(values, alias, value)
		}
		return
	}
	for _, group := range groups.All() {
		members, _ := group.(*Object)
		for alias, field := range members.All() {
			setField(values, alias, field)
		}
	}
}

// setField sets one field, given as its bare value or as an object that
// describes it.
func setField(values *Object, alias string, field any) {
	if described, ok := field.(*Object); ok && described.Has("value") {
		alias = firstNonEmpty(stringOf(described.Get("alias")), alias)
		field = described.Get("value")
	}
	// A null field must not hide a system property of the same name.
	if alias == "" || field == nil && values.Has(alias) {
		return
	}
	values.Set(alias, field)
}

func personName(o *Object) string {
	name := strings.TrimSpace(stringOf(o.Get("firstName")) + " " + stringOf(o.Get("lastName")))
	return firstNonEmpty(name, stringOf(o.Get("name")), stringOf(o.Get("username")))
}

// plainTime writes a moment in SQL's form, "2026-06-22 09:00:00" in UTC, which
// filters take and people read. Anything else stays as it is.
func plainTime(key string, v any) any {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil && strings.Contains(key, "date") {
		t, err = time.Parse("2006-01-02 15:04", s)
	}
	if err != nil {
		return v
	}
	return t.UTC().Format(time.DateTime)
}

func stringOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func list(v any) []any {
	items, _ := v.([]any)
	return items
}

func isNumber(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}
