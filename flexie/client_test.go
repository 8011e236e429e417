package flexie

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// transport answers in place of a network.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(r *http.Request, status int, header http.Header, body io.Reader) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(body), ContentLength: -1, Request: r}
}

func clientOf(t testing.TB, f transport) *Client {
	c, err := New(Options{BaseURL: "https://acme.flexie.io/api", Auth: APIKey(testKey), Transport: f})
	require.NoError(t, err)
	return c
}

func TestBaseURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://acme.flexie.io/api":     "https://acme.flexie.io/api",
		" https://acme.flexie.io/api/ ":  "https://acme.flexie.io/api",
		"https://crm.acme.com:8443/x/y/": "https://crm.acme.com:8443/x/y",
		"http://localhost:8080/api":      "http://localhost:8080/api",
		"http://127.0.0.1/api":           "http://127.0.0.1/api",
		"http://[::1]:80/api":            "http://[::1]:80/api",
		"http://acme.flexie.io/api":      "",
		"http://192.168.1.10/api":        "",
		"http://0.0.0.0/api":             "",
		"http://localhost.evil.com/api":  "",
		"http://127.0.0.1.nip.io/api":    "",
		"ftp://localhost/api":            "",
		"acme.flexie.io/api":             "",
		"https://":                       "",
		"https://:443/api":               "",
		"https://key@acme.flexie.io/api": "",
		"https://acme.flexie.io/api?":    "",
		"https://acme.flexie.io/api?k=1": "",
		"https://acme.flexie.io/api#top": "",
		"https:acme":                     "",
		"https://a b/api":                "",
		"":                               "",
	} {
		c, err := New(Options{BaseURL: raw})
		if want == "" {
			require.Error(t, err, raw)
			continue
		}
		require.NoError(t, err, raw)
		require.Equal(t, want, c.BaseURL())
	}
}

// TestBadPathParametersAreNotSent: whatever could name another path.
func TestBadPathParametersAreNotSent(t *testing.T) {
	c := record(t, unasked(t)).client(t)
	for _, bad := range []string{".", "..", "/", "a/b", "../users", `a\b`, `..\users`, "/users"} {
		_, err := c.CaseReplies(t.Context(), CaseRef{Identifier: bad})
		require.Equal(t, Invalid, KindOf(err), bad)
		require.ErrorContains(t, err, "identifier can't be ")
	}
	_, err := c.AddNote(t.Context(), "", 1, Note{})
	require.EqualError(t, err, `entity_type can't be "": it is one part of an address, so not empty, not . or .., and without slashes`)
}

// TestPathParametersAreEscaped: the server gets them back as they were.
func TestPathParametersAreEscaped(t *testing.T) {
	for _, name := range []string{"a b", "a?b=c", "a#b", "a%2Fb", "%2e%2e", "a;b,c", "…", "a&b", "a:b", "a\nb"} {
		var got string
		r := record(t, func(w http.ResponseWriter, r *http.Request) {
			got = r.URL.Path
			_, _ = io.WriteString(w, "[]")
		})
		_, err := r.client(t).CaseReplies(t.Context(), CaseRef{Identifier: name})
		require.NoError(t, err, name)
		require.Equal(t, "/api/cases/replies/"+name, got)
		require.Empty(t, r.last(t).query)
	}
}

// TestRedirects: a read follows one on its own host and scheme; nothing else
// is followed, since it would carry the key away or act twice.
func TestRedirects(t *testing.T) {
	read := func(ctx context.Context, c *Client) error {
		_, err := c.Records(Contact, "").Search(ctx, Query{Search: "acme"})
		return err
	}
	search := func(ctx context.Context, c *Client) error {
		_, err := c.SearchTasks(ctx, Query{OrderBy: "id"})
		return err
	}
	write := func(ctx context.Context, c *Client) error { return c.DeleteTask(ctx, 1) }
	for _, test := range []struct {
		name     string
		do       func(context.Context, *Client) error
		status   int
		location string
		followed bool
		says     string
		did      bool // a write may have been done
	}{
		{"read, same host", read, 301, "https://acme.flexie.io/v2/contacts", true, "", false},
		{"read, by path", read, 308, "/v2/contacts", true, "", false},
		{"read, other host", read, 302, "https://evil.example/api/contacts", false, "redirects to evil.example", false},
		{"read, host below", read, 302, "https://x.acme.flexie.io/api/contacts", false, "redirects to x.acme.flexie.io", false},
		{"read, other port", read, 307, "https://acme.flexie.io:8443/api/contacts", false, "redirects to acme.flexie.io:8443", false},
		{"read, without TLS", read, 302, "http://acme.flexie.io/api/contacts", false, "redirects to acme.flexie.io", false},
		{"read, nowhere", read, 302, "", false, "redirects elsewhere", false},
		{"search by POST", search, 307, "/v2/tasks", false, "redirects elsewhere", false},
		{"write, same host", write, 307, "/v2/tasks/1", false, "redirects elsewhere", false},
		{"write, permanently", write, 308, "/v2/tasks/1", false, "redirects elsewhere", false},
		// PHP frameworks answer so once they have acted.
		{"write, moved", write, 301, "https://acme.flexie.io/v2/tasks/1", false, "redirects to acme.flexie.io", true},
		{"write, found", write, 302, "/login", false, "redirects elsewhere", true},
		{"write, see other", write, 303, "/tasks", false, "redirects elsewhere", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			requests := 0
			c := clientOf(t, func(r *http.Request) (*http.Response, error) {
				requests++
				if requests == 1 {
					header := http.Header{}
					if test.location != "" {
						header.Set("Location", test.location)
					}
					return respond(r, test.status, header, strings.NewReader("<html>moved</html>")), nil
				}
				require.Equal(t, testKey, r.Header.Get("apikey"))
				return respond(r, 200, http.Header{}, strings.NewReader("[]")), nil
			})
			err := test.do(t.Context(), c)
			if test.followed {
				require.NoError(t, err)
				require.Equal(t, 2, requests)
				return
			}
			require.Equal(t, 1, requests, "it was followed")
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, Unreadable, e.Kind)
			require.Equal(t, test.status, e.Status)
			require.Equal(t, test.did, e.Uncertain)
			require.ErrorContains(t, err, test.says)
		})
	}
}

