package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serving is how to serve over HTTP.
type Serving struct {
	// Grace is how long requests under way may go on when the server is to end.
	Grace time.Duration

	// Drain is how long requests are still taken, before the grace begins, while
	// probes already say that none should be sent: those who send them learn that
	// only after a while.
	Drain time.Duration

	// MaxHeader bounds the headers of a request, in bytes; 0 is 64 KiB.
	MaxHeader int

	// TLS serves HTTPS alone; nil serves HTTP.
	TLS *tls.Config
}

const (
	// usualHeader is the most of a request's headers that is read, in bytes.
	usualHeader = 64 << 10

	// headerTime is how long headers may take to come, and idleTime how long a
	// connection is kept on which no request comes.
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute

	// leftoverTime is how long the rest of a body may take that nobody waits for.
	leftoverTime = time.Second

	// flushTime is what a call's answer needs to be on its stream once the call
	// has ended.
	flushTime = 50 * time.Millisecond
)

// ServeHTTP serves until ctx ends, and soon ends itself then.
func ServeHTTP(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	return Serving{Grace: answerGrace}.HTTP(ctx, l, h, log)
}

// HTTP serves until ctx ends. Then it opens no more sessions, after Drain takes no
// more connections, lets requests under way end within the grace, and ends the streams
// when nothing more will be said on them. After the grace calls are cancelled;
// the requests that wait for those calls are not, so that each is answered with
// what is known.
func (s Serving) HTTP(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	run := newRunning(ctx)
	defer run.endCalls()
	srv := s.server(h, run, log)
	ended := make(chan error, 1)
	go func() {
		if s.TLS != nil {
			ended <- srv.ServeTLS(l, "", "")
			return
		}
		ended <- srv.Serve(l)
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	run.draining.Store(true)
	select {
	case err := <-ended:
		return err
	case <-time.After(s.Drain):
	}
	if s.finish(srv, run) == nil {
		return nil
	}
	run.endCalls()
	if shutdown(srv, stopGrace) == nil {
		return nil
	}
	return srv.Close() // a request that does not end must not keep the process
}

func (s Serving) server(h http.Handler, run *running, log *slog.Logger) *http.Server {
	header := s.MaxHeader
	fill(&header, usualHeader)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true) // for proxies
	return &http.Server{
		Handler: boundingBodies(run.parting(h)), Protocols: protocols, TLSConfig: s.TLS,
		ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: header,
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), runningKey{}, run)
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// boundingBodies bounds the time for what has not come of a body by the end of its
// request, which net/http reads before it sends the answer: that of a request that
// was refused may never come.
func boundingBodies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(leftoverTime))
		}()
		next.ServeHTTP(w, r)
	})
}

// finish waits for the end of all that is under way, for the grace at most.
func (s Serving) finish(srv *http.Server, run *running) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.Grace)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- srv.Shutdown(ctx) }()
	run.awaitCalls(ctx)
	run.endStreams()
	return <-ended
}

// shutdown waits until no request is under way, for the grace at most.
func shutdown(srv *http.Server, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return srv.Shutdown(ctx)
}
