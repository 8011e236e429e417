package config

// hidden stands for a secret that is set.
const hidden = "set, hidden"

// Row is one setting as the config command lists it.
type Row struct {
	Name   string // the TOML key
	Value  string // as text, a secret masked; "" when not set
	Origin Origin
}

// Rows are all settings in the order of their declaration.
func (l *Loaded) Rows() []Row {
	rows := make([]Row, 0, len(fields))
	for _, f := range fields {
		rows = append(rows, Row{f.key, f.masked(l.Settings), l.origins[f.key]})
	}
	return rows
}
