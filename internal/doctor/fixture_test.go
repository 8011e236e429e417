package doctor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/sandbox"
)

// options are those of a run with these settings, on a machine that has no proxy, a
// keyring that answers and a state directory of its own.
func options(t *testing.T, environ ...string) Options {
	t.Helper()
	if !strings.Contains(strings.Join(environ, " "), "FLEXIE_STATE_DIR=") {
		environ = append(environ, "FLEXIE_STATE_DIR="+t.TempDir())
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	config.Flags(flags)
	loaded, problem := config.Inspect(flags, environ)
	return Options{
		Loaded: loaded, Problem: problem, Environ: environ, Version: "1.2.3", WriteName: WriteNameAt(time.Now()),
		Proxy:   func(*http.Request) (*url.URL, error) { return nil, nil },
		Keyring: func() error { return nil },
		Pause:   func(context.Context, time.Duration) {},
		Now:     func() time.Time { return sandbox.Today.Add(time.Minute / 2) },
	}
}

// workspace is a sandbox on a socket.
func workspace(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	return box
}

// serve serves a handler on this machine, and gives the settings to reach it with.
func serve(t *testing.T, h http.Handler) (environ []string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return []string{"FLEXIE_BASE_URL=" + server.URL + "/api", "FLEXIE_API_KEY=" + sandbox.Key, "FLEXIE_MAX_RATE=0"}
}

// run is a run with what it found of each check, by its name.
func run(t *testing.T, o Options) (Report, map[string]Finding) {
	t.Helper()
	report := Run(t.Context(), o)
	by := map[string]Finding{}
	for _, f := range append(report.Checks, report.WriteTest...) {
		by[f.Name] = f
	}
	return report, by
}

// guess is what a report says of one.
func guess(t *testing.T, r Report, name string) Guess {
	t.Helper()
	for _, g := range r.Assumptions {
		if g.Name == name {
			return g
		}
	}
	require.Fail(t, "no such row", name)
	return Guess{}
}

// instead puts another answer in the place of the workspace's, where f says so.
func instead(h http.Handler, f func(http.ResponseWriter, *http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !f(w, r) {
			h.ServeHTTP(w, r)
		}
	})
}

// answering answers all requests alike.
func answering(status int, kind, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Date", sandbox.Today.Format(http.TimeFormat))
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

var errNone = errors.New("there is none here")

var noHost = &net.DNSError{Err: "no such host", IsNotFound: true}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}
