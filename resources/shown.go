package resources

import "flexie-mcp/flexie"

// Shown is a record that an answer shows, under its address.
type Shown struct {
	Address string
	Record  flexie.Record
}

// shownOf are the records that have an address.
func shownOf(n Noun, records ...flexie.Record) []Shown {
	var all []Shown
	for _, r := range records {
		if at := n.At(r.ID); at != "" {
			all = append(all, Shown{at, r})
		}
	}
	return all
}
