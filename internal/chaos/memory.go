package chaos

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// memory is the network between a client and the workspace in one process.
type memory struct {
	w         *Workspace
	start     sync.Once
	server    *http.Server
	transport *http.Transport
	dialled   chan net.Conn
}

func newMemory(w *Workspace) *memory {
	m := &memory{w: w, dialled: make(chan net.Conn)}
	// One connection for each request: with the rule decided before it is sent,
	// a refusal can follow it, and net/http, which may repeat a read on a
	// connection that it had used before, repeats nothing.
	m.transport = &http.Transport{DialContext: m.dial, DisableKeepAlives: true}
	m.server = &http.Server{Handler: w, ConnContext: func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, entryKey{}, c.(*serverConn).entry)
	}}
	return m
}

func (m *memory) close() {
	m.server.Close()
	m.transport.CloseIdleConnections()
}

// Transport reaches the workspace in this process, whatever the host, http or
// https: for flexie.Options.Transport or an http.Client.
func (w *Workspace) Transport() http.RoundTripper { return w.memory }

// RoundTrip decides what goes wrong, and then lets net/http meet it.
func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	m.start.Do(func() { go m.server.Serve(m) })
	e := m.w.decide(r, body)
	sent := r.Clone(context.WithValue(r.Context(), entryKey{}, e))
	sent.URL.Scheme, sent.GetBody = "http", nil
	sent.Body, sent.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		sent.Body = http.NoBody
	}
	res, err := m.transport.RoundTrip(sent)
	if res != nil {
		res.Request = r
	}
	return res, err
}

// dial connects a request, or refuses it.
func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	e := entryOf(ctx)
	if e.Fault.Name == Refused.Name {
		e.run(e.before)
		e.run(e.after)
		return nil, broken("dial", "connect", syscall.ECONNREFUSED)
	}
	if m.w.isDown() {
		return nil, broken("dial", "connect", syscall.ECONNREFUSED)
	}
	wasReset := new(atomic.Bool)
	client, server := net.Pipe()
	select {
	case m.dialled <- &serverConn{server, e, wasReset}:
		return &clientConn{client, wasReset}, nil
	case <-m.w.ctx.Done():
		return nil, broken("dial", "connect", syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept, Close and Addr make a net.Listener of it.
func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.dialled:
		return c, nil
	case <-m.w.ctx.Done():
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error { return nil }

func (m *memory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// serverConn is the workspace's end of a connection, for one request.
type serverConn struct {
	net.Conn
	entry    *entry
	wasReset *atomic.Bool
}

// reset makes the other end read that the connection was reset.
func (c *serverConn) reset() { c.wasReset.Store(true) }

// clientConn is the caller's end. It fails as a socket does.
type clientConn struct {
	net.Conn
	wasReset *atomic.Bool
}

func (c *clientConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == io.EOF && c.wasReset.Load() {
		err = broken("read", "read", syscall.ECONNRESET)
	}
	return n, err
}

func (c *clientConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	switch {
	case err == io.ErrClosedPipe && c.wasReset.Load():
		err = broken("write", "write", syscall.ECONNRESET)
	case err == io.ErrClosedPipe:
		err = broken("write", "write", syscall.EPIPE)
	}
	return n, err
}

// broken is an error as the net package has it of a socket.
func broken(op, call string, err syscall.Errno) error {
	return &net.OpError{
		Op: op, Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443},
		Err: os.NewSyscallError(call, err),
	}
}
