package flexie

import (
	"encoding/json"
	"slices"
	"strconv"
)

// This file reads the shapes in which Flexie, or the Mautic it descends from,
// may answer. It refuses none that carries the data.

// Record is anything that Flexie keeps: a contact, a task, a note, a user.
type Record struct {
	ID     string
	Values *Object // by alias, system properties first, in Flexie's order

	// Complaint is what Flexie found wrong when it had made the record, "" if
	// nothing: a sentence without a full stop.
	Complaint string `json:",omitempty"`
}

// Page is a part of a list.
type Page struct {
	Records []Record
	Start   int   // the place of the first record in the whole list, from 0
	Total   int64 // of the whole list; -1 where the answer does not say and it can't be told
}

// First is a page of only the first n of its records.
func (p Page) First(n int) Page {
	p.Records = p.Records[:min(n, len(p.Records))]
	return p
}

// More is the start of the next page, or 0 if this is known to be the last.
func (p Page) More() int {
	next := p.Start + len(p.Records)
	if len(p.Records) == 0 || p.Total >= 0 && int64(next) >= p.Total {
		return 0
	}
	return next
}

// readList finds the records of a list and its total, -1 if it has none. The
// list is a bare array, an object keyed by id, or either of the two under one
// of names, or else under the one member that can be it. Assumption: list-shapes.
func (a *assumed) readList(answer any, names ...string) (records []*Object, total int64, err error) {
	if answer == nil {
		return nil, 0, unreadable(200, "Flexie answered with nothing at all")
	}
	o, ok := answer.(*Object)
	if !ok {
		records, err := readItems(answer)
		return records, -1, err
	}
	total = a.readTotal(o)
	inner, ok := listIn(o, slices.Concat(a.ListNames, names))
	if !ok && total != 0 {
		return nil, 0, unreadable(200, "the answer holds no list that could be read")
	}
	records, err = readItems(inner)
	return records, total, err
}

// listIn finds what holds the list in an answer that is an object.
func listIn(o *Object, names []string) (any, bool) {
	for _, name := range names {
		// A custom table may be called "total": only what can be a list counts.
		if v, ok := memberAt(o, name); ok && (v == nil || isList(v) || holdsObjects(v)) {
			return v, true
		}
	}
	if keyedByID(o) || o.Len() == 0 {
		return o, true
	}
	return onlyList(o)
}

func (a *assumed) readTotal(o *Object) int64 {
	for _, name := range a.ListTotals {
		v, _ := memberAt(o, name)
		if n, err := strconv.ParseInt(stringOf(v), 10, 64); err == nil && n >= 0 {
			return n
		}
	}
	return -1
}

// readItems reads an array, or an object keyed by id, whose records then get
// their key as id where they carry none.
func readItems(v any) ([]*Object, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		return readArray(v)
	case *Object:
		records := make([]*Object, 0, v.Len())
		for key, item := range v.All() {
			one, err := readItem(item)
			if err != nil {
				return nil, err
			}
			if !one.Has("id") && isNumber(key) {
				one.Set("id", json.Number(key))
			}
			records = append(records, one)
		}
		return records, nil
	}
	return nil, unreadable(200, "the answer holds a single value where a list was expected")
}

func readArray(items []any) ([]*Object, error) {
	records := make([]*Object, 0, len(items))
	for _, item := range items {
		one, err := readItem(item)
		if err != nil {
			return nil, err
		}
		records = append(records, one)
	}
	return records, nil
}

// readItem reads one item of a list. A bare text is a name and nothing else,
// as categories may be.
func readItem(item any) (*Object, error) {
	switch item := item.(type) {
	case *Object:
		return item, nil
	case []any:
		if len(item) == 0 { // PHP's way of writing {}
			return NewObject(), nil
		}
	case string:
		o := NewObject()
		o.Set("name", item)
		return o, nil
	}
	return nil, unreadable(200, "the answer holds a list of what are no records")
}

// isList reports whether v can be a list, whatever it is called.
func isList(v any) bool {
	switch v := v.(type) {
	case []any:
		return true
	case *Object:
		return v.Len() == 0 || keyedByID(v)
	}
	return false
}

// holdsObjects reports whether v is an object of nothing but objects, as a list
// keyed by something else than a number is.
func holdsObjects(v any) bool {
	o, ok := v.(*Object)
	for _, item := range o.All() {
		if _, isObject := item.(*Object); !isObject {
			return false
		}
	}
	return ok
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

// onlyList returns the one member of o that can be a list. One with something
// in it goes before empty ones, like an "errors":[] beside it.
func onlyList(o *Object) (list any, ok bool) {
	full := 0
	for _, v := range o.All() {
		if !isList(v) {
			continue
		}
		if isEmpty(v) {
			ok = true
			continue
		}
		list = v
		full++
	}
	return list, full == 1 || full == 0 && ok
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case []any:
		return len(v) == 0
	case *Object:
		return v.Len() == 0
	}
	return false
}

