package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/journal"
	"flexie-mcp/tools"
)

// chaosMeeting is what came of a call that met a fault.
type chaosMeeting struct {
	tool   tools.Tool
	fault  chaos.Fault
	spot   string
	text   string
	failed bool
	sent   []chaos.Request
	writes []chaos.Request // of those
	acted  bool            // whether the workspace carried a write out
	entry  *journal.Entry
}

// chaosTally counts meetings.
type chaosTally struct {
	mu                     sync.Mutex
	calls, requests, acted int
	writing                int                     // calls that came as far as to write
	told                   map[journal.Outcome]int // of those, by what was told
}

func (s *chaosTally) add(m chaosMeeting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.requests += len(m.sent)
	if m.acted {
		s.acted++
	}
	if m.entry != nil && len(m.writes) > 0 {
		s.writing++
		s.told[m.entry.Outcome]++
	}
}

func (s *chaosTally) String() string {
	return fmt.Sprintf("%d calls made %d requests; %d came as far as to write, %d of them were carried out, and were told to be done %d, not done %d, not known %d",
		s.calls, s.requests, s.writing, s.acted, s.told[journal.Done], s.told[journal.NotDone], s.told[journal.Unknown])
}

// chaosSays are what an answer may say of each fault.
var chaosSays = map[string]*regexp.Regexp{
	chaos.Refused.Name:          regexp.MustCompile(`(?s)ould not connect to acme\.flexie\.io: connection refused; nothing was sent.*Check the network`),
	chaos.ResetBefore.Name:      regexp.MustCompile(`he connection to acme\.flexie\.io broke before an answer came: the other side closed it`),
	chaos.ResetAfter.Name:       regexp.MustCompile(`he connection to acme\.flexie\.io broke before an answer came: the other side closed it`),
	chaos.SilenceBefore.Name:    regexp.MustCompile(`o whole answer from acme\.flexie\.io within (29\.9s|30s): nothing of it came`),
	chaos.SilenceAfter.Name:     regexp.MustCompile(`o whole answer from acme\.flexie\.io within (29\.9s|30s): nothing of it came`),
	chaos.Drip.Name:             regexp.MustCompile(`o whole answer from acme\.flexie\.io within (29\.9s|30s): (only (29|30) bytes of it came|it began and did not go on)`),
	chaos.TooMany.Name:          regexp.MustCompile(`(?s)"?Too Many Requests"? \(HTTP 429\); tried [34] times.*takes no more requests for now: try again in a moment`),
	chaos.TooManyLater.Name:     regexp.MustCompile(`(?s)"?Too Many Requests"? \(HTTP 429\); tried [34] times.*takes no more requests for now: try again in 2s`),
	chaos.ServerError.Name:      regexp.MustCompile(`"?Internal Server Error"? \(HTTP 500\)`),
	chaos.ProxyError.Name:       regexp.MustCompile(`web page came back instead of an answer: "?502 Bad Gateway"? \(HTTP 502\)`),
	chaos.Unavailable.Name:      regexp.MustCompile(`"?Service Unavailable"? \(HTTP 503\)`),
	chaos.UnavailableLater.Name: regexp.MustCompile(`"?Service Unavailable"? \(HTTP 503\)`),
	chaos.Garbage.Name:          regexp.MustCompile(`he answer is not whole JSON`),
	chaos.Lying.Name:            regexp.MustCompile(`"?Something went wrong"? \(HTTP 500\)`),
	chaos.OtherShape.Name:       regexp.MustCompile(`he answer holds (no record that could be read|a list of what are no records)|he answer says nothing of permissions|lexie took it, and answered something that can't be read`),
	chaos.Truncated.Name:        regexp.MustCompile(`he connection to acme\.flexie\.io broke before the whole answer came`),
	chaos.TruncatedChunk.Name:   regexp.MustCompile(`he connection to acme\.flexie\.io broke before the whole answer came`),
	chaos.Huge.Name:             regexp.MustCompile(`he answer is larger than 32 MiB`),
	chaos.LoginPage.Name:        regexp.MustCompile(`web page came back instead of an answer \("?Log in"?\): is the base URL the API root`),
	chaos.Redirect.Name:         regexp.MustCompile(`he server redirects to elsewhere\.invalid, which was not followed`),
	chaos.RedirectSame.Name:     regexp.MustCompile(`he server redirects to elsewhere\.invalid, which was not followed`),
}

