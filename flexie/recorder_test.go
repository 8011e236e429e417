package flexie

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const testKey = "9f8e7d6c5b4a"

// request is one request as it arrived.
type request struct {
	method string
	path   string // as it was escaped
	query  string
	header http.Header
	body   string
}

// recorder is a workspace on loopback that keeps the requests it gets.
type recorder struct {
	url string

	mu  sync.Mutex
	got []request
}

// record starts a recorder that answers with answer, which gets requests one
// after another or several at once, as they come.
func record(t testing.TB, answer http.HandlerFunc) *recorder {
	r := &recorder{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		r.keep(in)
		answer(w, in)
	}))
	t.Cleanup(s.Close)
	r.url = s.URL + "/api"
	return r
}

func (r *recorder) keep(in *http.Request) {
	body, _ := io.ReadAll(in.Body)
	path, query, _ := strings.Cut(in.RequestURI, "?")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, request{in.Method, path, query, in.Header, string(body)})
}

// requests are those that came so far.
func (r *recorder) requests() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]request(nil), r.got...)
}

func (r *recorder) last(t *testing.T) request {
	t.Helper()
	got := r.requests()
	require.NotEmpty(t, got, "no request came")
	return got[len(got)-1]
}

// client is one that calls the recorder, changed by change.
func (r *recorder) client(t testing.TB, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{BaseURL: r.url, Auth: APIKey(testKey), UserAgent: "flexie-mcp/test"}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	require.NoError(t, err)
	return c
}

// answering answers every request alike.
func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// unasked fails the test if a request comes.
func unasked(t *testing.T) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.URL) }
}

// sent is one call of a method and the request it must make.
type sent struct {
	name   string
	do     func(context.Context, *Client) error
	method string
	path   string // after /api
	query  string
	body   string // as JSON; "" is none
	answer string // what Flexie says; "" is an empty list, and that a write was done
}

func testSent(t *testing.T, calls []sent) {
	for _, s := range calls {
		t.Run(s.name, func(t *testing.T) {
			r := record(t, s.answerTo)
			require.NoError(t, s.do(t.Context(), r.client(t)))
			s.check(t, r.last(t))
		})
	}
}

// answerTo answers the call, and before it the question for the fields.
func (s sent) answerTo(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/list/fields") && !strings.HasSuffix(s.path, "/list/fields"):
		_, _ = io.WriteString(w, workspaceFields)
	case s.answer == "":
		_, _ = io.WriteString(w, `{"success":1,"total":0}`)
	default:
		_, _ = io.WriteString(w, s.answer)
	}
}

func (s sent) check(t *testing.T, got request) {
	t.Helper()
	require.Equal(t, s.method, got.method)
	require.Equal(t, "/api"+s.path, got.path)
	require.Equal(t, s.query, got.query)
	require.Equal(t, testKey, got.header.Get("apikey"))
	require.Equal(t, "application/json", got.header.Get("Accept"))
	require.Equal(t, "flexie-mcp/test", got.header.Get("User-Agent"))
	if s.body == "" {
		require.Empty(t, got.body)
		require.Empty(t, got.header.Get("Content-Type"))
		return
	}
	require.JSONEq(t, s.body, got.body)
	require.Equal(t, "application/json", got.header.Get("Content-Type"))
}

// object makes an Object of JSON.
func object(t testing.TB, text string) *Object {
	v, err := DecodeJSON([]byte(text))
	require.NoError(t, err)
	return v.(*Object)
}

// shown is a value as JSON: with the order of members and the digits of numbers.
func shown(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}
