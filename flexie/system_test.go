package flexie

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSystemProperties: they come first, in one order and by one name, however
// they are written.
func TestSystemProperties(t *testing.T) {
	camel := `{"owner":{"id":3,"username":"ann","firstName":"Ann","lastName":"Lee"},"modifiedByUser":"B","modifiedBy":2,"dateModified":"2026-06-22T11:00:00+02:00",
		"createdByUser":"A","createdBy":1,"dateAdded":"2026-01-05T09:00:00Z","isPublished":true,"name":"x","id":9}`
	snake := `{"name":"x","owner":"Ann Lee","owner_id":3,"modified_by_user":"B","modified_by":2,"date_modified":"2026-06-22 09:00:00",
		"created_by_user":"A","created_by":1,"date_added":"2026-01-05 09:00","is_published":true,"id":9}`
	want := `{"id":9,"is_published":true,"date_added":"2026-01-05 09:00:00","created_by":1,"created_by_user":"A","date_modified":"2026-06-22 09:00:00",` +
		`"modified_by":2,"modified_by_user":"B","owner_id":3,"owner":"Ann Lee","name":"x"}`
	for _, text := range []string{camel, snake} {
		require.Equal(t, want, shown(t, present.readRecord(object(t, text)).Values))
	}
}

func TestOwner(t *testing.T) {
	for given, want := range map[string]string{
		`{"owner":{"id":3,"firstName":"Ann","lastName":null,"username":"ann"}}`: `{"owner_id":3,"owner":"Ann"}`,
		`{"owner":{"id":3,"username":"ann"}}`:                                   `{"owner_id":3,"owner":"ann"}`,
		`{"owner":{"id":3,"name":"Ann Lee"}}`:                                   `{"owner_id":3,"owner":"Ann Lee"}`,
		`{"owner":null}`:                                                        `{"owner_id":null,"owner":null}`,
		`{"owner":[]}`:                                                          `{"owner_id":null,"owner":null}`,
		`{"owner":"Ann Lee"}`:                                                   `{"owner":"Ann Lee"}`,
		`{"owner_id":3,"owner":null}`:                                           `{"owner_id":3,"owner":null}`,
		`{"owner_id":"3"}`:                                                      `{"owner_id":"3"}`,
	} {
		require.Equal(t, want, shown(t, present.readRecord(object(t, given)).Values), given)
	}
}

// TestTimesAreAlike: a moment reads the same beside the fields and in them, and
// what is none stays as it is.
func TestTimesAreAlike(t *testing.T) {
	for given, want := range map[string]string{
		"2026-07-23T13:14:00+00:00":     "2026-07-23 13:14:00",
		"2026-12-31T23:30:00-05:00":     "2027-01-01 04:30:00",
		"2026-07-23T13:14:00.25Z":       "2026-07-23 13:14:00",
		"2026-07-23 13:14":              "2026-07-23 13:14:00",
		"2026-07-23 13:14:09":           "2026-07-23 13:14:09",
		"2026-07-23":                    "2026-07-23",
		"2026-13-23T13:14:00Z":          "2026-13-23T13:14:00Z",
		"call 2026-07-23T13:14:00Z now": "call 2026-07-23T13:14:00Z now",
		"0000-00-00 00:00:00":           "0000-00-00 00:00:00",
	} {
		o := NewObject()
		o.Set("due_date", given)
		fields := object(t, `{"fields":{"all":{}}}`)
		fields.Get("fields").(*Object).Get("all").(*Object).Set("due_date", given)
		require.Equal(t, want, present.readRecord(o).Values.Get("due_date"), given)
		require.Equal(t, want, present.readRecord(fields).Values.Get("due_date"), given)
	}
}