// chaosRests is what is said where Flexie is left alone by now, and nothing sent.
var chaosRests = regexp.MustCompile(`lexie has not answered since .* UTC \(the last time: .*\), and it is not asked again until .*; nothing was sent`)

// chaosDump is what only a programmer reads.
var chaosDump = regexp.MustCompile(`EOF|%!|unexpected end|nil pointer|<nil>|panic|goroutine|runtime error|context (deadline|canceled)|net/http|tcp|0x[0-9a-f]{4}|\.go:`)

// chaosHarmless are the faults that say by themselves that a write was not done:
// it may be tried again, but for a redirect.
var chaosHarmless = map[string]int{
	chaos.Refused.Name: 4, chaos.TooMany.Name: 4, chaos.TooManyLater.Name: 4, chaos.UnavailableLater.Name: 4,
	chaos.RedirectSame.Name: 1,
}

// check holds what was told against what was the case.
func (m chaosMeeting) check(t *testing.T) {
	about := []any{"%s, %s at %s: %d requests, %d of them writes, acted %v, told:\n%s", m.tool.Name, m.fault, m.spot, len(m.sent), len(m.writes), m.acted, m.text}
	require.NotRegexp(t, chaosDump, m.text, about...)
	if len(m.sent) == 0 {
		require.Equal(t, slices.Contains([]string{"find_tools", "list_changes"}, m.tool.Name), !m.failed, about...)
		return
	}
	if m.failed && !chaosRests.MatchString(m.text) {
		require.Regexp(t, chaosSays[m.fault.Name], m.text, about...)
	}
	if m.tool.Act.ReadOnly {
		require.True(t, m.failed, about...)
		require.Empty(t, m.writes, about...)
		return
	}
	most := max(1, chaosHarmless[m.fault.Name])
	require.LessOrEqual(t, len(m.writes), most, about...)
	if m.spot == "the write" {
		require.Len(t, m.writes, most, about...)
	}
	m.checkTold(t, about)
	m.checkEntry(t, about)
}

// told is what the answer says came of a write.
func (m chaosMeeting) told(t *testing.T, about []any) journal.Outcome {
	unknown := strings.Contains(m.text, "It is NOT known whether this was done.") && strings.Contains(m.text, "Do not repeat it blindly: ")
	undone := strings.Contains(m.text, "Nothing was changed")
	switch {
	case !m.failed:
		require.False(t, unknown || undone, about...)
		return journal.Done
	case unknown:
		require.False(t, undone, about...)
		return journal.Unknown
	}
	require.True(t, undone, about...)
	return journal.NotDone
}

// checkTold lets no verdict be wrong, and none be spared that can be had.
func (m chaosMeeting) checkTold(t *testing.T, about []any) {
	told := m.told(t, about)
	want := []journal.Outcome{journal.NotDone}
	switch _, harmless := chaosHarmless[m.fault.Name]; {
	case harmless || len(m.writes) == 0:
	case m.spot != "the write":
		want = []journal.Outcome{journal.Unknown} // it can't be looked for
		if m.fault == chaos.Drip || strings.HasPrefix(m.fault.Name, chaos.Truncated.Name) && m.entry.Act == "delete" {
			want = append(want, journal.Done) // what is short comes in time; of a 404, the status does
		}
	case m.acted:
		want = []journal.Outcome{journal.Done}
	case m.fault == chaos.SilenceBefore, m.fault == chaos.ResetBefore, m.tool.Name == "send_email":
		want = []journal.Outcome{journal.Unknown} // it may come yet
	}
	require.Contains(t, want, told, about...)
	if told == journal.Done {
		require.True(t, m.acted, about...)
	}
	if told == journal.Done && m.fault != chaos.Drip {
		require.Contains(t, m.text, "Flexie's answer was lost, but it was done: it was looked up.", about...)
	}
}

// checkEntry holds the journal against the requests and what was told.
func (m chaosMeeting) checkEntry(t *testing.T, about []any) {
	if m.entry == nil {
		require.Empty(t, m.writes, about...)
		return
	}
	require.Equal(t, m.told(t, about), m.entry.Outcome, about...)
	if len(m.writes) == 0 {
		require.Regexp(t, chaosRests, m.text, about...)
		return
	}
	require.Equal(t, m.writes[0].Endpoint, m.entry.Endpoint, about...)
	if slices.Contains([]string{"update", "delete", "complete", "reopen", "send"}, m.entry.Act) {
		require.NotEmpty(t, m.entry.Before, about...)
	}
}
