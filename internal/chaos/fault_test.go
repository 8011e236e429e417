package chaos_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/chaos"
)

// seen is what a caller must see of each fault on a write.
var seen = map[chaos.Fault]func(*testing.T, answer){
	chaos.Refused: func(t *testing.T, got answer) {
		require.ErrorIs(t, got.err, syscall.ECONNREFUSED)
		var op *net.OpError
		require.ErrorAs(t, got.err, &op)
		require.Equal(t, "dial", op.Op)
	},
	chaos.ResetBefore:   isReset,
	chaos.ResetAfter:    isReset,
	chaos.SilenceBefore: isTimeout,
	chaos.SilenceAfter:  isTimeout,
	chaos.Drip: func(t *testing.T, got answer) {
		require.Equal(t, 200, got.status)
		require.ErrorIs(t, got.err, context.DeadlineExceeded)
		require.NotEmpty(t, got.body)
		require.True(t, strings.HasPrefix(`{"contact":{"id":1,"isPublished":true,"dateAdded":"`, got.body), got.body)
	},
	chaos.TooMany:          isError(429, "Too Many Requests", ""),
	chaos.TooManyLater:     isError(429, "Too Many Requests", "2"),
	chaos.ServerError:      isError(500, "Internal Server Error", ""),
	chaos.Unavailable:      isError(503, "Service Unavailable", ""),
	chaos.UnavailableLater: isError(503, "Service Unavailable", "2"),
	chaos.ProxyError:       isPage(502, "502 Bad Gateway"),
	chaos.LoginPage:        isPage(200, "password"),
	chaos.Garbage: func(t *testing.T, got answer) {
		require.NoError(t, got.err)
		require.Equal(t, 200, got.status)
		require.Equal(t, "application/json", got.header.Get("Content-Type"))
		require.False(t, json.Valid([]byte(got.body)))
	},
	chaos.Lying:          isError(200, "Something went wrong", ""),
	chaos.OtherShape:     func(t *testing.T, got answer) { require.JSONEq(t, `[[1,2],"pong",{"now":null}]`, got.body) },
	chaos.Truncated:      isHalf("application/json"),
	chaos.TruncatedChunk: isHalf("application/json"),
	chaos.Huge: func(t *testing.T, got answer) {
		require.NoError(t, got.err)
		require.EqualValues(t, 100<<20, got.size)
		require.Equal(t, 200, got.status)
	},
	chaos.Redirect:     isRedirect(302),
	chaos.RedirectSame: isRedirect(307),
}

func isReset(t *testing.T, got answer) {
	require.ErrorIs(t, got.err, syscall.ECONNRESET)
	require.Zero(t, got.status)
}

func isTimeout(t *testing.T, got answer) {
	require.ErrorIs(t, got.err, context.DeadlineExceeded)
	require.Zero(t, got.status)
}

func isError(status int, message, after string) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		require.NoError(t, got.err)
		require.Equal(t, status, got.status)
		require.Equal(t, after, got.header.Get("Retry-After"))
		var body struct{ Error struct{ Message string } }
		require.NoError(t, json.Unmarshal([]byte(got.body), &body))
		require.Equal(t, message, body.Error.Message)
	}
}

func isPage(status int, has string) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		require.NoError(t, got.err)
		require.Equal(t, status, got.status)
		require.Contains(t, got.header.Get("Content-Type"), "text/html")
		require.Contains(t, got.body, "<html>")
		require.Contains(t, got.body, has)
	}
}

func isHalf(contentType string) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		require.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
		require.Equal(t, 200, got.status)
		require.Equal(t, contentType, got.header.Get("Content-Type"))
		require.True(t, strings.HasPrefix(got.body, `{"contact":{"id":1,`), got.body)
	}
}

func isRedirect(status int) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		require.NoError(t, got.err)
		require.Equal(t, status, got.status)
		require.Equal(t, "https://elsewhere.invalid/api/contacts/1", got.header.Get("Location"))
	}
}

// TestFaultsInMemory: what a caller sees of each fault, and whether it was done.
// Silences take no time here.
func TestFaultsInMemory(t *testing.T) {
	for _, f := range chaos.Faults {
		t.Run(f.String(), func(t *testing.T) {
			require.Contains(t, seen, f)
			box := openBox(t)
			synctest.Test(t, func(t *testing.T) {
				b := inMemory(t, box, chaos.Always(f))
				defer b.Close()
				seen[f](t, b.move(30*time.Second))
				check(t, b, f)
			})
		})
	}
}

// TestFaultsOnASocket: the same by TCP, but for a refusal, which it can't be.
func TestFaultsOnASocket(t *testing.T) {
	for _, f := range chaos.Faults {
		t.Run(f.String(), func(t *testing.T) {
			look, patience := seen[f], patient
			switch f {
			case chaos.Refused:
				look = isReset
			case chaos.SilenceBefore, chaos.SilenceAfter:
				patience = 300 * time.Millisecond
			case chaos.Drip:
				patience, f.Interval = 300*time.Millisecond, 20*time.Millisecond
			}
			b := onSocket(t, openBox(t), chaos.Always(f))
			defer b.Close()
			look(t, b.move(patience))
			check(t, b, f)
		})
	}
}

