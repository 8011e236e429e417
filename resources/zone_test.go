package resources

import (
	"regexp"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
)

func record(pairs ...any) flexie.Record {
	values := flexie.NewObject()
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i].(string), pairs[i+1])
	}
	return flexie.Record{ID: "1", Values: values}
}

func belgrade(t *testing.T) *time.Location {
	zone, err := time.LoadLocation("Europe/Belgrade")
	require.NoError(t, err)
	return zone
}

// unfenced is the text of an answer without the lines of its fence.
func unfenced(a Answer) string {
	return regexp.MustCompile(`</?crm-data-\w+>\n|\n</crm-data-\w+>`).ReplaceAllString(a.Text(), "")
}

// TestTimesAreShownWhereTheUserIs, and which zone that is, once.
func TestTimesAreShownWhereTheUserIs(t *testing.T) {
	r := record("id", "1", "date_added", "2026-06-22 23:30:00", "winter", "2026-01-22 09:00:00", "due", "2026-06-22", "said", "at 2026-06-22 09:00:00")
	a := RecordAnswer(Contact, r).In(belgrade(t))
	require.Equal(t, "Contact 1. Times: Europe/Belgrade.\n\nid: 1\ndate_added: 2026-06-23 01:30\nwinter: 2026-01-22 10:00\ndue: 2026-06-22\nsaid: at 2026-06-22 09:00:00", unfenced(a))
	require.Equal(t, a, a.In(belgrade(t)), "not twice")

	list := ListAnswer(Note, flexie.Page{Records: []flexie.Record{r, r}, Total: 2}, flexie.Query{}, []string{"date_added"}).In(belgrade(t))
	require.Equal(t, "2 notes. Times: Europe/Belgrade.\n\nid | date_added\n1 | 2026-06-23 01:30\n1 | 2026-06-23 01:30", unfenced(list))
	require.Contains(t, list.Cut(1, "flexie://results/x").Text(), "Times: Europe/Belgrade.", "a cut answer says it too")

	replies := RepliesAnswer("case 1", flexie.Page{Records: []flexie.Record{record("date_added", "2026-06-22 09:00:00", "text", "2026-06-22 09:00:00")}})
	require.Equal(t, "1 reply to case 1. Times: UTC.\n\nReply 1, 2026-06-22 09:00\n2026-06-22 09:00:00", unfenced(replies.In(time.UTC)))
}

func TestWithoutTimesNoZoneIsSaid(t *testing.T) {
	a := RecordAnswer(Contact, record("id", "1", "due", "2026-06-22", "wrong", "2026-13-22 09:00:00x"))
	require.False(t, a.HasTimes())
	require.Equal(t, a, a.In(belgrade(t)))
}
