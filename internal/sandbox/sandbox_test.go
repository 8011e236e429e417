package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
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

func TestOpenRefusesWhatCannotBe(t *testing.T) {
	for want, o := range map[string]Options{
		`unknown dialect "xml": it is one of classic, listed, flat, bare`: {Dialect: "xml"},
		"error rate 2 is not between 0 and 1":                             {ErrorRate: 2},
		"drop rate -1 is not between 0 and 1":                             {DropRate: -1},
		"error status 200 is not between 400 and 599":                     {ErrorStatus: 200},
		`faults can't be on "some": it is one of all, reads, writes`:      {FaultsOn: "some"},
		"can't be negative":                                               {RateLimit: -1},
	} {
		_, err := Open(o)
		require.ErrorContains(t, err, want)
	}
}

// Two workspaces answer the same, byte for byte, before and after writes.
func TestFixed(t *testing.T) {
	for _, d := range Dialects {
		a, b := open(t, Options{Dialect: d}), open(t, Options{Dialect: d})
		for _, x := range []*bench{a, b} {
			x.send("POST", "/contacts/new", m{"email": "new@acme.example"})
			x.send("PUT", "/deals/1", m{"stage_id": 4})
			x.send("DELETE", "/tasks/3", nil)
		}
		for _, path := range []string{"/contacts?limit=1000", "/deals?limit=1000", "/cases?limit=1000", "/tasks?limit=1000",
			"/ce/subscriptions", "/users", "/roles", "/emails", "/reports/42", "/contacts/list/fields", "/cases/1/replies"} {
			_, first := a.send("GET", path, nil)
			_, second := b.send("GET", path, nil)
			require.Equal(t, first, second, "%s %s", d, path)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	b := open(t, Options{})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 10 {
				if worker%2 == 0 {
					b.ok("POST", "/contacts/new", m{"email": fmt.Sprintf("w%d.%d@acme.example", worker, i)})
				} else {
					b.ok("GET", "/contacts?search=acme", nil)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, "102", b.ok("GET", "/contacts", nil)["total"])
}
