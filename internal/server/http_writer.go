package server

import (
	"net/http"
	"time"
)

// impatient gives up on clients that do not read what they asked for, so that
// they hold nothing for long.
func (l HTTPLimits) impatient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		_ = control.SetWriteDeadline(time.Time{}) // of the last request on this connection
		next.ServeHTTP(&impatientWriter{wrapped{w}, control, l.WriteTime}, r)
		_ = control.SetWriteDeadline(time.Now().Add(l.WriteTime)) // for what is still in buffers
	})
}

// wrapped is a writer around another, which it flushes.
type wrapped struct{ http.ResponseWriter }

// Flush implements http.Flusher, without which mcp-go does not stream.
func (w wrapped) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// impatientWriter bounds each write. In between no time may run: over HTTP/2 its
// end would end a stream on which there is nothing to say.
type impatientWriter struct {
	wrapped
	control *http.ResponseController
	time    time.Duration
}

func (w *impatientWriter) Write(b []byte) (int, error) {
	defer w.bound()()
	return w.ResponseWriter.Write(b)
}

func (w *impatientWriter) Flush() {
	defer w.bound()()
	_ = w.control.Flush()
}

func (w *impatientWriter) bound() (unbound func()) {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.time))
	return func() { _ = w.control.SetWriteDeadline(time.Time{}) }
}
