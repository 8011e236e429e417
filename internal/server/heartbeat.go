package server

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// beatEvery is how long nothing may be said on a stream. Proxies cut one off that
// is quiet for a minute, also while a user thinks about a question.
const beatEvery = 25 * time.Second

// beating has a comment written, which clients skip, on each stream that was quiet
// for so long.
func beating(every time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := &beatingWriter{wrapped: wrapped{w}, every: every}
		defer b.end()
		next.ServeHTTP(b, r)
	})
}

// beatingWriter is written to by its handler, one whole event at a time, and in
// between by its timer.
type beatingWriter struct {
	wrapped
	every time.Duration

	mu    sync.Mutex
	timer *time.Timer // nil as long as it is no stream
	last  time.Time   // when something was last said
	ended bool
}

func (b *beatingWriter) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begin()
	return b.ResponseWriter.Write(p)
}

func (b *beatingWriter) Flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begin()
	b.wrapped.Flush()
}

// begin is called at each sign of life. The timer is not set anew then, which
// would cost more than to let it go off too early.
func (b *beatingWriter) begin() {
	if b.timer == nil && strings.HasPrefix(b.Header().Get("Content-Type"), "text/event-stream") {
		b.timer = time.AfterFunc(b.every, b.beat)
	}
	if b.timer != nil {
		b.last = time.Now()
	}
}

func (b *beatingWriter) beat() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	if time.Since(b.last) >= b.every {
		_, err := b.ResponseWriter.Write([]byte(":\n\n"))
		if err != nil {
			return // whoever reads it is gone
		}
		b.wrapped.Flush()
		b.last = time.Now()
	}
	b.timer.Reset(b.every - time.Since(b.last))
}

func (b *beatingWriter) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	if b.timer != nil {
		b.timer.Stop()
	}
}
