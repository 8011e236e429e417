package telemetry

// other stands for every name that is not known.
const other = "other"

// names are the values that a label may have.
type names map[string]bool

func namesOf(known []string) names {
	n := names{}
	for _, name := range known {
		n[name] = true
	}
	return n
}

// label is the name, or other: a name that a caller made up would be a series
// that lasts until the program ends.
func (n names) label(name string) string {
	if n[name] {
		return name
	}
	return other
}
