package oauth

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"flexie-mcp/flexie"
)

// Listener hears the browser come back from Flexie, at the redirect address. It
// is reached from this machine only, and takes one answer.
type Listener struct {
	client *Client
	signIn SignIn
	at     *url.URL
	server *http.Server
	taken  atomic.Bool
	answer chan Answer
}

// Answer is what the browser brought. Tell must be called with what came of it,
// which the page then shows.
type Answer struct {
	Code string
	Err  error
	told chan error
}

// Tell says what came of the answer.
func (a Answer) Tell(err error) { a.told <- err }

// tellTime is how long the page waits to hear what came of the answer.
const tellTime = time.Minute

// ErrElsewhere is the error of a redirect address that is not this machine's:
// its answers can only be pasted.
var ErrElsewhere = errors.New("the redirect address is not one of this machine")

// Listen opens the redirect address. Assumption: oauth-redirect.
func (c *Client) Listen(s SignIn) (*Listener, error) {
	at, err := url.Parse(c.o.Redirect)
	if err != nil {
		return nil, err
	}
	if at.Scheme != "http" || !flexie.IsLoopback(at.Hostname()) {
		return nil, ErrElsewhere
	}
	l := &Listener{client: c, signIn: s, at: at, answer: make(chan Answer, 1)}
	listening, err := listenLoopback(at)
	if err != nil {
		return nil, err
	}
	l.server = &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	for _, on := range listening {
		go func() { _ = l.server.Serve(on) }()
	}
	return l, nil
}

// listenLoopback opens the address; for the name localhost, those of both
// families that this machine has, since a browser takes either.
func listenLoopback(at *url.URL) (all []net.Listener, err error) {
	port := at.Port()
	if port == "" {
		port = "80"
	}
	hosts := []string{at.Hostname()}
	if net.ParseIP(at.Hostname()) == nil {
		hosts = []string{"127.0.0.1", "::1"}
	}
	for _, host := range hosts {
		l, listenErr := net.Listen("tcp", net.JoinHostPort(host, port))
		if listenErr == nil {
			all = append(all, l)
		} else if err == nil {
			err = listenErr
		}
	}
	switch {
	case len(all) > 0:
		return all, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program listens on port %s, so that the answer can't be heard", port)
	}
	return nil, fmt.Errorf("port %s can't be listened on: %s", port, flexie.Because(err))
}

// Answered gives the answer when it comes.
func (l *Listener) Answered() <-chan Answer { return l.answer }

// Close ends the listener, once a page that is being shown was.
func (l *Listener) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if l.server.Shutdown(ctx) != nil {
		_ = l.server.Close()
	}
}

// ServeHTTP takes the answer. A page of another site may send a browser here as
// well, by whatever name: it does not know the state.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Host != l.at.Host:
		show(w, http.StatusMisdirectedRequest, "This is not the address of a sign-in", "Nothing was done.")
		return
	case r.URL.Path != l.at.Path && r.URL.Path != l.at.Path+"/":
		http.NotFound(w, r)
		return
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", "GET")
		show(w, http.StatusMethodNotAllowed, "An answer is brought by GET", "Nothing was done.")
		return
	}
	code, err := l.client.Code(l.signIn, r.URL.Query())
	if errors.Is(err, ErrOther) {
		show(w, http.StatusBadRequest, "This is not the answer to the sign-in that is under way",
			"Go back to the terminal, and open the address that stands there. If none does, run flexie-mcp login again.")
		return
	}
	if l.taken.Swap(true) {
		show(w, http.StatusConflict, "This sign-in was answered already", "You can close this page. To sign in again, run flexie-mcp login.")
		return
	}
	answer := Answer{code, err, make(chan error, 1)}
	l.answer <- answer
	select {
	case err = <-answer.told:
	case <-time.After(tellTime):
		err = errors.New("it is not known yet: look at the terminal")
	}
	if err != nil {
		show(w, http.StatusOK, "You are not signed in", sentence(err.Error()))
		return
	}
	show(w, http.StatusOK, "You are signed in", "You can close this page and go back to the terminal.")
}

// sentence makes one of an error's message.
func sentence(message string) string {
	first, size := utf8.DecodeRuneInString(message)
	return string(unicode.ToUpper(first)) + strings.TrimRight(message[size:], ".") + "."
}

var page = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{{.Title}} – flexie-mcp</title></head>
<body style="font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem">
<h1 style="font-size: 1.5rem">{{.Title}}</h1><p>{{.Next}}</p></body></html>
`))

// show writes a page that no other site can use and no cache keeps: its address
// holds the code.
func show(w http.ResponseWriter, status int, title, next string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = page.Execute(w, map[string]string{"Title": title, "Next": next})
}
