package flexie

import "time"

// This file writes moments as Flexie takes them, where it does not take them in
// UTC. Everything else here is in UTC; only what goes out, and what plainTime
// reads, is in the zone of the assumptions.

// toMinutes is how a task's due time is written.
const toMinutes = "2006-01-02 15:04"

// place is the zone of times without one.
func (a *assumed) place() *time.Location {
	if a.zone == nil {
		return time.UTC
	}
	return a.zone
}

// outgoing is a body to send, with its moments in that zone. The one given is left
// as it is.
func (a *assumed) outgoing(body any) any {
	if a.zone == nil {
		return body
	}
	switch body := body.(type) {
	case *Object:
		sent := RoomFor(body.Len())
		for name, value := range body.All() {
			sent.Set(name, a.there(value))
		}
		return sent
	case Task:
		if body.DueDate != nil {
			due := a.timeThere(*body.DueDate, toMinutes)
			body.DueDate = &due
		}
		return body
	case wireQuery:
		filters := make([]wireFilter, len(body.Filters))
		for i, f := range body.Filters {
			f.Value.Input = a.there(f.Value.Input)
			filters[i] = f
		}
		body.Filters = filters
		return body
	}
	return body
}

// there is a value with its moments in that zone.
func (a *assumed) there(v any) any {
	switch v := v.(type) {
	case string:
		return a.timeThere(v, time.DateTime)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = a.there(item)
		}
		return items
	}
	return v
}

// timeThere is a moment in that zone; a text that is none stays as it is.
func (a *assumed) timeThere(s, layout string) string {
	t, err := time.Parse(layout, s)
	if err != nil {
		return s
	}
	return t.In(a.zone).Format(layout)
}
