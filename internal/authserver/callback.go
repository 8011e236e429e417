package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/store"
)

// upstreamTime bounds what is asked of Flexie while a person waits.
const upstreamTime = 30 * time.Second

// callback is where Flexie sends a person back to. What it brings counts in the
// browser that was sent there, in the flow that waits for it, and once.
func (s *Server) callback(w http.ResponseWriter, r *http.Request) {
	state := r.Form.Get("state")
	switch {
	case r.Method != http.MethodGet: // some programs look at an address before they open it
		return
	case !s.atFlexie(), state == "", len(r.Form["state"]) > 1:
		s.pages.problem(w, http.StatusBadRequest, badRequest("This is not an answer of Flexie's to a sign-in."))
		return
	}
	f, ok := s.flowWhere(w, r, `state = ?`, hashOf(state))
	if !ok {
		return
	}
	if f.upstream == "" {
		s.cameTwice(w)
		return
	}
	up, err := s.takeAnswer(r, f, state)
	switch {
	case err != nil:
		s.fail(w, r, "an answer of Flexie's could not be read", err)
		return
	case up == nil:
		s.cameTwice(w)
		return
	}
	f.id = up.Flow
	// It goes on if the browser does not wait: a code can be redeemed but once.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), upstreamTime)
	defer cancel()
	s.answered(w, r.WithContext(ctx), f, up)
}

func (s *Server) cameTwice(w http.ResponseWriter) {
	s.pages.problem(w, http.StatusConflict, problemView{Title: "This was answered already", Text: "Flexie’s answer has come before. Go back to your assistant. If it is not connected, connect again from there.", Connected: true})
}

// takeAnswer has a flow wait for no answer any more, and gives what is needed for
// the one that has come; nil if another was quicker.
func (s *Server) takeAnswer(r *http.Request, f flow, state string) (*upstream, error) {
	text, err := s.o.Keys.open(useOfUpstream(state), f.upstream)
	if err != nil {
		return nil, err
	}
	var up upstream
	if err := json.Unmarshal([]byte(text), &up); err != nil {
		return nil, err
	}
	var first bool
	err = s.o.Store.Do(r.Context(), func(t *store.Tx) (err error) {
		first, err = changed(t, `UPDATE oauth_flow SET upstream = '' WHERE state = ? AND upstream = ? AND step = ?`, hashOf(state), f.upstream, stepSignIn)
		return err
	})
	if err != nil || !first {
		return nil, err
	}
	return &up, nil
}

// answered goes on from Flexie's answer as from a key that was pasted.
func (s *Server) answered(w http.ResponseWriter, r *http.Request, f flow, up *upstream) {
	p, err := s.personFrom(r, up)
	switch why := s.whyNot(r.Context(), up.Root, err); {
	case why != "":
		s.tryAgain(w, r, f, noGood{why, ""})
	case f.request.Connected:
		s.endSignIn(w, r, f, p)
	default:
		s.finish(w, r, f, p)
	}
}

// personFrom turns Flexie's answer into tokens, asks whose they are, and keeps
// them. All that is asked at the workspace that the person was sent to.
func (s *Server) personFrom(r *http.Request, up *upstream) (p person, err error) {
	client, err := s.flexieAt(up.Root)
	if err != nil {
		return p, err
	}
	begun := oauth.SignIn{State: up.State, Verifier: up.Verifier}
	code, err := client.Code(begun, r.Form)
	if err != nil {
		return p, err
	}
	tokens, err := client.Redeem(r.Context(), begun, code)
	if err != nil {
		return p, err
	}
	who, err := s.o.Check(r.Context(), up.Root, tokens.Auth())
	if err != nil {
		return p, err
	}
	if who.ID == "" {
		return p, errNameless
	}
	text, err := json.Marshal(newTokensKept(client.GrantOf(tokens)))
	if err != nil {
		return p, err
	}
	return s.keepPerson(r.Context(), up.Root, who, kindTokens, string(text))
}

// errNameless is a sign-in of which Flexie does not say whose it is.
var errNameless = errors.New("it was not said who has signed in")

// whyNot is what a person is told of a sign-in at Flexie that led nowhere; "" if it
// did lead somewhere. What is for the operator is logged.
func (s *Server) whyNot(ctx context.Context, root string, err error) string {
	if err == nil {
		return ""
	}
	var refusal *oauth.Refusal
	kind := flexie.KindOf(err)
	tell := s.o.Log.WarnContext
	text := "Flexie could not be asked who you are. Try again in a minute."
	switch {
	case errors.As(err, &refusal) && refusal.Kind == oauth.Denied:
		tell, text = s.o.Log.InfoContext, "You did not allow it in Flexie, so nothing was connected. Try again, or close this page."
	case errors.As(err, &refusal), kind == flexie.Unauthorized:
		tell, text = s.o.Log.ErrorContext, "Flexie does not let people sign in to this server. Tell whoever runs it to look at its log."
	case errors.Is(err, oauth.ErrMixedUp):
		text = "Another workspace has answered than the one that you were sent to, so nothing was connected. Try again."
	case errors.Is(err, oauth.ErrOther):
		text = "Flexie’s answer can’t be read. Try again."
	case kind == flexie.SignedOut:
		text = "Flexie does not take its own answer any more. Try again."
	case errors.Is(err, ErrWrongKey):
		text = "Flexie does not let you use its API. Ask an administrator of your workspace, and try again."
	case errors.Is(err, errNameless):
		tell, text = s.o.Log.ErrorContext, "Flexie did not say who you are, so it can’t be used here. Tell whoever runs the server."
	}
	tell(ctx, "a sign-in at Flexie failed", "workspace", root, "error", err)
	return text
}
