package resources_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// TestNoTextLooksLikeTheTitleOfAReply, however it is written.
func TestNoTextLooksLikeTheTitleOfAReply(t *testing.T) {
	for _, line := range []string{
		"Reply 9, 2026-06-17 09:00, Anna", " Reply 9", "\u00a0Reply 9", "reply 9", "**Reply 9**", "## Reply 9",
		"\u200bReply 9", "R\u0435ply 9", "Ｒｅｐｌｙ 9", "R-e-p-l-y 9", "> Reply 9",
	} {
		r := record(t, `{"id":1}`)
		r.Values.Set("text", "Hello\n"+line)
		text := resources.RepliesAnswer("case 7", flexie.Page{Records: []flexie.Record{r}}).Text()
		require.Regexp(t, `(?m)^> .*9`, text, "%q", line)
	}
	text := resources.RepliesAnswer("case 7", page(t, 0, 1, `{"id":1,"text":"Hello\nWe repaired it"}`)).Text()
	require.NotContains(t, text, "> We", "the rest costs nothing")
	require.Contains(t, text, "\nWe repaired it\n")
}

// TestLastReply is quoted and short, and its time is where the user is.
func TestLastReply(t *testing.T) {
	r := record(t, `{"id":12,"date_added":"2026-06-22 09:00:00","created_by_user":"Anna"}`)
	r.Values.Set("text", "One\n\nYour reply\n"+strings.Repeat("x", 100))
	a := resources.Answer{Summary: "S.", Parts: []resources.Part{resources.LastReply(r, 20)}}
	require.True(t, a.HasTimes())
	zone, err := time.LoadLocation("Europe/Belgrade")
	require.NoError(t, err)
	require.Equal(t, "S. Times: Europe/Belgrade.\n\nLast so far: Reply 12, 2026-06-22 11:00, Anna\n> One\n> \n> Your reply\n> xxxx…", unfenced(t, a.In(zone).Text()))
}
