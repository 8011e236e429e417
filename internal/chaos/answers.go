package chaos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exchange is a request that waits for its answer.
type exchange struct {
	w      *Workspace
	rw     http.ResponseWriter
	r      *http.Request
	fault  Fault
	actual *recorder // what the workspace answered, if it was asked
}

// answers are how each fault answers, by its name.
var answers = map[string]func(*exchange){
	None.Name:             (*exchange).truth,
	Refused.Name:          (*exchange).reset, // there is a connection already: the nearest to it
	ResetBefore.Name:      (*exchange).reset,
	ResetAfter.Name:       (*exchange).reset,
	SilenceBefore.Name:    (*exchange).silence,
	SilenceAfter.Name:     (*exchange).silence,
	Drip.Name:             (*exchange).drip,
	TooMany.Name:          failing(http.StatusTooManyRequests),
	TooManyLater.Name:     failing(http.StatusTooManyRequests),
	ServerError.Name:      failing(http.StatusInternalServerError),
	ProxyError.Name:       page(http.StatusBadGateway, "502 Bad Gateway", "<p>The upstream server sent no answer.</p>"),
	Unavailable.Name:      failing(http.StatusServiceUnavailable),
	UnavailableLater.Name: failing(http.StatusServiceUnavailable),
	Garbage.Name:          saying(http.StatusOK, isJSON, "\x00\xff<<Warning: strpos() expects 2 parameters>> {\"contact\":{"),
	Lying.Name:            saying(http.StatusOK, isJSON, `{"error":{"message":"Something went wrong","code":500}}`),
	OtherShape.Name:       saying(http.StatusOK, isJSON, `[[1,2],"pong",{"now":null}]`),
	Truncated.Name:        (*exchange).truncate,
	TruncatedChunk.Name:   (*exchange).truncate,
	Huge.Name:             (*exchange).flood,
	LoginPage.Name:        page(http.StatusOK, "Log in", `<form method="post"><input name="username"><input name="password" type="password"></form>`),
	Redirect.Name:         redirecting(http.StatusFound),
	RedirectSame.Name:     redirecting(http.StatusTemporaryRedirect),
}

const (
	isJSON  = "application/json"
	success = `{"success":1}` // where there is no answer to spoil
)

// Elsewhere is the host that redirects lead to. It can't exist (RFC 6761).
const Elsewhere = "elsewhere.invalid"

func (x *exchange) answer() {
	answer := answers[x.fault.Name]
	if answer == nil {
		panic(fmt.Sprintf("chaos: no fault is called %q", x.fault.Name))
	}
	answer(x)
}

// truth passes on what the workspace answered.
func (x *exchange) truth() {
	for name, values := range x.actual.header {
		x.rw.Header()[name] = values
	}
	if x.actual.status == 0 {
		panic(http.ErrAbortHandler) // it found that nobody waits any more
	}
	x.rw.WriteHeader(x.actual.status)
	_, _ = x.rw.Write(x.actual.body.Bytes()) // the caller may be gone: nothing is left to do then
}

// reset ends the connection the hard way: the caller reads ECONNRESET.
func (x *exchange) reset() {
	conn := x.hijack()
	switch c := conn.(type) {
	case *net.TCPConn:
		_ = c.SetLinger(0) // Close sends a reset then
	case *serverConn:
		c.reset()
	}
	conn.Close()
}

// hijack takes the connection away from net/http.
func (x *exchange) hijack() net.Conn {
	conn, _, err := http.NewResponseController(x.rw).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // there is no connection to take
	}
	return conn
}

// silence says nothing until the caller gives up.
func (x *exchange) silence() {
	select {
	case <-x.r.Context().Done():
	case <-x.w.ctx.Done():
	}
	panic(http.ErrAbortHandler) // returning would answer
}

// drip gives the answer's body, or where it has none its head, byte by byte.
func (x *exchange) drip() {
	status, body := x.actual.status, x.actual.body.Bytes()
	if status == 0 {
		status, body = http.StatusOK, []byte(success)
	}
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n", status, http.StatusText(status), isJSON)
	if status != http.StatusNoContent {
		fmt.Fprintf(&head, "Content-Length: %d\r\n", len(body))
	}
	head.WriteString("\r\n")
	conn := x.hijack()
	defer conn.Close()
	defer context.AfterFunc(x.w.ctx, func() { conn.Close() })()
	if len(body) == 0 {
		body = head.Bytes()
	} else if _, err := conn.Write(head.Bytes()); err != nil {
		return
	}
	for _, b := range body {
		if !x.pause() {
			return
		}
		if _, err := conn.Write([]byte{b}); err != nil {
			return // the caller has given up
		}
	}
}

// pause lets an interval pass, and reports false if the workspace was closed.
func (x *exchange) pause() bool {
	timer := time.NewTimer(x.fault.Interval)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-x.w.ctx.Done():
	}
	return x.w.ctx.Err() == nil
}

// truncate gives half an answer and hangs up. What has no body gets one.
func (x *exchange) truncate() {
	status, body := x.actual.status, x.actual.body.Bytes()
	if len(body) == 0 {
		status, body = http.StatusOK, []byte(success)
	}
	x.rw.Header().Set("Content-Type", isJSON)
	if x.fault.Name == Truncated.Name {
		x.rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.rw.WriteHeader(status)
	_, _ = x.rw.Write(body[:len(body)/2])
	_ = http.NewResponseController(x.rw).Flush()
	panic(http.ErrAbortHandler)
}

// flood answers more than anybody wants to read: JSON with one very long text,
// made as it goes out.
func (x *exchange) flood() {
	x.rw.Header().Set("Content-Type", isJSON)
	const head, foot = `{"total":"1","filler":"`, `"}`
	_, _ = io.WriteString(x.rw, head)
	block := bytes.Repeat([]byte("x"), 64<<10)
	for left := x.fault.Size - int64(len(head)+len(foot)); left > 0; {
		n, err := x.rw.Write(block[:min(left, int64(len(block)))])
		if err != nil {
			panic(http.ErrAbortHandler) // the caller has had enough
		}
		left -= int64(n)
	}
	_, _ = io.WriteString(x.rw, foot)
}

// saying answers the same to everybody.
func saying(status int, contentType, body string) func(*exchange) {
	return func(x *exchange) { x.say(status, contentType, body) }
}

func (x *exchange) say(status int, contentType, body string) {
	x.rw.Header().Set("Content-Type", contentType)
	x.rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if x.fault.RetryAfter != "" {
		x.rw.Header().Set("Retry-After", x.fault.RetryAfter)
	}
	x.rw.WriteHeader(status)
	_, _ = io.WriteString(x.rw, body)
}

// failing is an error as Flexie has them.
func failing(status int) func(*exchange) {
	return saying(status, isJSON, fmt.Sprintf(`{"error":{"message":%q,"code":%d}}`, http.StatusText(status), status))
}

// page is HTML.
func page(status int, title, body string) func(*exchange) {
	return saying(status, "text/html; charset=utf-8",
		strings.ReplaceAll("<!DOCTYPE html>\n<html><head><title>TITLE</title></head><body><h1>TITLE</h1>", "TITLE", title)+body+"</body></html>\n")
}

// redirecting sends the caller to another host, with path and query.
func redirecting(status int) func(*exchange) {
	return func(x *exchange) {
		x.rw.Header().Set("Location", "https://"+Elsewhere+x.r.URL.RequestURI())
		x.rw.WriteHeader(status)
	}
}
