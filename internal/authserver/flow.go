package authserver

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"flexie-mcp/internal/store"
)

// A flow is one sign-in or consent of one browser, from the client's request to
// the answer. It goes through the steps one way, each by one UPDATE; its id is in
// the address, and it is the browser's whose cookie began it. So two tabs are two
// flows, a page that is sent twice is answered once, and one that is older than
// ten minutes says so.
type flow struct {
	id      string // as in the address
	browser string // what the cookie holds
	step    string
	tries   int
	request request
	asked   string // the request as it is in the row, with what was chosen last

	upstream string // what is needed for Flexie's answer, sealed; "" if none is awaited
}

// The steps, in their order.
const (
	stepConsent = "consent" // what the client may do is asked
	stepSignIn  = "sign-in" // it may; who the person is is asked
	stepDone    = "done"    // it was answered
)

// begin begins the flow of a client's request, or of a person who wants to see
// what is connected.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, asked request) {
	f := flow{id: newID(16), browser: s.browser(w, r), step: stepConsent, request: asked}
	next := consentPath
	if asked.Connected {
		f.step, next = stepSignIn, signInPath
	}
	if err := s.keepFlow(r.Context(), f); err != nil {
		s.fail(w, r, "a flow could not be kept", err)
		return
	}
	http.Redirect(w, r, next+"?flow="+f.id, http.StatusSeeOther)
}

func (s *Server) keepFlow(ctx context.Context, f flow) error {
	text, err := encoded(f.request)
	if err != nil {
		return err
	}
	return s.o.Store.Do(ctx, func(t *store.Tx) error {
		if err := s.makeRoom(t); err != nil {
			return err
		}
		_, err := t.Exec(`INSERT INTO oauth_flow (id, browser, step, tries, expires, request, state, upstream) VALUES (?, ?, ?, 0, ?, ?, '', '')`,
			hashOf(f.id), hashOf(f.browser), f.step, s.in(flowLifetime), text)
		return err
	})
}

// flowOf is the flow that a request is about, if its browser began it and it is
// not over; else why not is shown.
func (s *Server) flowOf(w http.ResponseWriter, r *http.Request) (f flow, ok bool) {
	f, ok = s.flowWhere(w, r, `id = ?`, hashOf(r.Form.Get("flow")))
	f.id = r.Form.Get("flow")
	return f, ok
}

// flowWhere is the one flow that an SQL condition is true of, as flowOf gives it,
// but for its id.
func (s *Server) flowWhere(w http.ResponseWriter, r *http.Request, condition, value string) (f flow, ok bool) {
	f.browser = s.browserOf(r)
	var browser string
	var expires int64
	var there bool
	err := s.o.Store.Do(r.Context(), func(t *store.Tx) (err error) {
		there, err = found(t.QueryRow(`SELECT browser, step, tries, expires, request, upstream FROM oauth_flow WHERE `+condition, value),
			&browser, &f.step, &f.tries, &expires, &f.asked, &f.upstream)
		return err
	})
	if err == nil && there {
		err = json.Unmarshal([]byte(f.asked), &f.request)
	}
	switch {
	case err != nil:
		s.fail(w, r, "a flow could not be read", err)
	case !there, expires < s.clock():
		s.pages.problem(w, http.StatusGone, problemView{Title: "This page is too old", Text: "A sign-in has to be finished within ten minutes, and nothing was connected. Connect again from your assistant."})
	case f.browser == "" || browser != hashOf(f.browser):
		s.pages.problem(w, http.StatusForbidden, problemView{Title: "This page belongs to another browser", Text: "A sign-in has to be finished in the browser in which it was begun, with cookies allowed. Connect again from your assistant."})
	case f.step == stepDone:
		s.pages.problem(w, http.StatusConflict, problemView{Title: "This was answered already", Text: "Go back to your assistant. If it is not connected, connect again from there.", Connected: true})
	default:
		return f, true
	}
	return flow{}, false
}

// endFlow ends a flow that is as it was read. Of two that try, one does; and none whose
// person has chosen anew since, as while Flexie was slow.
func (s *Server) endFlow(t *store.Tx, f flow) (bool, error) {
	return changed(t, `UPDATE oauth_flow SET step = ? WHERE id = ? AND step = ? AND request = ? AND expires >= ?`,
		stepDone, hashOf(f.id), f.step, f.asked, s.clock())
}

// choose brings a flow that is not over to a step, with what the person has chosen.
// Whatever was chosen before, this holds.
func (s *Server) choose(ctx context.Context, f flow, to string) (chosen bool, err error) {
	text, err := encoded(f.request)
	if err != nil {
		return false, err
	}
	err = s.o.Store.Do(ctx, func(t *store.Tx) (err error) {
		chosen, err = changed(t, `UPDATE oauth_flow SET step = ?, request = ? WHERE id = ? AND step <> ? AND expires >= ?`,
			to, text, hashOf(f.id), stepDone, s.clock())
		return err
	})
	return chosen, err
}

// tooLate says why a page's answer counts no more.
func (s *Server) tooLate(w http.ResponseWriter, r *http.Request, f flow) {
	if _, open := s.flowWhere(w, r, `id = ?`, hashOf(f.id)); open {
		s.pages.problem(w, http.StatusConflict, problemView{Title: "You have chosen anew", Text: "What you chose last is what counts, so this answer is out of date, and gave nothing. Go on in the page that you opened last, or connect again from your assistant."})
	}
}

// encoded is JSON as it is kept: without what would be for pages, and takes six times
// the room.
func encoded(v any) (string, error) {
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// fail shows that something went wrong, which the operator reads in the log.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, what string, err error) {
	if then := whatThen(err); then != "" {
		s.o.Log.ErrorContext(r.Context(), what, "error", err.Error()+then)
		s.pages.problem(w, http.StatusServiceUnavailable, unreadable())
		return
	}
	s.o.Log.ErrorContext(r.Context(), what, "error", err)
	s.pages.problem(w, http.StatusServiceUnavailable, failed())
}
