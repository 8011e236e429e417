package flexie

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fault is one way in which a request goes wrong: what is said of it, and how
// often a read and a write are sent that may be tried again three times.
type fault struct {
	name   string
	answer http.HandlerFunc
	change func(*testing.T, *Options)

	kind      ErrorKind
	status    int
	says      string // HOST is the server's
	after     time.Duration
	reads     int
	writes    int
	uncertain bool // a write
}

// faults are all that this client has words for.
var faults = []fault{
	// No connection.
	{name: "refused", change: func(t *testing.T, o *Options) { o.BaseURL = deadURL(t) },
		kind: Unreachable, says: "could not connect to HOST: connection refused; nothing was sent; tried 4 times in ", reads: 4, writes: 4},
	{name: "no such host", change: failingDial(&net.DNSError{Err: "no such host", Name: "acme", IsNotFound: true}),
		kind: Unreachable, says: "could not connect to HOST: there is no such host; nothing was sent", reads: 1, writes: 1},
	{name: "no names for now", change: failingDial(&net.DNSError{Err: "server misbehaving", Name: "acme", IsTemporary: true}),
		kind: Unreachable, says: "could not connect to HOST: its name could not be looked up: server misbehaving; nothing was sent; tried 4 times in ", reads: 4, writes: 4},
	{name: "no connection in time", change: func(_ *testing.T, o *Options) { shortly(o); o.Transport = &http.Transport{DialContext: dialNever} },
		kind: Unreachable, says: "could not connect to HOST within ", reads: 1, writes: 1},
	{name: "unknown certificate", change: func(t *testing.T, o *Options) { o.BaseURL = tlsURL(t) },
		kind: Unreachable, says: "the TLS certificate of HOST was refused: tls: failed to verify certificate: x509: certificate signed by unknown authority; nothing was sent", reads: 1, writes: 1},
	{name: "old TLS", change: func(t *testing.T, o *Options) { o.BaseURL = oldTLS(t) },
		kind: Unreachable, says: "could not connect to HOST: tls: protocol version not supported; nothing was sent", reads: 1, writes: 1},
	{name: "no TLS", answer: answering(200, "[]"), change: func(_ *testing.T, o *Options) { o.BaseURL = "https" + o.BaseURL[len("http"):] },
		kind: Unreachable, says: "could not connect to HOST: it does not speak TLS, which https needs; nothing was sent", reads: 1, writes: 1},

	// A connection that breaks.
	{name: "reset while sending", change: func(t *testing.T, o *Options) { o.BaseURL = resetting(t) },
		kind: Lost, says: "the connection to HOST broke before an answer came: the other side closed it", reads: 4, writes: 1, uncertain: true},
	{name: "dropped after sending", answer: drop,
		kind: Lost, says: "the connection to HOST broke before an answer came: the other side closed it", reads: 4, writes: 1, uncertain: true},
	{name: "Content-Length too long", answer: raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[]"),
		kind: Lost, status: 200, says: "the connection to HOST broke before the whole answer came: the other side closed it", reads: 4, writes: 1, uncertain: true},
	{name: "chunk cut off", answer: raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n[{"),
		kind: Lost, status: 200, says: "the connection to HOST broke before the whole answer came: the other side closed it", reads: 4, writes: 1, uncertain: true},
	{name: "no HTTP", answer: raw("220 mail.example ESMTP\r\n\r\n"),
		kind: Lost, says: `the connection to HOST broke before an answer came: what came is no HTTP: malformed HTTP status code "mail.example"`, reads: 4, writes: 1, uncertain: true},

	// An answer that does not come, or not whole, within a tenth of a second.
	{name: "silence", answer: hang, change: soon,
		kind: Timeout, says: ": nothing of it came", reads: 1, writes: 1, uncertain: true},
	{name: "slow head", answer: drip("HTTP/1.1 200 OK\r\n", "X-Slow: ", "a"), change: soon,
		kind: Timeout, says: ": it began and did not go on", reads: 1, writes: 1, uncertain: true},
	{name: "slow body", answer: drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "[", " "), change: soon,
		kind: Timeout, status: 200, says: " bytes of it came", reads: 1, writes: 1, uncertain: true},
	{name: "body without end", answer: endless,
		kind: Unreadable, status: 200, says: "the answer is larger than 32 MiB; ask for less at a time (a smaller limit, or filters)", reads: 1, writes: 1, uncertain: true},

	// Refusals.
	{name: "400", answer: answering(400, ""),
		kind: Invalid, status: 400, says: "Flexie did not understand what was sent, and did not say why (HTTP 400)", reads: 1, writes: 1},
	{name: "401", answer: answering(401, ""),
		kind: Unauthorized, status: 401, says: "Flexie did not accept the credential (HTTP 401)", reads: 1, writes: 1},
	{name: "403", answer: answering(403, `{"error":{"message":"No access","code":403}}`),
		kind: Denied, status: 403, says: `"No access" (HTTP 403)`, reads: 1, writes: 1},
	{name: "a firewall's 403", answer: answering(403, `<html><title>Attention Required!</title></html>`),
		kind: Denied, status: 403, says: `a web page came back instead of an answer: "Attention Required!" (HTTP 403)`, reads: 1, writes: 1},
	{name: "404", answer: answering(404, ""),
		kind: NotFound, status: 404, says: "there is nothing of that address or id (HTTP 404)", reads: 1, writes: 1},
	{name: "408", answer: answering(408, ""),
		kind: Timeout, status: 408, says: "Flexie gave up waiting for the request (HTTP 408)", reads: 1, writes: 1, uncertain: true},
	{name: "409", answer: answering(409, ""),
		kind: Conflict, status: 409, says: "it clashes with what Flexie holds (HTTP 409)", reads: 1, writes: 1},
	{name: "422", answer: answering(422, ""),
		kind: Invalid, status: 422, says: "Flexie refused what was sent, and did not say why (HTTP 422)", reads: 1, writes: 1},
	{name: "429", answer: answering(429, ""),
		kind: Limited, status: 429, says: "Flexie has had too many requests (HTTP 429); tried 4 times in ", reads: 4, writes: 4},
	{name: "429, for long", answer: later(429, "120"), after: 2 * time.Minute,
		kind: Limited, status: 429, says: "Flexie has had too many requests (HTTP 429)", reads: 1, writes: 1},
	{name: "499", answer: answering(499, ""),
		kind: Lost, status: 499, says: "a proxy gave up on it before Flexie answered (HTTP 499)", reads: 4, writes: 1, uncertain: true},

	// Failures.
	{name: "500", answer: answering(500, ""),
		kind: Unavailable, status: 500, says: "internal server error (HTTP 500)", reads: 1, writes: 1, uncertain: true},
	{name: "502", answer: answering(502, ""),
		kind: Unavailable, status: 502, says: "a proxy got no answer from Flexie that it could pass on (HTTP 502)", reads: 4, writes: 1, uncertain: true},
	{name: "a proxy's page", answer: answering(502, "<html><head><title>502 Bad Gateway</title></head></html>"),
		kind: Unavailable, status: 502, says: `a web page came back instead of an answer: "502 Bad Gateway" (HTTP 502)`, reads: 4, writes: 1, uncertain: true},
	{name: "503", answer: answering(503, ""),
		kind: Unavailable, status: 503, says: "Flexie is not available for now (HTTP 503)", reads: 4, writes: 1, uncertain: true},
	{name: "503, cut off", answer: cut(503),
		kind: Unavailable, status: 503, says: "(HTTP 503)", reads: 4, writes: 1, uncertain: true},
	{name: "503, for long", answer: later(503, "120"), after: 2 * time.Minute,
		kind: Unavailable, status: 503, says: "Flexie is not available for now (HTTP 503)", reads: 1, writes: 1},
	{name: "504", answer: answering(504, ""),
		kind: Unavailable, status: 504, says: "a proxy waited too long for Flexie's answer (HTTP 504)", reads: 4, writes: 1, uncertain: true},

	// Answers that are none.
	{name: "a web page", answer: answering(200, "<html><title>Login</title></html>"),
		kind: Unreadable, status: 200, says: `a web page came back instead of an answer ("Login"): is the base URL the API root, ending in /api? (HTTP 200)`, reads: 1, writes: 1, uncertain: true},
	{name: "garbage", answer: answering(200, "\x00\x01\x02"),
		kind: Unreadable, status: 200, says: "the answer is not whole JSON: ", reads: 1, writes: 1, uncertain: true},
	{name: "truncated", answer: answering(200, `{"forms":[{"id":1},{"i`),
		kind: Unreadable, status: 200, says: "the answer is not whole JSON: unexpected EOF (HTTP 200)", reads: 1, writes: 1, uncertain: true},
	{name: "Content-Length too short", answer: raw("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n[{\"id\":1}]"),
		kind: Unreadable, status: 200, says: "the answer is not whole JSON: ", reads: 1, writes: 1, uncertain: true},
	{name: "wrong shape", answer: answering(200, `{"hint":"x","more":{"a":1}}`),
		kind: Unreadable, status: 200, says: " (HTTP 200)", reads: 1, writes: 1, uncertain: true},
	{name: "redirected out", answer: redirecting("https://evil.example/"),
		kind: Unreadable, status: 302, says: "the server redirects to evil.example, which was not followed: ", reads: 1, writes: 1, uncertain: true},
	{name: "redirected nowhere", answer: redirecting("http://[::1"),
		kind: Unreadable, says: "the server redirects to an address that can't be read", reads: 1, writes: 1, uncertain: true},
	{name: "another protocol", answer: raw("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
		kind: Unreadable, status: 101, says: "Flexie answered with another protocol than HTTP (HTTP 101)", reads: 1, writes: 1, uncertain: true},
}

// TestFaults: each has its own words, and is tried again no more than is safe.
func TestFaults(t *testing.T) {
	write := func(ctx context.Context, c *Client) error { return c.DeleteTask(ctx, 1) }
	for _, f := range faults {
		for call, do := range map[string]func(context.Context, *Client) error{"read": aRead, "search": aSearch, "write": write} {
			t.Run(f.name+"/"+call, func(t *testing.T) {
				c, sent := f.client(t)
				err := do(t.Context(), c)
				var e *Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, f.kind, e.Kind, "%v", err)
				require.Equal(t, f.status, e.Status)
				require.Equal(t, f.after, e.RetryAfter)
				require.ErrorContains(t, err, f.saysOf(c))
				require.Equal(t, f.uncertain && call == "write", e.Uncertain, "uncertain")
				tries := map[string]int{"read": f.reads, "search": f.reads, "write": f.writes}[call]
				require.EqualValues(t, tries, sent.Load(), "requests")
				if tries > 1 {
					require.Regexp(t, fmt.Sprintf(`; tried %d times in [0-9.]+m?s$`, tries), err.Error())
				} else {
					require.NotContains(t, err.Error(), "tried")
				}
				requireNoSecret(t, err)
			})
		}
	}
}

// TestFaultsWithoutRetries: unless it is asked for, nothing is tried again.
func TestFaultsWithoutRetries(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			c, sent := f.client(t)
			c.retries = 0
			require.Equal(t, f.kind, KindOf(aRead(t.Context(), c)))
			require.EqualValues(t, 1, sent.Load())
		})
	}
}

