package sandbox

import (
	"slices"
	"strconv"
	"strings"
)

// field is one field of a kind.
type field struct {
	alias   string
	label   string
	typ     string // one of fieldTypes
	group   string
	options []string // of a select or multiselect whose values are their labels
	choices []choice // of a select whose values are numbers
	target  string   // of a lookup: the kind it points at
	initial any      // what a new record has when nothing is given

	required bool
	unique   bool
	readOnly bool
	unlisted bool   // accepted and answered, but not among the described fields
	secret   bool   // checked and then forgotten: never kept, never answered
	as       string // its name in answers, where that differs from the alias
}

// choice is one value of a select with numbers.
type choice struct {
	value int64
	label string
}

// class is how a field's values compare.
type class int

const (
	textual class = iota
	numeric
	dates
	times
	truth
	set  // a multiselect: several texts
	tree // anything else: kept and answered as it is
)

// fieldTypes are the types a field may have, and how each compares.
// Guess: the names beyond text, email, number, date and select.
var fieldTypes = map[string]class{
	"text": textual, "textarea": textual, "email": textual, "phone": textual, "url": textual, "country": textual, "select": textual,
	"number": numeric, "currency": numeric, "lookup": numeric, "owner": numeric,
	"date": dates, "datetime": times, "boolean": truth, "multiselect": set, "json": tree,
}

func (f *field) class() class {
	if len(f.choices) > 0 {
		return numeric
	}
	return fieldTypes[f.typ]
}

// name is what the field is called in answers. Guess: names that Flexie's
// page shows in request bodies come back the same.
func (f *field) name() string {
	if f.as != "" {
		return f.as
	}
	return f.alias
}

// ownerField is the owner of a record. Deals and cases describe it, since
// Flexie's page shows it in their bodies; elsewhere it works undescribed.
var ownerField = field{alias: "owner_id", label: "Owner", typ: "owner", group: "core", target: "user", unlisted: true}

// owned gives a kind's fields an owner if they have none.
func owned(fields []field) []field {
	if slices.ContainsFunc(fields, func(f field) bool { return f.alias == "owner_id" }) {
		return fields
	}
	return append(slices.Clip(fields), ownerField)
}

// newGroup reads "core:Core".
func newGroup(s string) group {
	alias, title, _ := strings.Cut(s, ":")
	return group{alias, title}
}

// described are the fields that a workspace shows of a kind.
func (k *kind) described() []field {
	return slices.DeleteFunc(slices.Clone(k.fields), func(f field) bool { return f.unlisted })
}

// listFields answers .../list/fields: an object keyed by number in the classic
// dialect, an array in the others.
func listFields(c *call) (any, error) {
	var entries []entry
	for i, f := range c.kind.described() {
		id := int64(c.kind.firstField + i)
		entries = append(entries, entry{id, c.describeField(&f, id, i+1)})
	}
	return c.dialect.keyedOr(entries), nil
}

func (c *call) describeField(f *field, id int64, order int) object {
	unique := "isUniqueIdentifier"
	if c.dialect.misspelt {
		unique = "isUniqueIdentifer"
	}
	return object{
		{"id", strconv.FormatInt(id, 10)},
		{"label", f.label},
		{"alias", f.alias},
		{"type", f.typ},
		{"group", f.group},
		{"order", order},
		{"isPublished", true},
		{"isRequired", f.required},
		{unique, f.unique},
		{"isReadOnly", f.readOnly}, // Guess: how a field says that it can't be written
		{"defaultValue", f.initial},
		{"properties", c.properties(f)},
	}
}

// properties are a field's options, or what it points at. Empty ones are [],
// as PHP writes an empty object.
func (c *call) properties(f *field) any {
	switch {
	case len(f.choices) > 0: // labels differ from values: "a|b|c" could not hold them
		return object{{"list", choiceList(f.choices)}}
	case len(f.options) > 0 && c.dialect.pipes:
		return object{{"list", strings.Join(f.options, "|")}}
	case len(f.options) > 0:
		return object{{"list", optionList(f.options)}}
	case f.target != "":
		return object{{"entity", f.target}} // Guess: how a lookup names its kind
	}
	return []any{}
}

func choiceList(choices []choice) []any {
	var list []any
	for _, ch := range choices {
		list = append(list, object{{"label", ch.label}, {"value", ch.value}})
	}
	return list
}

func optionList(options []string) []any {
	var list []any
	for _, option := range options {
		list = append(list, object{{"label", option}, {"value", option}})
	}
	return list
}

// listFieldCategories answers .../list/fields/categories.
func listFieldCategories(c *call) (any, error) {
	var entries []entry
	for i, g := range c.kind.groups {
		id := int64(i + 1)
		entries = append(entries, entry{id, object{{"id", id}, {"title", g.title}, {"alias", g.alias}, {"order", i + 1}}})
	}
	return c.dialect.list("categories", len(entries), entries), nil
}
