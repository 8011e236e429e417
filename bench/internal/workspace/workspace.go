// Package workspace is a workspace that answers from memory, to measure what asks it.
package workspace

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"flexie-mcp/bench/internal/process"
	"flexie-mcp/internal/sandbox"
)

// SlowPath is before the address of the workspace where it takes its time, as
// Flexie does.
const (
	SlowPath = "/slow"
	Slowness = 20 * time.Millisecond
)

// StalledPath is where the API of a workspace would be that never answers.
const StalledPath = "/stalled"

// workspace answers as the sandbox did when it was first asked the same: the
// sandbox itself would take more time than what is measured. Any key will do.
type workspace struct {
	box     *sandbox.Sandbox
	answers sync.Map // by path and query
}

func Serve() {
	box, err := sandbox.Open(sandbox.Options{})
	if err != nil {
		panic(err)
	}
	process.Serve(&workspace{box: box})
}

func (s *workspace) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, StalledPath) {
		_, _ = io.Copy(io.Discard, r.Body) // or the end of the connection is not seen
		<-r.Context().Done()
		return
	}
	if path, ok := strings.CutPrefix(r.URL.Path, SlowPath); ok {
		time.Sleep(Slowness)
		r.URL.Path = path
	}
	body, ok := s.answers.Load(r.URL.RequestURI())
	if !ok || r.Method != http.MethodGet {
		answer, status := s.ask(r)
		if status != http.StatusOK || r.Method != http.MethodGet {
			w.WriteHeader(status)
			_, _ = w.Write(answer)
			return
		}
		s.answers.Store(r.URL.RequestURI(), answer)
		body = answer
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body.([]byte))
}

func (s *workspace) ask(r *http.Request) (body []byte, status int) {
	r = r.Clone(r.Context())
	r.Header.Set("apikey", sandbox.Key)
	answer, err := s.box.Transport().RoundTrip(r)
	if err != nil {
		return []byte(err.Error()), http.StatusBadGateway
	}
	defer answer.Body.Close()
	body, _ = io.ReadAll(answer.Body) // which is in memory
	return body, answer.StatusCode
}
