package flexie

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The three sorts of call: only the last can be uncertain.
var (
	aRead = func(ctx context.Context, c *Client) error {
		_, err := c.SearchForms(ctx, Query{Search: "private"})
		return err
	}
	aSearch = func(ctx context.Context, c *Client) error {
		_, err := c.SearchTasks(ctx, Query{Search: "private", OrderBy: "id"})
		return err
	}
	aWrite = func(ctx context.Context, c *Client) error {
		_, err := c.Records(Deal, "").Create(ctx, NewObject())
		return err
	}
)

// drop closes the connection without an answer.
func drop(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// cut sends a part of a body and then drops the connection.
func cut(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"error":{"message":"half`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// hang answers nothing until the caller gives up.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// hangAfter sends a good status and a part of the body, and no more.
func hangAfter(w http.ResponseWriter, r *http.Request) {
	_, _ = w.Write([]byte(`[`))
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// TestFailuresOfTheNetwork: what each is called, and whether a write may have
// happened all the same.
func TestFailuresOfTheNetwork(t *testing.T) {
	soon := func(o *Options) { o.Timeout = 50 * time.Millisecond }
	for _, test := range []struct {
		name      string
		answer    http.HandlerFunc
		change    func(*Options)
		kind      ErrorKind
		status    int
		uncertain bool // a write
		says      string
		saysWrite string
	}{
		{name: "refused", change: func(o *Options) { o.BaseURL = deadURL(t) }, kind: Unreachable, says: "connection refused; nothing was sent"},
		{name: "no such host", change: dialing(&net.DNSError{Err: "no such host", Name: "acme", IsNotFound: true}), kind: Unreachable, says: "there is no such host; nothing was sent"},
		{name: "no connection in time", change: func(o *Options) {
			soon(o)
			o.Transport = &http.Transport{DialContext: dialNever}
		}, kind: Unreachable, says: "ms; nothing was sent"},
		{name: "unknown certificate", change: func(o *Options) { o.BaseURL = tlsURL(t) }, kind: Unreachable, says: "the TLS certificate of 127.0.0.1:"},
		{name: "no TLS there", change: func(o *Options) { o.BaseURL = "https" + o.BaseURL[len("http"):] }, answer: answering(200, "[]"), kind: Unreachable, says: "; nothing was sent"},
		{name: "dropped", answer: drop, kind: Lost, uncertain: true, says: "broke before an answer came: the other side closed it"},
		{name: "no answer in time", answer: hang, change: soon, kind: Timeout, uncertain: true, says: "no whole answer from 127.0.0.1:"},
		{name: "half an answer in time", answer: hangAfter, change: soon, kind: Timeout, status: 200, uncertain: true, says: "no whole answer from 127.0.0.1:", saysWrite: "so it was most likely done"},
		{name: "good answer cut off", answer: cut(200), kind: Lost, status: 200, uncertain: true, says: "broke before the whole answer came: the other side closed it", saysWrite: "so it was most likely done"},
		{name: "refusal cut off", answer: cut(400), kind: Invalid, status: 400, says: `"{'error':{'message':'half" (HTTP 400)`},
		{name: "failure cut off", answer: cut(500), kind: Unavailable, status: 500, uncertain: true, says: "(HTTP 500)"},
		{name: "not JSON", answer: answering(200, "ok"), kind: Unreadable, status: 200, uncertain: true, says: "the answer is not whole JSON"},
	} {
		for call, do := range map[string]func(context.Context, *Client) error{"read": aRead, "search": aSearch, "write": aWrite} {
			t.Run(test.name+"/"+call, func(t *testing.T) {
				change := test.change
				if change == nil {
					change = func(*Options) {}
				}
				err := do(t.Context(), record(t, test.answer).client(t, change))
				var e *Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, test.kind, e.Kind, "%v", err)
				require.Equal(t, test.status, e.Status)
				require.Equal(t, test.uncertain && call == "write", e.Uncertain, "uncertain")
				require.ErrorContains(t, err, test.says)
				if call == "write" {
					require.ErrorContains(t, err, test.saysWrite)
				}
				requireNoSecret(t, err)
			})
		}
	}
}

// requireNoSecret looks through an error and all that it wraps.
func requireNoSecret(t *testing.T, err error) {
	for ; err != nil; err = errors.Unwrap(err) {
		require.NotContains(t, err.Error(), testKey)
		require.NotContains(t, err.Error(), "private")
	}
}

// deadURL is where nobody listens.
func deadURL(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return "http://" + l.Addr().String() + "/api"
}

func tlsURL(t *testing.T) string {
	s := httptest.NewTLSServer(unasked(t))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the refused handshake
	t.Cleanup(s.Close)
	return s.URL + "/api"
}

func dialing(err error) func(*Options) {
	return func(o *Options) {
		o.Transport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}}
	}
}

func dialNever(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestCancel: cancelling ends the request at once, wherever it is.
func TestCancel(t *testing.T) {
	t.Run("before it is sent", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		requireCancelled(t, aWrite(ctx, record(t, unasked(t)).client(t)), false)
	})
	t.Run("while it connects", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := record(t, unasked(t)).client(t, func(o *Options) {
			o.Transport = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				cancel()
				return dialNever(ctx, network, address)
			}}
		})
		requireCancelled(t, aWrite(ctx, c), false)
	})
	for name, then := range map[string]http.HandlerFunc{"while it is answered": hang, "half way through the answer": hangAfter} {
		for call, do := range map[string]func(context.Context, *Client) error{"read": aRead, "search": aSearch, "write": aWrite} {
			t.Run(name+"/"+call, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				c := record(t, func(w http.ResponseWriter, r *http.Request) {
					cancel()
					then(w, r)
				}).client(t, func(o *Options) { o.Retries, o.Limits = 3, NewLimits(10, 1) })
				requireCancelled(t, do(ctx, c), call == "write")
			})
		}
	}
}

func requireCancelled(t *testing.T, err error, uncertain bool) {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, Cancelled, e.Kind, "%v", err)
	require.Equal(t, uncertain, e.Uncertain, "uncertain")
	require.ErrorIs(t, err, context.Canceled)
	if !uncertain {
		return
	}
	require.NotContains(t, err.Error(), "nothing was sent")
}

// TestNoTimeLeft: a deadline that is over sends nothing.
func TestNoTimeLeft(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	err := aWrite(ctx, record(t, unasked(t)).client(t))
	require.EqualError(t, err, "no time was left for the call; nothing was sent")
	require.Equal(t, Timeout, KindOf(err))
}

// TestHTTP2: a stream that breaks after the request is as uncertain as a
// connection.
func TestHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		require.Equal(t, 2, r.ProtoMajor)
		panic(http.ErrAbortHandler)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	c, err := New(Options{BaseURL: s.URL + "/api", Transport: s.Client().Transport})
	require.NoError(t, err)
	for range 2 { // on a new connection, then on a used one
		var e *Error
		require.ErrorAs(t, aWrite(t.Context(), c), &e)
		require.Equal(t, Lost, e.Kind)
		require.True(t, e.Uncertain)
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "[::1]": true, "::ffff:127.0.0.1": true,
		"": false, "0.0.0.0": false, "::": false, "10.0.0.1": false, "127.1": false, "localhost.": false, "a.localhost": false, "127.0.0.1.evil.com": false,
	} {
		require.Equal(t, want, IsLoopback(host), host)
	}
}
