package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// bench is a workspace with somebody who asks.
type bench struct {
	t   testing.TB
	s   *Sandbox
	key string
}

func open(t testing.TB, o Options) *bench {
	t.Helper()
	s, err := Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return &bench{t, s, Key}
}

// as is the same workspace with another key.
func (b *bench) as(key string) *bench { return &bench{b.t, b.s, key} }

// send makes a request; a body that is no string is written as JSON.
func (b *bench) send(method, path string, body any) (*http.Response, string) {
	b.t.Helper()
	res, err := b.try(method, path, body)
	require.NoError(b.t, err)
	all, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return res, string(all)
}

func (b *bench) try(method, path string, body any) (*http.Response, error) {
	var in io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(body)
	default:
		data, err := json.Marshal(body)
		require.NoError(b.t, err)
		in = bytes.NewReader(data)
	}
	r, err := http.NewRequest(method, "http://sandbox/api"+path, in)
	require.NoError(b.t, err)
	if b.key != "" {
		r.Header.Set("apikey", b.key)
	}
	return b.s.Transport().RoundTrip(r)
}

// ok makes a request that must answer 200 and reads its JSON.
func (b *bench) ok(method, path string, body any) map[string]any {
	b.t.Helper()
	return b.status(http.StatusOK, method, path, body)
}

func (b *bench) status(status int, method, path string, body any) map[string]any {
	b.t.Helper()
	res, text := b.send(method, path, body)
	require.Equal(b.t, status, res.StatusCode, "%s %s: %s", method, path, text)
	var v map[string]any
	require.NoError(b.t, json.Unmarshal([]byte(text), &v), text)
	return v
}

// fails makes a request that must fail, and gives back the classic message.
func (b *bench) fails(status int, method, path string, body any) string {
	b.t.Helper()
	return at(b.status(status, method, path, body), "error", "message").(string)
}

// at goes down into an answer.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			v = v.([]any)[step]
		}
	}
	return v
}

type m = map[string]any

func TestSmoke(t *testing.T) {
	for _, d := range Dialects {
		b := open(t, Options{Dialect: d})
		for _, p := range []string{"/contacts/42", "/contacts?limit=2", "/deals/42", "/cases/replies/REF-1042", "/contacts/list/fields", "/tasks/42", "/notes/6", "/users/self", "/reports/1", "/ce/subscriptions?limit=1"} {
			res, text := b.send("GET", p, nil)
			fmt.Println(d, p, res.StatusCode, text[:min(len(text), 900)])
		}
	}
}
