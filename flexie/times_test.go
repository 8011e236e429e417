package flexie

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTimes: what is understood as a moment, and how it is sent: as on the API
// page, in UTC.
func TestTimes(t *testing.T) {
	c := livingIn(t, "UTC")
	for given, want := range map[string]struct{ due, note string }{
		"2026-06-25 14:00":               {"2026-06-25 14:00", "2026-06-25T14:00:00+00:00"},
		"2026-06-25T14:00":               {"2026-06-25 14:00", "2026-06-25T14:00:00+00:00"},
		"2026-06-25 14:00:09":            {"2026-06-25 14:00", "2026-06-25T14:00:09+00:00"},
		"2026-06-25T14:00:59.999":        {"2026-06-25 14:00", "2026-06-25T14:00:59+00:00"},
		"2026-06-25T14:00:00Z":           {"2026-06-25 14:00", "2026-06-25T14:00:00+00:00"},
		"2026-06-25T14:00Z":              {"2026-06-25 14:00", "2026-06-25T14:00:00+00:00"},
		"2026-06-25T16:00:00+02:00":      {"2026-06-25 14:00", "2026-06-25T14:00:00+00:00"},
		"2026-06-25T16:00:00+0200":       {"2026-06-25 14:00", "2026-06-25T14:00:00+00:00"},
		"2026-06-25 16:00 +02:00":        {"2026-06-25 14:00", "2026-06-25T14:00:00+00:00"},
		"2026-06-25 16:00+02:00":         {"2026-06-25 14:00", "2026-06-25T14:00:00+00:00"},
		"2026-12-31T23:30:00-05:00":      {"2027-01-01 04:30", "2027-01-01T04:30:00+00:00"},
		"2028-02-29 00:00":               {"2028-02-29 00:00", "2028-02-29T00:00:00+00:00"},
		" 2026-06-25 14:00\n":            {"2026-06-25 14:00", "2026-06-25T14:00:00+00:00"},
		"2026-06-25":                     {},
		"2026-02-29 14:00":               {},
		"2026-06-25 24:00":               {},
		"2026-06-25 14:60":               {},
		"2026-06-25 2pm":                 {},
		"25/06/2026 14:00":               {},
		"06-25-2026 14:00":               {},
		"2026-06-25 14:00 CET":           {},
		"2026-06-25 14:00; DROP TABLE x": {},
		"tomorrow":                       {},
		"1782396000":                     {},
	} {
		due, err := c.dueDate(t.Context(), given)
		note, noteErr := c.noteTime(t.Context(), given)
		if want.due == "" {
			require.Equal(t, Invalid, KindOf(err), given)
			require.Equal(t, Invalid, KindOf(noteErr), given)
			continue
		}
		require.NoError(t, err, given)
		require.NoError(t, noteErr, given)
		require.Equal(t, want.due, due, given)
		require.Equal(t, want.note, note, given)
	}
}

// livingIn is a client of a user in a time zone.
func livingIn(t *testing.T, zone string) *Client {
	return clientOf(t, func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, nil, strings.NewReader(`{"user":{"id":1,"timezone":"`+zone+`"}}`)), nil
	})
}

// TestTimesAreTheUsers: without a zone, a moment is where the user is.
func TestTimesAreTheUsers(t *testing.T) {
	for _, test := range []struct{ zone, given, due string }{
		{"Europe/Belgrade", "2026-06-25 14:00", "2026-06-25 12:00"},
		{"Europe/Belgrade", "2026-01-25T14:00", "2026-01-25 13:00"},
		{"Europe/Belgrade", "2026-06-25T14:00Z", "2026-06-25 14:00"},
		{"America/New_York", "2026-12-31 23:30", "2027-01-01 04:30"},
		{"Asia/Kolkata", "2026-06-25 00:15", "2026-06-24 18:45"},
		{"", "2026-06-25 14:00", "2026-06-25 14:00"},
		{"Local", "2026-06-25 14:00", "2026-06-25 14:00"},
		{"Middle/Earth", "2026-06-25 14:00", "2026-06-25 14:00"},
	} {
		due, err := livingIn(t, test.zone).dueDate(t.Context(), test.given)
		require.NoError(t, err)
		require.Equal(t, test.due, due, "%s in %s", test.given, test.zone)
	}
}

