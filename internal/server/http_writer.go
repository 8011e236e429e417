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
		next.ServeHTTP(&impatientWriter{w, control, l.WriteTime}, r)
		_ = control.SetWriteDeadline(time.Now().Add(l.WriteTime)) // for what is still in buffers
	})
}

// impatientWriter bounds each write. In between no time may run: over HTTP/2 its
// end would end a stream on which there is nothing to say.
type impatientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	time    time.Duration
}

func (w *impatientWriter) Write(b []byte) (int, error) {
	defer w.bound()()
	return w.ResponseWriter.Write(b)
}

// Flush implements http.Flusher, without which mcp-go does not stream.
func (w *impatientWriter) Flush() {
	defer w.bound()()
	_ = w.control.Flush()
}

// Unwrap is for http.ResponseController.
func (w *impatientWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *impatientWriter) bound() (unbound func()) {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.time))
	return func() { _ = w.control.SetWriteDeadline(time.Time{}) }
}
