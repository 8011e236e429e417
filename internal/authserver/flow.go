package authserver

import (
	"context"
	"encoding/json"
	"net/http"

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
	text, err := json.Marshal(f.request)
	if err != nil {
		return err
	}
	return s.o.Store.Do(ctx, func(t *store.Tx) error {
		if err := s.makeRoom(t); err != nil {
			return err
		}
		_, err := t.Exec(`INSERT INTO oauth_flow (id, browser, step, tries, expires, request, state, upstream) VALUES (?, ?, ?, 0, ?, ?, '', '')`,
			hashOf(f.id), hashOf(f.browser), f.step, s.in(flowLifetime), string(text))
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
	var text, browser string
	var expires int64
	var there bool
	err := s.o.Store.Do(r.Context(), func(t *store.Tx) (err error) {
		there, err = found(t.QueryRow(`SELECT browser, step, tries, expires, request, upstream FROM oauth_flow WHERE `+condition, value),
			&browser, &f.step, &f.tries, &expires, &text, &f.upstream)
		return err
	})
	if err == nil && there {
		err = json.Unmarshal([]byte(text), &f.request)
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

// move brings a flow from the step that it is at to another, with what was chosen.
// Of two that try, one does.
func (s *Server) move(t *store.Tx, f flow, to string) (bool, error) {
	text, err := json.Marshal(f.request)
	if err != nil {
		return false, err
	}
	return changed(t, `UPDATE oauth_flow SET step = ?, request = ? WHERE id = ? AND step = ? AND expires >= ?`,
		to, string(text), hashOf(f.id), f.step, s.clock())
}

// moveOn is move by itself.
func (s *Server) moveOn(ctx context.Context, f flow, to string) (moved bool, err error) {
	err = s.o.Store.Do(ctx, func(t *store.Tx) (err error) {
		moved, err = s.move(t, f, to)
		return err
	})
	return moved, err
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