// TestTheZoneIsReadOnce, when it is first needed, and UTC if it can't be.
func TestTheZoneIsReadOnce(t *testing.T) {
	r := office(t, map[string]http.HandlerFunc{"GET /api/users/self": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"user":{"id":1,"timezone":"Asia/Tokyo","role":2}}`))
	}})
	c := r.client(t)
	_, err := c.dueDate(t.Context(), "2026-06-25T14:00Z")
	require.NoError(t, err)
	require.Empty(t, r.lines(), "it is not needed")
	for range 2 {
		require.Equal(t, "Asia/Tokyo", c.Zone(WithNames(t.Context())).String())
	}
	require.Equal(t, []string{"GET /users/self"}, r.lines())

	r = office(t, map[string]http.HandlerFunc{"GET /api/users/self": status(500)})
	c = r.client(t)
	require.Equal(t, time.UTC, c.Zone(t.Context()))
	require.Equal(t, time.UTC, c.Zone(t.Context()))
	require.Len(t, r.lines(), 1)
}

// TestFiltersAndValuesAreInUTC, and days stay days.
func TestFiltersAndValuesAreInUTC(t *testing.T) {
	r := office(t, map[string]http.HandlerFunc{
		"GET /api/users/self": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"user":{"id":1,"timezone":"Asia/Tokyo"}}`))
		},
		"GET /api/contacts/list/fields": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`[{"alias":"call_at","type":"datetime"},{"alias":"born","type":"date"},{"alias":"said","type":"text"}]`))
		},
	})
	c := r.client(t)
	contacts := c.Records(Contact, "")
	for _, test := range []struct {
		filter Filter
		input  string
	}{
		{Filter{"call_at", "gt", "2026-06-25 14:00"}, `"input":"2026-06-25 05:00:00"`},
		{Filter{"call_at", "between", []any{"2026-06-25", "2026-06-26T08:00"}}, `"input":["2026-06-25","2026-06-25 23:00:00"]`},
		{Filter{"date_added", "gte", "2026-06-25T14:00:00+02:00"}, `"input":"2026-06-25 12:00:00"`},
		{Filter{"born", "is", "2026-06-25"}, `"input":"2026-06-25"`},
		{Filter{"said", "is", "2026-06-25 14:00"}, `"input":"2026-06-25 14:00"`},
	} {
		_, err := contacts.Search(t.Context(), Query{Filters: []Filter{test.filter}})
		require.NoError(t, err)
		require.Contains(t, r.last(t).body, test.input)
	}
	_, err := c.SearchTasks(t.Context(), Query{Filters: []Filter{{"due_date", "lt", "2026-06-25 14:00"}}})
	require.NoError(t, err)
	require.Contains(t, r.last(t).body, `"input":"2026-06-25 05:00:00"`)

	for given, want := range map[string]string{
		`{"call_at":"2026-06-25 14:00"}`:     `{"call_at":"2026-06-25 05:00:00"}`,
		`{"call_at":"2026-06-25"}`:           `{"call_at":"2026-06-24 15:00:00"}`,
		`{"call_at":"2026-06-25T14:00:00Z"}`: `{"call_at":"2026-06-25 14:00:00"}`,
		`{"born":"2026-06-25"}`:              `{"born":"2026-06-25"}`,
		`{"said":"2026-06-25 14:00"}`:        `{"said":"2026-06-25 14:00"}`,
	} {
		checked, err := contacts.Check(t.Context(), object(t, given), false)
		require.NoError(t, err)
		require.Equal(t, want, shown(t, checked))
	}
}
