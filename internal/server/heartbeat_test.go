package server

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// written is what was written, by whichever goroutine.
type written struct {
	*httptest.ResponseRecorder
	mu sync.Mutex
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ResponseRecorder.Write(p)
}

func (w *written) take() (text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text = w.Body.String()
	w.Body.Reset()
	return text
}

// TestQuietStreamsBeat as often as is promised, and only they do.
func TestQuietStreamsBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &written{ResponseRecorder: httptest.NewRecorder()}
		said := func(what string) {
			synctest.Wait()
			require.Equal(t, what, w.take())
		}
		beating(25*time.Second, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
			time.Sleep(24 * time.Second)
			said("")
			time.Sleep(2 * time.Second)
			said(":\n\n")
			_, _ = w.Write([]byte("data: x\n\n")) // at 26 s
			time.Sleep(24 * time.Second)
			said("data: x\n\n")
			time.Sleep(27 * time.Second)
			said(":\n\n:\n\n") // at 51 and 76 s
		})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/mcp", nil))
		time.Sleep(time.Minute)
		said("") // it is over

		beating(time.Second, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte("{"))
			time.Sleep(time.Minute)
			_, _ = w.Write([]byte("}"))
		})).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/mcp", nil))
		said("{}")
	})
}

// TestQuestionsCarryTheServersName, and nothing else does.
func TestQuestionsCarryTheServersName(t *testing.T) {
	for event, want := range map[string]string{
		`{"jsonrpc":"2.0","id":7,"method":"elicitation/create","params":{"message":"?"}}`:        `{"jsonrpc":"2.0","id":"ABC:7","method":"elicitation/create","params":{"message":"?"}}`,
		`{"jsonrpc":"2.0","id":7,"result":{"method":"elicitation/create"}}`:                      "",
		`{"jsonrpc":"2.0","id":7,"method":"ping"}`:                                               "",
		`{"jsonrpc":"2.0","method":"notifications/message","params":{"x":"elicitation/create"}}`: "",
	} {
		if want == "" {
			want = event
		}
		var b bytes.Buffer
		w := httptest.NewRecorder()
		w.Body = &b
		p := []byte("event: message\ndata: " + event + "\n\n")
		n, err := (&questionWriter{wrapped{w}, "ABC"}).Write(p)
		require.NoError(t, err)
		require.Equal(t, len(p), n)
		require.Equal(t, "event: message\ndata: "+want+"\n\n", b.String())
	}
	server, id, ok := questionOf([]byte(`"ABC:7"`))
	require.True(t, ok)
	require.Equal(t, "ABC 7", server+" "+string(id))
	for _, other := range []string{`7`, `"7"`, `"ABC"`, `"ABC:"`, `"ABC:x"`, `null`, ``, `{}`, `"` + strings.Repeat("9", 40) + `"`} {
		_, _, ok := questionOf([]byte(other))
		require.False(t, ok, other)
	}
}
