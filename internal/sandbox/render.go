package sandbox

import (
	"strconv"
	"strings"
)

// person is what an answer says of a user.
type person struct{ username, first, last string }

func (p person) full() string { return strings.TrimSpace(p.first + " " + p.last) }

// render is an item as the dialect shows it.
func (c *call) render(it *item) (object, error) {
	if err := c.loadNames(); err != nil {
		return nil, err
	}
	if !c.dialect.nested {
		return c.flat(it), nil
	}
	o := c.envelope(it)
	if !it.kind.isRecord() {
		return append(o, c.attributes(it)...), nil
	}
	if id, ok := it.data["identifier"]; ok {
		o = o.with("identifier", id) // Guess: where a case shows its public identifier
	}
	return o.with("fields", c.nestedFields(it)), nil
}

// envelope is what every nested thing has around its own values.
func (c *call) envelope(it *item) object {
	o := object{{"id", it.id}}
	if it.kind.field("isPublished") == nil {
		o = o.with("isPublished", true)
	}
	o = append(o, object{
		{"dateAdded", rfc3339(it.created)},
		{"createdBy", orNull(it.createdBy)},
		{"createdByUser", c.userName(it.createdBy)},
		{"dateModified", rfc3339(it.modified)},
		{"modifiedBy", orNull(it.modifiedBy)},
		{"modifiedByUser", c.userName(it.modifiedBy)},
	}...)
	if it.kind.field("owner_id") != nil {
		o = o.with("owner", c.owner(integer(it.data["owner_id"])))
	}
	return o
}

// attributes are the values of what is no record, by the names of answers.
func (c *call) attributes(it *item) object {
	var o object
	for i := range it.kind.fields {
		f := &it.kind.fields[i]
		if f.secret {
			continue
		}
		v := it.data[f.alias]
		if text, ok := v.(string); ok && f.class() == times {
			v = rfc3339(text)
		}
		o = o.with(f.name(), v)
	}
	return o
}

// flat is an item as one level of values, named as Flexie's requests name them.
func (c *call) flat(it *item) object {
	o := object{{"id", it.id}}
	for i := range it.kind.fields {
		if f := &it.kind.fields[i]; !f.secret {
			o = o.with(f.name(), it.data[f.alias])
		}
	}
	if it.kind.field("isPublished") == nil {
		o = o.with("is_published", true)
	}
	if it.kind.field("owner_id") != nil {
		o = o.with("owner", c.owner(integer(it.data["owner_id"]))) // Guess: that flat records name their owner too
	}
	return append(o, object{
		{"date_added", orNullText(it.created)},
		{"created_by", orNull(it.createdBy)},
		{"created_by_user", c.userName(it.createdBy)},
		{"date_modified", orNullText(it.modified)},
		{"modified_by", orNull(it.modifiedBy)},
		{"modified_by_user", c.userName(it.modifiedBy)},
	}...)
}

// nestedFields are a record's values by category. An empty category is [], as
// PHP writes an empty object.
func (c *call) nestedFields(it *item) object {
	var o object
	for _, g := range it.kind.groups {
		if in := c.nestedGroup(it, g); in != nil {
			o = o.with(g.alias, in)
		} else {
			o = o.with(g.alias, []any{})
		}
	}
	if c.dialect.complete {
		o = o.with("all", all(it))
	}
	return o
}

func (c *call) nestedGroup(it *item, g group) object {
	var o object
	number := it.kind.firstField
	for i := range it.kind.fields {
		f := &it.kind.fields[i]
		if f.unlisted {
			continue
		}
		if f.group == g.alias {
			o = o.with(f.alias, c.nestedValue(f, number, it.data[f.alias]))
		}
		number++
	}
	return o
}

func (c *call) nestedValue(f *field, id int, v any) object {
	if !c.dialect.complete {
		return object{{"value", v}}
	}
	return object{
		{"id", strconv.Itoa(id)}, {"label", f.label}, {"alias", f.alias},
		{"type", f.typ}, {"group", f.group}, {"value", v},
	}
}

// all are a record's values by alias, once more.
func all(it *item) object {
	var o object
	for _, f := range it.kind.fields {
		if !f.unlisted {
			o = o.with(f.alias, it.data[f.alias])
		}
	}
	return o
}

// owner is who owns a record, in short.
func (c *call) owner(id int64) any {
	p, ok := c.names[id]
	if !ok {
		return nil
	}
	return object{{"id", id}, {"username", p.username}, {"firstName", p.first}, {"lastName", p.last}}
}

func (c *call) userName(id int64) any {
	if p, ok := c.names[id]; ok {
		return p.full()
	}
	return nil
}

// loadNames reads all users' names at once, so that a page of records is one query.
func (c *call) loadNames() error {
	if c.names != nil {
		return nil
	}
	c.names = map[int64]person{}
	rows, err := c.Query(`SELECT id, data ->> 'username', data ->> 'firstName', data ->> 'lastName' FROM item WHERE kind = 'user'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var p person
		if err := rows.Scan(&id, &p.username, &p.first, &p.last); err != nil {
			return err
		}
		c.names[id] = p
	}
	return rows.Err()
}

// rfc3339 is a kept time as nested dialects write it.
func rfc3339(kept string) any {
	if kept == "" {
		return nil
	}
	return strings.Replace(kept, " ", "T", 1) + "+00:00"
}

func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func orNullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}
