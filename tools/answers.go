package tools

import (
	"fmt"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// done is the answer of a write that has nothing to show.
func done(format string, args ...any) resources.Answer {
	return resources.Answer{Summary: fmt.Sprintf(format, args...)}
}

// wrote is the answer of a write that Flexie answers with the record.
func wrote(verb string, n resources.Noun, r flexie.Record) resources.Answer {
	if r.Values.Len() == 0 {
		return done("%s. Flexie's answer did not show the %s; search_%s or get_%s shows it as it is now.", verb, n.One, n.Many, n.One)
	}
	a := resources.RecordAnswer(n, r)
	a.Summary = verb + ". " + a.Summary
	return changing(a, a.Link)
}

// changing notes the addresses of what a write has changed, "" for none.
func changing(a resources.Answer, addresses ...string) resources.Answer {
	a.Changed = nil
	for _, address := range addresses {
		if address != "" {
			a.Changed = append(a.Changed, address)
		}
	}
	return a
}
