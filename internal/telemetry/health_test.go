package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/telemetry"
)

func ask(h http.Handler, method string) (int, string) {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest(method, "/", nil))
	return answer.Code, answer.Body.String()
}

func requireReady(t *testing.T, h *telemetry.Health, code int, text string) {
	t.Helper()
	gotCode, gotText := ask(h.Ready(), http.MethodGet)
	require.Equal(t, text+"\n", gotText)
	require.Equal(t, code, gotCode)
}

func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told bytes.Buffer
		h := telemetry.NewHealth(slog.New(slog.NewTextHandler(&told, nil)))
		requireReady(t, h, 200, "ready")
		var away error
		asked := 0
		h.Check("state store", func(context.Context) error { asked++; return away })
		h.Check("tokens", func(context.Context) error { return nil })
		requireReady(t, h, 200, "ready")

		away = errors.New("dial db.internal:5432: refused")
		requireReady(t, h, 200, "ready")
		require.Equal(t, 1, asked, "anybody may ask, and often")
		time.Sleep(time.Second)
		requireReady(t, h, 503, "not ready: state store")
		require.Contains(t, told.String(), "db.internal")

		time.Sleep(time.Second)
		requireReady(t, h, 503, "not ready: state store")
		require.Equal(t, 1, bytes.Count(told.Bytes(), []byte("not ready")), "it is told once")

		away = nil
		time.Sleep(time.Second)
		requireReady(t, h, 200, "ready")
		require.Contains(t, told.String(), "ready again")

		require.False(t, h.Draining())
		h.Drain()
		require.True(t, h.Draining())
		requireReady(t, h, 503, "draining")
		code, text := ask(h.Live(), http.MethodGet)
		require.Equal(t, "ok\n", text)
		require.Equal(t, 200, code)
	})
}

// TestAHangingCheck fails after two seconds, and is not asked again before it
// has answered.
func TestAHangingCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := telemetry.NewHealth(quiet)
		var asked atomic.Int32
		free := make(chan struct{})
		h.Check("state store", func(context.Context) error { asked.Add(1); <-free; return nil })
		h.Check("tokens", func(context.Context) error { panic("oh") })
		begun := time.Now()
		requireReady(t, h, 503, "not ready: state store, tokens")
		require.Equal(t, 2*time.Second, time.Since(begun))
		for range 5 {
			time.Sleep(time.Second)
			requireReady(t, h, 503, "not ready: state store, tokens")
		}
		require.EqualValues(t, 1, asked.Load())
		close(free)
		time.Sleep(time.Second)
		requireReady(t, h, 503, "not ready: tokens")
	})
}

// TestProbesSayNoMore than they must, to anybody.
func TestProbesSayNoMore(t *testing.T) {
	h := telemetry.NewHealth(quiet)
	for _, probe := range []http.Handler{h.Live(), h.Ready()} {
		answer := httptest.NewRecorder()
		probe.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
		require.Equal(t, http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "Cache-Control": {"no-store"}}, answer.Header())
		code, _ := ask(probe, http.MethodHead)
		require.Equal(t, 200, code)
		code, _ = ask(probe, http.MethodPost)
		require.Equal(t, 405, code)
	}
}
