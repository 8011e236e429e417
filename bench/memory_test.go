package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/resources"
)

// large is how long the answers are whose memory is measured, in bytes.
const large = 10 << 20

// exact makes a collection stop all else, so that what it counts as alive is:
// else all that is allocated meanwhile counts too. It works from the start of a
// process only.
const exact = "GODEBUG=gcstoptheworld=1"

var isExact = "GODEBUG="+os.Getenv("GODEBUG") == exact

// TestALargeAnswerFits its budget, as every other. What memory it takes is
// measured below.
func TestALargeAnswerFits(t *testing.T) {
	peak(t, served{longList(t, "classic", large), true})
}

// BenchmarkLargeAnswer reports how many times its size an answer takes at most
// while it is read, shown and cut: "peak/size". In the dialect that is most likely
// Flexie's it is to be under 4.
func BenchmarkLargeAnswer(b *testing.B) {
	if !isExact {
		b.Skip("run it with " + exact)
	}
	for _, dialect := range sandbox.Dialects {
		body := longList(b, dialect, large)
		for _, sized := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/sized=%t", dialect, sized), func(b *testing.B) {
				worst := 0.0
				for b.Loop() {
					worst = max(worst, peak(b, served{body, sized}))
				}
				b.ReportMetric(worst, "peak/size")
				b.ReportMetric(0, "ns/op") // most of it is collecting
			})
		}
	}
}

// served answers every request with a body, whose length is told or, as of what
// comes compressed, is not.
type served struct {
	body  []byte
	sized bool
}

func (s served) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(s.body)), Request: r, ContentLength: -1}
	if s.sized {
		answer.ContentLength = int64(len(s.body))
	}
	return answer, nil
}

// peak makes one call, and returns the most that was alive during it, beyond
// what was before, in bytes per byte of the body. The answer must be within
// its budget.
func peak(t testing.TB, s served) float64 {
	m := connect(t, newClient(t, s))
	runtime.GC()
	before := alive()
	var most uint64
	end := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-end:
				return
			default:
				runtime.GC()
				most = max(most, alive())
			}
		}
	})
	answer, err := m.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: "search_contacts", Arguments: json.RawMessage(`{}`)}})
	close(end)
	watch.Wait()
	require.NoError(t, err)
	require.False(t, answer.IsError, "%v", answer.Content)
	data, err := json.Marshal(answer.StructuredContent)
	require.NoError(t, err)
	text := answer.Content[0].(mcp.TextContent).Text
	require.LessOrEqual(t, resources.Tokens(text)+resources.Tokens(string(data)), resources.ListBudget)
	runtime.KeepAlive(s.body)
	return float64(most-before) / float64(len(s.body))
}

// alive is how much the last collection found alive.
func alive() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}

var (
	keyedID = regexp.MustCompile(`"(\d+)":\{"id":\d+,"isPublished"`)
	ownText = regexp.MustCompile(`"(last_name|email|phone|company|linkedin|website)":("|\{[^{}]*"value":")`)
)

// longList is a list of the sandbox's contacts, over and over, until it is so
// long: each with an id, a name and other texts of its own.
func longList(t testing.TB, dialect string, size int) []byte {
	page := listOf(t, dialect, 60)
	answer, err := flexie.DecodeJSON(page)
	require.NoError(t, err)
	open, shut, total := "[", "]", ""
	if o, ok := answer.(*flexie.Object); ok {
		total = `{"total":"9000","contacts":`
		answer = o.Get("contacts")
	}
	inner, err := flexie.EncodeJSON(answer)
	require.NoError(t, err)
	if inner[0] == '{' {
		open, shut = "{", "}"
	}
	inner = inner[1 : len(inner)-1]
	var b bytes.Buffer
	b.WriteString(total + open)
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		own := ownText.ReplaceAll(inner, fmt.Appendf(nil, "${0}%d", i))
		b.Write(keyedID.ReplaceAllFunc(own, func(key []byte) []byte {
			id, err := strconv.Atoi(string(keyedID.FindSubmatch(key)[1]))
			require.NoError(t, err)
			id += 100 * i
			return fmt.Appendf(nil, `"%d":{"id":%d,"isPublished"`, id, id)
		}))
	}
	b.WriteString(shut)
	if total != "" {
		b.WriteByte('}')
	}
	return b.Bytes()
}
