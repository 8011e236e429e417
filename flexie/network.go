package flexie

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// flight is one request under way: what must be known of it to say, should it
// fail, whether Flexie may have acted.
type flight struct {
	host  string
	write bool
	start time.Time

	secrets secrets     // that a server may have repeated in what went wrong
	left    atomic.Bool // whether a part of it may have been sent
	began   atomic.Bool // whether a part of the answer came
}

// watch makes the transport tell when it has a connection to send on. One that
// tells nothing (the sandbox's, a test's) is taken to have sent.
func (f *flight) watch(ctx context.Context) context.Context {
	f.left.Store(true)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { f.left.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { f.left.Store(true) },

		GotFirstResponseByte: func() { f.began.Store(true) },
	})
}

// gaveUp is the Error of a call that ended before it was sent.
func gaveUp(ctx context.Context) *Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &Error{Kind: Cancelled, Message: "the call was cancelled; nothing was sent", cause: ctx.Err()}
	}
	return &Error{Kind: Timeout, Message: "no time was left for the call; nothing was sent", cause: ctx.Err()}
}

// failed turns a failure to get an answer into an Error. A write of which a
// part may have left is uncertain.
func (f *flight) failed(ctx context.Context, err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err // without the address: its query says what was searched for
	}
	e := &Error{Kind: Lost, Uncertain: f.write, cause: err}
	waited := time.Since(f.start).Round(10 * time.Millisecond)
	timeout := errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind, e.Message = Cancelled, "the call was cancelled"
	case isCertificate(err):
		e.Kind, e.Message = Unreachable, fmt.Sprintf("the TLS certificate of %s was refused: %s", f.host, f.cause(err))
		f.left.Store(false)
	case isBadRedirect(err):
		e.Kind, e.Message = Unreadable, "the server redirects to an address that can't be read"
	case timeout && !f.left.Load():
		e.Kind, e.Message = Unreachable, fmt.Sprintf("could not connect to %s within %s", f.host, waited)
	case timeout:
		e.Kind, e.Message = Timeout, fmt.Sprintf("no whole answer from %s within %s: %s", f.host, waited, f.progress())
	case !f.left.Load() || isDial(err):
		e.Kind, e.Message = Unreachable, fmt.Sprintf("could not connect to %s: %s", f.host, f.cause(err))
		f.left.Store(false)
	default:
		e.Message = fmt.Sprintf("the connection to %s broke before an answer came: %s", f.host, f.cause(err))
	}
	if !f.left.Load() {
		e.Uncertain, e.lasting = false, lasts(err)
		e.Message += "; nothing was sent"
	}
	return e
}

// progress is how far an answer came that did not come whole.
func (f *flight) progress() string {
	if f.began.Load() {
		return "it began and did not go on"
	}
	return "nothing of it came"
}

// cut is the Error of an answer that said all was well and then did not come
// whole: a write was most likely done.
func (f *flight) cut(ctx context.Context, status, came int, err error) *Error {
	e := f.failed(ctx, err)
	e.Status, e.Uncertain = status, f.write
	switch e.Kind {
	case Lost:
		e.Message = fmt.Sprintf("the connection to %s broke before the whole answer came: %s", f.host, f.cause(err))
	case Timeout:
		waited := time.Since(f.start).Round(10 * time.Millisecond)
		e.Message = fmt.Sprintf("no whole answer from %s within %s: only %d bytes of it came", f.host, waited, came)
	}
	if f.write {
		e.Message += "; Flexie had taken it by then, so it was most likely done"
	}
	return e
}

// cause is the plainCause, which may quote what the other side said.
func (f *flight) cause(err error) string {
	return clean(f.secrets.censor(plainCause(err)), 200)
}

// plainCause says in a few words why the network failed. Only known causes are
// put into words of ours; the rest keep the system's, which name no secret.
func plainCause(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no such host"
	case errors.As(err, &dns):
		return "its name could not be looked up: " + dns.Err
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &tls.RecordHeaderError{}):
		return "it does not speak TLS, which https needs"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "it took too long"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "the other side closed it"
	case errors.As(err, &op):
		return op.Err.Error()
	}
	if i := strings.Index(err.Error(), "malformed HTTP"); i >= 0 {
		return "what came is no HTTP: " + err.Error()[i:]
	}
	return err.Error()
}

// lasts reports whether a failure to connect would be the same a moment later.
func lasts(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	alert := errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") // of TLS
	return alert || isCertificate(err) || errors.As(err, &dns) && dns.IsNotFound ||
		errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &tls.RecordHeaderError{})
}

// isBadRedirect tells what http.Client says in words alone.
func isBadRedirect(err error) bool {
	return strings.HasPrefix(err.Error(), "failed to parse Location header")
}

func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	return errors.As(err, &verification) || errors.As(err, &unknown) || errors.As(err, &hostname)
}

// IsLoopback reports whether host, a name or an address without port, is this
// machine: the one place plain http is allowed to.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}
