package flexie

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// timeLayouts are the ways of writing a moment that are understood: RFC 3339,
// and the same with a space, without seconds or without a zone.
var timeLayouts = layouts("Z07:00", "Z0700", " Z07:00", "")

// localLayouts are those without a zone.
var localLayouts = layouts("")

func layouts(zones ...string) (layouts []string) {
	for _, clock := range []string{"T15:04:05", "T15:04", " 15:04:05", " 15:04"} {
		for _, zone := range zones {
			layouts = append(layouts, time.DateOnly+clock+zone)
		}
	}
	return layouts
}

// parseTime reads a moment; one without a zone is in the given one. What Flexie
// answers and takes is UTC. Assumption: times-are-utc.
func parseTime(s string, zone *time.Location) (time.Time, error) {
	if t, ok := parseAny(s, timeLayouts, zone); ok {
		return t.UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%q is not a time", s)
}

func parseAny(s string, layouts []string, zone *time.Location) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// hasNoZone reports whether s is a moment that depends on where one is.
func hasNoZone(s string) bool {
	_, ok := parseAny(s, localLayouts, time.UTC)
	return ok
}

// isDate reports whether s is a day, or a moment of one.
func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	if err != nil {
		_, err = parseTime(s, time.UTC)
	}
	return err == nil
}

// moment reads a moment as the user means it: without a zone, in theirs.
func (c *Client) moment(ctx context.Context, s string) (time.Time, error) {
	zone := time.UTC
	if hasNoZone(s) {
		zone = c.Zone(ctx)
	}
	return parseTime(s, zone)
}

// dueDate writes a task's due time as the API page does: "2026-06-25 14:00",
// in UTC.
func (c *Client) dueDate(ctx context.Context, s string) (string, error) {
	t, err := c.moment(ctx, s)
	if err != nil {
		return "", invalidf("due_date: %q is not a date and time; write it like 2026-06-25 14:00 or 2026-06-25T14:00:00+02:00", s)
	}
	return t.Format("2006-01-02 15:04"), nil
}

// noteTime writes a note's time as the API page does, in RFC 3339.
func (c *Client) noteTime(ctx context.Context, s string) (string, error) {
	t, err := c.moment(ctx, s)
	if err != nil {
		return "", invalidf("datetime: %q is not a date and time; write it like 2026-06-23 14:00 or 2026-06-23T14:00:00+02:00", s)
	}
	return t.Format("2006-01-02T15:04:05-07:00"), nil
}

// inUTC writes a moment as Flexie keeps it. Anything else stays as it is, a day
// too.
func (c *Client) inUTC(ctx context.Context, v any) any {
	if items := list(v); len(items) > 0 {
		all := make([]any, len(items))
		for i, item := range items {
			all[i] = c.inUTC(ctx, item)
		}
		return all
	}
	s, isText := v.(string)
	if _, isMoment := parseAny(s, timeLayouts, time.UTC); !isText || !isMoment {
		return v
	}
	t, err := c.moment(ctx, s)
	if err != nil {
		return v
	}
	return t.Format(time.DateTime)
}

// midnightHere is a day as its first moment where the user is.
func midnightHere(v any) any {
	s, _ := v.(string)
	if _, err := time.Parse(time.DateOnly, strings.TrimSpace(s)); err != nil {
		return v
	}
	return strings.TrimSpace(s) + " 00:00"
}
