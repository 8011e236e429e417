package resources

import "flexie-mcp/flexie"

// Structured is the answer as data. Some clients show a model only this half,
// so it says all that Text says, in about as many tokens: names once, rows as
// lists of cells.
func (a Answer) Structured() *flexie.Object {
	o := flexie.NewObject()
	o.Set("summary", a.Summary)
	var sections []*flexie.Object
	for _, p := range a.Parts {
		if p.Title == "" {
			p.fill(o)
			continue
		}
		section := flexie.NewObject()
		section.Set("title", p.Title)
		p.fill(section)
		sections = append(sections, section)
	}
	if len(sections) > 0 {
		o.Set("sections", sections)
	}
	return o
}

func (p Part) fill(o *flexie.Object) {
	if len(p.Values) > 0 {
		values := flexie.NewObject()
		for _, v := range p.Values {
			values.Set(v.Name, v.Text)
		}
		o.Set("values", values)
	}
	if len(p.Table.Rows) > 0 {
		o.Set("columns", p.Table.Columns)
		o.Set("rows", p.Table.Rows)
	}
	if p.Text != "" {
		o.Set("text", p.Text)
	}
}