// client calls a server with the fault, and counts what it sends.
func (f fault) client(t *testing.T) (*Client, *atomic.Int32) {
	answer := f.answer
	if answer == nil {
		answer = unasked(t)
	}
	sent := &atomic.Int32{}
	c := record(t, answer).client(t, func(o *Options) {
		o.Retries = 3
		if f.change != nil {
			f.change(t, o)
		}
		through := o.Transport
		if through == nil {
			fresh := ordinary.Clone()
			t.Cleanup(fresh.CloseIdleConnections)
			through = fresh
		}
		o.Transport = transport(func(r *http.Request) (*http.Response, error) {
			sent.Add(1)
			return through.RoundTrip(r)
		})
	})
	c.pause = time.Millisecond
	return c, sent
}

func (f fault) saysOf(c *Client) string {
	const host = "HOST"
	for i := range f.says {
		if i+len(host) <= len(f.says) && f.says[i:i+len(host)] == host {
			return f.says[:i] + c.root.Host + f.says[i+len(host):]
		}
	}
	return f.says
}

func shortly(o *Options) { o.Timeout = 100 * time.Millisecond }

func soon(_ *testing.T, o *Options) { shortly(o) }

func failingDial(err error) func(*testing.T, *Options) {
	return func(_ *testing.T, o *Options) { dialing(err)(o) }
}

// later answers with a status and when to come back.
func later(status int, after string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", after)
		w.WriteHeader(status)
	}
}

func redirecting(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Location"] = []string{to}
		w.WriteHeader(http.StatusFound)
	}
}

// raw answers with exactly these bytes and hangs up.
func raw(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		}
	}
}

// drip sends a beginning and then, again and again, a little more.
func drip(head, first, more string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for _, err = io.WriteString(conn, head+first); err == nil; <-tick.C {
			_, err = io.WriteString(conn, more)
		}
	}
}

// endless sends spaces until the caller hangs up.
func endless(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.Copy(w, spaces{})
}

// resetting is where connections are reset at the first byte.
func resetting(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	}()
	return "http://" + l.Addr().String() + "/api"
}

// oldTLS speaks a TLS that is too old.
func oldTLS(t *testing.T) string {
	s := httptest.NewUnstartedServer(unasked(t))
	s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL + "/api"
}
