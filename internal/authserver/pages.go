package authserver

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"flexie-mcp/flexie"
)

// The pages that people see. They work without scripts; what they show of a client
// nobody has verified but its host.

//go:embed pages/*.html
var pageFiles embed.FS

// style is in each page, so that a page is whole by itself: a proxy, or a
// connection that breaks, can't leave one that looks like something else.
//
//go:embed pages/style.css
var style string

// styleSource is the one style that pages may have, as their policy names it.
var styleSource = func() string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

// inPages are what the templates call.
var inPages = template.FuncMap{
	"style": func() template.CSS { return template.CSS(style) }, "moment": moment, "may": may, "does": does, "area": area,
}

// pages are the templates, and how they are sent.
type pages struct{ templates map[string]*template.Template }

func newPages() *pages {
	p := &pages{templates: map[string]*template.Template{}}
	for _, name := range []string{"consent", "sign-in", "away", "done", "connected", "problem"} {
		p.templates[name] = template.Must(template.New("").Funcs(inPages).
			ParseFS(pageFiles, "pages/layout.html", "pages/"+name+".html"))
	}
	return p
}

// consentView asks what a client may do. Its form posts flow, proof, answer
// (allow or deny), access (one of Levels), toolset (any number), and as (another,
// to sign in anew).
type consentView struct {
	Flow, Proof  string
	Problem      string // of the last try
	Name         string // what the client calls itself
	Host         string // that vouches for it; "" if none does
	RedirectHost string // where answers go
	Local        bool   // to a program on this machine
	Workspace    string // "" if the person is asked for it
	Person       string // who has signed in; "" if nobody has
	More         bool   // there are higher levels than are asked for
	Levels       []levelView
	Toolsets     []toolsetView
	Before       *beforeView // what it may now; nil where that is nothing, or not known
}

// beforeView is what a client was allowed before.
type beforeView struct {
	Level    string
	Toolsets []string // none are all
}

// AllToolsets reports whether none is left out.
func (v consentView) AllToolsets() bool {
	return !slices.ContainsFunc(v.Toolsets, func(t toolsetView) bool { return !t.Chosen })
}

// App reports whether answers go to an application that has a scheme of its own,
// which is then what RedirectHost names.
func (v consentView) App() bool { return strings.HasSuffix(v.RedirectHost, ":") }

type levelView struct {
	Name   string
	Chosen bool
}

type toolsetView struct {
	Name   string
	Chosen bool
}

// signInView asks for a Flexie key. Its form posts flow, proof, key, and workspace
// if that is asked for.
type signInView struct {
	Flow, Proof   string
	Problem       string // of the last try
	Field         string // that it is about: key or workspace; "" is none
	Name          string // of the client; "" if it is to see what is connected
	Workspace     string
	AsksWorkspace bool
	Typed         string // what was typed for the workspace
	Flexie        bool   // the form posts with=flexie instead of a key, to sign in at Flexie
}

// doneView is what is left in the browser when it goes back to the client, which
// an application opens beside it.
type doneView struct {
	Name    string // of the client
	Allowed bool
	Address template.URL // of the answer; its scheme is one that answers can be sent to
}

// connectedView shows what is connected. Its forms post proof and end: one, with
// grant; all; or session.
type connectedView struct {
	Proof             string
	Person, Workspace string
	Ended             bool // one has just been disconnected
	Grants            []grantView
}

type grantView struct {
	ID           string
	Name         string
	Host         string
	RedirectHost string
	Level        string
	Toolsets     []string // none are all
	Since, Used  time.Time
}

// Place is where answers went, as people know it.
func (v grantView) Place() string { return placeOf(v.RedirectHost) }

func placeOf(redirectHost string) string {
	switch {
	case flexie.IsLoopback(redirectHost):
		return "a program on your computer"
	case strings.HasSuffix(redirectHost, ":"):
		return "the application that opens " + redirectHost + " addresses"
	}
	return redirectHost
}

// problemView says what is wrong and what to do next.
type problemView struct {
	Title, Text string
	Connected   bool // show the way to what is connected

	// Back is a link to the client, with why there is nothing for it; "" is none. It
	// leads to Place, and its scheme is one that answers can be sent to.
	Back  template.URL
	Place string
}

// badRequest is a request that no client or page of ours makes.
func badRequest(text string) problemView {
	return problemView{Title: "This can't be done", Text: text + " Nothing was connected."}
}

// failed is what the operator has to look at.
func failed() problemView {
	return problemView{Title: "Something went wrong", Text: "The server could not do this now. Try again in a minute; if it stays so, tell whoever runs the server to look at its log."}
}

// unreadable is what does not heal by waiting: what is kept can't be decrypted.
func unreadable() problemView {
	return problemView{Title: "This server can’t read what it keeps", Text: "What it has kept of your sign-in was encrypted with a key that it does not have now. Waiting won’t help: ask whoever runs this server to look at its log."}
}

func (p *pages) consent(w http.ResponseWriter, status int, v consentView) {
	p.render(w, status, "consent", v, "'self'")
}

func (p *pages) signIn(w http.ResponseWriter, status int, v signInView) {
	p.render(w, status, "sign-in", v, "'self'")
}

// done sends the browser on to the client, by a page that leads there at once.
// A redirect would not do: browsers hold each step that follows a form to the
// policy of its page, also those that the client then takes, and Claude's goes on
// to an application, with a scheme that is not known here.
func (p *pages) done(w http.ResponseWriter, v doneView) {
	w.Header().Set("Refresh", "0;url="+string(v.Address))
	p.render(w, http.StatusOK, "done", v, "")
}

func (p *pages) connected(w http.ResponseWriter, v connectedView) {
	p.render(w, http.StatusOK, "connected", v, "'self'")
}

func (p *pages) problem(w http.ResponseWriter, status int, v problemView) {
	p.render(w, status, "problem", v, "")
}

// render sends a page, whole or not at all.
func (p *pages) render(w http.ResponseWriter, status int, name string, view any, formTargets string) {
	var page bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&page, "layout", view); err != nil {
		http.Error(w, "the page can't be shown", http.StatusInternalServerError)
		return
	}
	setPageHeaders(w.Header())
	w.Header().Set("Content-Security-Policy", policy(formTargets))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}

// moment is a time as people read it. Of two that were connected on one day, it tells
// which is which.
func moment(t time.Time) string { return t.Format("2 January 2006, 15:04 UTC") }

// may says in a few words what a level lets an assistant do.
func may(level string) string {
	return map[string]string{
		"read":   "Look things up",
		"write":  "Look things up and make changes",
		"delete": "Look things up, make changes and delete",
		"admin":  "Everything, also what is for administrators",
	}[level]
}

// does says what a level adds to those below it.
func does(level string) string {
	return map[string]string{
		"read":   "Read what you can read, and change nothing.",
		"write":  "Create and change records, write notes and replies, and send email.",
		"delete": "Delete records as well.",
		"admin":  "Change users and workflows as well, for everybody in the workspace.",
	}[level]
}

// area is a toolset's name as people read it.
func area(toolset string) string { return strings.ReplaceAll(toolset, "_", " ") }
