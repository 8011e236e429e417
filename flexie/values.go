package flexie

import (
	"context"
	"fmt"
	"strings"
)

// Check makes of the values that were given those to send: fields by their
// alias, choices, numbers, dates and so on as Flexie takes them. What is wrong
// is one error with all its Problems. creating also asks for every required
// field. Where the workspace won't tell its fields, values go as they are.
func (r Records) Check(ctx context.Context, values *Object, creating bool) (*Object, error) {
	c, err := r.checking(ctx, values)
	if err != nil {
		return nil, err
	}
	if creating {
		c.needRequired()
	}
	return c.checked, refused(c.problems)
}

// CheckEdit is Check for Edit: unique is the field whose value names the
// record, by alias or label.
func (r Records) CheckEdit(ctx context.Context, unique string, values *Object) (*Object, error) {
	c, err := r.checking(ctx, values)
	if err != nil {
		return nil, err
	}
	c.needUnique(unique)
	return c.checked, refused(c.problems)
}

// checking is a check under way.
type checking struct {
	of       Records
	fields   []Field           // none where the workspace won't tell
	names    map[string]string // by alias, the name that it was given under
	checked  *Object
	problems []string
	inUTC    func(any) any // a moment as Flexie keeps it
}

func (r Records) checking(ctx context.Context, values *Object) (*checking, error) {
	fields, err := r.knownFields(ctx)
	if err != nil {
		return nil, err
	}
	c := &checking{of: r, fields: fields, names: map[string]string{}, checked: NewObject()}
	c.inUTC = func(v any) any { return r.c.inUTC(ctx, v) }
	for name, value := range values.All() {
		c.take(name, value)
	}
	c.nameOwner(ctx)
	return c, nil
}

// take checks one value under the name that it was given.
func (c *checking) take(name string, value any) {
	f, problem := c.find(name)
	if problem != "" {
		c.problem("%s", problem)
		return
	}
	if other, taken := c.names[f.Alias]; taken {
		c.problem("%s and %s are the same field, %s: give it once", quoted(other), quoted(name), short(f.Alias))
		return
	}
	c.names[f.Alias] = name
	if f.kind() == "datetime" {
		value = c.inUTC(midnightHere(value))
	}
	value, problem = f.accept(value)
	if problem != "" {
		c.problem("%s %s", f, problem)
	}
	c.checked.Set(f.Alias, value)
}

func (c *checking) find(name string) (Field, string) {
	if len(c.fields) == 0 {
		return Field{Alias: name}, ""
	}
	f, problem := c.of.find(c.fields, name)
	if systemFields[f.Alias] == f.Type {
		f.Type = "" // who and when come in more than one form: Flexie judges
	}
	return f, problem
}

// needRequired asks for the required fields that were not given and that
// Flexie has nothing to fill in for.
func (c *checking) needRequired() {
	for _, f := range c.fields {
		if _, given := c.names[f.Alias]; f.Required && !given && f.Default == "" {
			c.problem("%s is required%s", f, f.hint())
		}
	}
}

// needUnique asks for the value that names a record.
func (c *checking) needUnique(name string) {
	f, problem := c.find(name)
	switch {
	case problem != "":
		c.problem("unique_field: %s", problem)
	case !f.Unique && len(uniques(c.fields)) > 0:
		c.problem("unique_field can't be %s, which several records may share; use %s", f, Or(aliases(uniques(c.fields))))
	case isBlank(c.checked.Get(f.Alias)):
		c.problem("unique_field is %s, so fields must hold its value: it says which one to change", short(f.Alias))
	case c.checked.Len() == 1:
		c.problem("nothing to change: give the new values in fields")
	}
	for _, other := range uniques(c.fields) {
		if other.Alias != f.Alias && c.checked.Has(other.Alias) {
			c.problem("fields holds %s too, which is as unique: Flexie can't be told which of the two names the record; name it by id", short(other.Alias))
		}
	}
}

func uniques(fields []Field) (unique []Field) {
	for _, f := range fields {
		if f.Unique {
			unique = append(unique, f)
		}
	}
	return unique
}

func (c *checking) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// isBlank reports whether a value says nothing: sent, it empties a field.
func isBlank(v any) bool {
	text, isText := v.(string)
	return v == nil || isText && strings.TrimSpace(text) == "" || isEmpty(v)
}