// check: the request was written down once, with the truth.
func check(t *testing.T, b *bench, f chaos.Fault) {
	t.Helper()
	all := b.Requests()
	require.Len(t, all, 1, "net/http repeats no write")
	require.Equal(t, []any{f, f.Acts, f.Acts}, []any{all[0].Fault, all[0].Acted(), b.moved()})
	require.Equal(t, f.Acts, all[0].Answer != "")
	require.Equal(t, `{"city":"Delft"}`, all[0].Body)
}

// TestEitherWay: a fault that may come before or after the act does both, and
// those that come before it do so always.
func TestEitherWay(t *testing.T) {
	for _, f := range chaos.Faults {
		before := f == chaos.Refused || f == chaos.ResetBefore || f == chaos.SilenceBefore
		require.Equal(t, !before, f.Acting().Acts, f)
		require.False(t, f.Idle().Acts)
		if f == chaos.Huge {
			continue // it is as the others, and slow
		}
		for _, either := range []chaos.Fault{f.Acting(), f.Idle()} {
			box := openBox(t)
			synctest.Test(t, func(t *testing.T) {
				b := inMemory(t, box, chaos.Always(either))
				defer b.Close()
				b.move(time.Hour)
				check(t, b, either)
			})
		}
	}
	require.Equal(t, chaos.None, chaos.None.Acting())
}

// A delete has no answer to spoil: each fault must still be one.
func TestFaultsOnAnAnswerWithoutABody(t *testing.T) {
	for _, f := range []chaos.Fault{chaos.Drip, chaos.Drip.Idle(), chaos.Truncated, chaos.TruncatedChunk, chaos.Garbage} {
		box := openBox(t)
		synctest.Test(t, func(t *testing.T) {
			b := inMemory(t, box, chaos.Always(f))
			defer b.Close()
			got := b.call(3*time.Second, "DELETE", "/contacts/42", "")
			require.True(t, got.err != nil || f == chaos.Garbage, f)
			require.Equal(t, f.Acts, b.Requests()[0].Acted())
		})
	}
}

// Whoever waits long enough has the whole answer of a drip.
func TestDripEnds(t *testing.T) {
	for _, request := range []struct{ method, path, body string }{{"GET", "/users/self", ""}, {"DELETE", "/contacts/42", ""}} {
		box := openBox(t)
		synctest.Test(t, func(t *testing.T) {
			b := inMemory(t, box, chaos.Always(chaos.Drip))
			defer b.Close()
			start := time.Now()
			got := b.call(24*time.Hour, request.method, request.path, request.body)
			require.NoError(t, got.err)
			said := b.Requests()[0]
			require.Equal(t, []any{said.Status, said.Answer}, []any{got.status, got.body})
			require.GreaterOrEqual(t, time.Since(start), time.Duration(len(got.body))*time.Second)
		})
	}
}

// A huge answer is made as it goes out, and stops when nobody reads on.
func TestHugeIsNotHeld(t *testing.T) {
	b := onSocket(t, openBox(t), chaos.Always(chaos.Huge))
	defer b.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := b.call(patient, "GET", "/contacts/1", "")
	runtime.ReadMemStats(&after)
	require.EqualValues(t, 100<<20, got.size)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(20<<20))

	r, err := http.NewRequest("GET", b.root+"/contacts/1", nil)
	require.NoError(t, err)
	res, err := b.client.Do(r)
	require.NoError(t, err)
	_, err = io.CopyN(io.Discard, res.Body, 1000)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
}

func TestHugeIsJSON(t *testing.T) {
	f := chaos.Huge
	f.Size = 200_000
	b := inMemory(t, openBox(t), chaos.Always(f))
	defer b.Close()
	got := b.call(patient, "GET", "/contacts", "")
	require.Len(t, got.body, 200_000)
	require.True(t, json.Valid([]byte(got.body)))
}

func TestRetryAfterCanBeChosen(t *testing.T) {
	f := chaos.Unavailable
	f.RetryAfter = "Mon, 22 Jun 2026 09:00:30 GMT"
	b := inMemory(t, openBox(t), chaos.Always(f))
	defer b.Close()
	require.Equal(t, f.RetryAfter, b.move(patient).header.Get("Retry-After"))
}

// On a connection that was used before, net/http repeats a GET that breaks, and
// never a write: on a socket both can be seen, in memory each request is one.
func TestWhatNetHTTPRepeats(t *testing.T) {
	read := chaos.When(chaos.To("contacts.get"), chaos.Nth(2, chaos.ResetBefore))
	b := onSocket(t, openBox(t), read)
	defer b.Close()
	for range 2 {
		require.NoError(t, b.call(patient, "GET", "/contacts/1", "").err)
	}
	require.Len(t, b.Requests(), 3)

	b.Forget()
	b.Use(chaos.When(chaos.Writes, chaos.Always(chaos.ResetBefore)))
	require.True(t, errors.Is(b.move(patient).err, syscall.ECONNRESET))
	require.Len(t, b.Requests(), 1)

	inside := inMemory(t, openBox(t), chaos.When(chaos.To("contacts.get"), chaos.Nth(2, chaos.ResetBefore)))
	defer inside.Close()
	require.NoError(t, inside.call(patient, "GET", "/contacts/1", "").err)
	require.ErrorIs(t, inside.call(patient, "GET", "/contacts/1", "").err, syscall.ECONNRESET)
	require.Len(t, inside.Requests(), 2)
}
