package flexie

import (
	"fmt"
	"time"
)

// timeLayouts are the ways of writing a moment that are understood: RFC 3339,
// and the same with a space, without seconds or without a zone. A moment
// without a zone is UTC, as Flexie keeps its dates.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00",
}

func parseTime(s string) (time.Time, error) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time", s)
}

// dueDate writes a task's due time as the API page does: "2026-06-25 14:00",
// in UTC.
func dueDate(s string) (string, error) {
	t, err := parseTime(s)
	if err != nil {
		return "", invalidf("due_date: %q is not a date and time; write it like 2026-06-25 14:00 (UTC) or 2026-06-25T14:00:00+02:00", s)
	}
	return t.Format("2006-01-02 15:04"), nil
}

// noteTime writes a note's time as the API page does, in RFC 3339.
func noteTime(s string) (string, error) {
	t, err := parseTime(s)
	if err != nil {
		return "", invalidf("datetime: %q is not a date and time; write it like 2026-06-23T14:00:00+00:00", s)
	}
	return t.Format("2006-01-02T15:04:05-07:00"), nil
}