func TestEndlessRedirects(t *testing.T) {
	requests := 0
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		requests++
		return respond(r, 302, http.Header{"Location": {r.URL.Path}}, http.NoBody), nil
	})
	_, err := c.Self(t.Context())
	require.Equal(t, Unreadable, KindOf(err))
	require.Equal(t, 5, requests)
}

// spaces is white space without end.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestLargestAnswer: 32 MiB are read, one byte more is not.
func TestLargestAnswer(t *testing.T) {
	answer := func(size int64) *Client {
		return clientOf(t, func(r *http.Request) (*http.Response, error) {
			body := io.MultiReader(strings.NewReader(`[{"id":1}]`), io.LimitReader(spaces{}, size-10))
			return respond(r, 200, http.Header{}, body), nil
		})
	}
	page, err := answer(32<<20).SearchForms(t.Context(), Query{})
	require.NoError(t, err)
	require.Len(t, page.Records, 1)

	_, err = answer(32<<20+1).SearchForms(t.Context(), Query{})
	require.EqualError(t, err, "the answer is larger than 32 MiB; ask for less at a time (a smaller limit, or filters) (HTTP 200)")
	require.Equal(t, Unreadable, KindOf(err))

	err = answer(1<<40).DeleteTask(t.Context(), 1)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.True(t, e.Uncertain, "it was most likely done: to say that it was not would be wrong")
}

// TestLargestAnswerIsUnpacked: the limit holds for what a small packed body
// becomes.
func TestLargestAnswerIsUnpacked(t *testing.T) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	require.NoError(t, err)
	_, err = io.CopyN(z, spaces{}, 33<<20)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	r := record(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	})
	_, err = r.client(t).SearchForms(t.Context(), Query{})
	require.ErrorContains(t, err, "larger than 32 MiB")
}

// TestDeepAnswer: ten million brackets are refused, and quickly.
func TestDeepAnswer(t *testing.T) {
	c := clientOf(t, canned(bytes.Repeat([]byte("["), 10_000_000)).RoundTrip)
	_, err := c.SearchForms(t.Context(), Query{})
	require.Equal(t, Unreadable, KindOf(err))
}

// TestTimeout: a call takes 30 seconds at most unless set otherwise, and that
// covers the body.
func TestTimeout(t *testing.T) {
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	slow := func(r *http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader(`[`), readFunc(func([]byte) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		}))
		return respond(r, 200, http.Header{}, body), nil
	}
	for name, test := range map[string]struct {
		transport transport
		set, want time.Duration
	}{
		"no answer":       {silent, 0, 30 * time.Second},
		"no answer, set":  {silent, 7 * time.Second, 7 * time.Second},
		"half an answer":  {slow, 0, 30 * time.Second},
		"half a one, set": {slow, time.Minute, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := New(Options{BaseURL: "https://acme.flexie.io/api", Transport: test.transport, Timeout: test.set})
				require.NoError(t, err)
				start := time.Now()
				_, err = c.Self(t.Context())
				require.Equal(t, test.want, time.Since(start))
				require.Equal(t, Timeout, KindOf(err))
				require.ErrorContains(t, err, fmt.Sprintf("no whole answer from acme.flexie.io within %s", test.want))
			})
		})
	}
}

// readFunc is a Reader.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// TestLog: a line says which request failed, and nothing that is anyone's.
func TestLog(t *testing.T) {
	var log bytes.Buffer
	r := record(t, answering(404, `{"error":{"message":"no jane@acme.com","code":404}}`))
	c := r.client(t, func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := c.SearchForms(t.Context(), Query{Search: "jane@acme.com"})
	require.Error(t, err)
	_, err = c.Records(Lead, "").Create(t.Context(), object(t, `{"email":"jane@acme.com"}`))
	require.Error(t, err)
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, lines, 2)
	require.Contains(t, lines[0], "method=GET endpoint=forms.list path=/api/forms status=404")
	require.Contains(t, lines[0], "failure=not_found")
	require.Contains(t, lines[1], "method=POST endpoint=leads.create path=/api/leads/new status=404")
	require.NotContains(t, log.String(), "jane")
	require.NotContains(t, log.String(), testKey)
}

// TestAnotherProtocolIsNoAnswer: the body of a 101 is the bare connection, which
// no timeout ends.
func TestAnotherProtocolIsNoAnswer(t *testing.T) {
	reading := transport(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusSwitchingProtocols, Header: http.Header{}, Body: unread{t}, Request: r}, nil
	})
	c, err := New(Options{BaseURL: "https://acme.flexie.io/api", Transport: reading})
	require.NoError(t, err)
	err = c.DeleteTask(t.Context(), 1)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, Unreadable, e.Kind)
	require.True(t, e.Uncertain)
}

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) { u.t.Error("the connection was read"); return 0, io.EOF }
func (u unread) Close() error             { return nil }
