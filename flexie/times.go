package flexie

import (
	"fmt"
	"strings"
	"time"
)

// timeLayouts are the ways of writing a moment that are understood: RFC 3339,
// and the same with a space, without seconds or without a zone. A moment
// without a zone is UTC, as Flexie keeps its dates. Assumption: times-are-utc.
var timeLayouts = func() (layouts []string) {
	for _, clock := range []string{"T15:04:05", "T15:04", " 15:04:05", " 15:04"} {
		for _, zone := range []string{"Z07:00", "Z0700", " Z07:00", ""} {
			layouts = append(layouts, time.DateOnly+clock+zone)
		}
	}
	return layouts
}()

func parseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time", s)
}

// isDate reports whether s is a day, or a moment of one.
func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	if err != nil {
		_, err = parseTime(s)
	}
	return err == nil
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