// readOne finds the one record of an answer, with its outer name or without.
func (a *assumed) readOne(answer any, names ...string) (*Object, error) {
	o := only(answer)
	if o == nil {
		return nil, noRecord()
	}
	if o.Has("id") {
		return o, nil
	}
	for _, name := range slices.Concat(a.RecordNames, names) {
		v, _ := memberAt(o, name)
		if inner := only(v); inner != nil {
			return inner, nil
		}
	}
	if o.Has(a.RecordFields) {
		return o, nil
	}
	return unnamed(o)
}

// unnamed finds the record in an answer that has neither a known outer name nor
// an id: under its only member, as that of a custom table may be, or else the
// answer itself.
func unnamed(o *Object) (*Object, error) {
	var inside []any
	for name, v := range o.All() {
		if name != "success" {
			inside = append(inside, v)
		}
	}
	if len(inside) > 1 {
		return o, nil
	}
	if len(inside) == 0 || inside[0] == nil || isEmpty(inside[0]) {
		return nil, noRecord()
	}
	if inner := only(inside[0]); inner != nil {
		return inner, nil
	}
	return o, nil
}

func noRecord() error { return unreadable(200, "the answer holds no record that could be read") }

// only returns v if it is an object, or the only item of a list of one.
func only(v any) *Object {
	if items := list(v); len(items) == 1 {
		v = items[0]
	}
	o, _ := v.(*Object)
	return o
}

// readRecord flattens a record: its system properties, then its field values
// from fields.all, from fields.GROUP.ALIAS.value, or from beside the id.
// Assumption: record-shapes.
func (a *assumed) readRecord(o *Object) Record {
	fields := o.Get(a.RecordFields)
	values := RoomFor(usualMembers)
	for key, value := range o.All() {
		if key != a.RecordFields || !describesFields(value) {
			a.setSystem(values, key, value)
		}
	}
	if describesFields(fields) {
		a.setFields(values, fields)
	}
	id := firstNonEmpty(stringOf(o.Get("id")), stringOf(values.Get("id")))
	return Record{ID: id, Values: ordered(values)}
}

// usualMembers is room for what most records hold, so that reading a long list
// does not grow each of them step by step.
const usualMembers = 24

// describesFields tells what holds the fields of a record from a field that
// happens to be called "fields".
func describesFields(v any) bool {
	for _, item := range list(v) {
		if _, ok := item.(*Object); !ok {
			return false
		}
	}
	switch v.(type) {
	case nil, []any, *Object:
		return true
	}
	return false
}

func (a *assumed) setFields(values *Object, fields any) {
	groups, ok := fields.(*Object)
	if !ok {
		a.setEach(values, list(fields))
		return
	}
	if all, ok := groups.Get(a.RecordAll).(*Object); ok {
		for alias, value := range all.All() {
			a.setField(values, alias, value)
		}
		return
	}
	for name, group := range groups.All() {
		a.setGroup(values, name, group)
	}
}

// setGroup sets the fields of one group: an object keyed by alias, or an array.
// What is neither is a field, by the name it stands under.
func (a *assumed) setGroup(values *Object, name string, group any) {
	members, ok := group.(*Object)
	switch {
	case ok && !a.isField(members):
		for alias, field := range members.All() {
			a.setField(values, alias, field)
		}
	case !ok && describesFields(group):
		a.setEach(values, list(group))
	default:
		a.setField(values, name, group)
	}
}

func (a *assumed) setEach(values *Object, fields []any) {
	for _, field := range fields {
		a.setField(values, "", field)
	}
}

// isField tells the description of one field from a group of them, which may
// have fields called "alias" and "value".
func (a *assumed) isField(o *Object) bool {
	_, isText := firstOf(o, a.FieldNames["alias"]).(string)
	return isText && o.Has(a.RecordValue)
}

// setField sets one field, given as its bare value or as an object that
// describes it.
func (a *assumed) setField(values *Object, alias string, field any) {
	if described, ok := field.(*Object); ok && described.Has(a.RecordValue) {
		alias = firstNonEmpty(textOf(described, a.FieldNames["alias"]), alias)
		field = described.Get(a.RecordValue)
	}
	// Neither a null field nor one called "id" hides a system property.
	if alias == "" || (field == nil || alias == "id") && values.Get(alias) != nil {
		return
	}
	values.Set(alias, a.plainTime(alias, field))
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
