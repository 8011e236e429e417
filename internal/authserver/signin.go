package authserver

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/store"
)

// mostTries is how many keys one flow takes that are wrong.
const mostTries = 5

// signIn asks who the person is: at Flexie, or else for the key that Flexie gave
// them.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	f, ok := s.flowOf(w, r)
	if !ok {
		return
	}
	if f.step != stepSignIn {
		http.Redirect(w, r, consentPath+"?flow="+f.id, http.StatusSeeOther)
		return
	}
	if r.Method != http.MethodPost {
		s.pages.signIn(w, http.StatusOK, s.signInView(f, noGood{}))
		return
	}
	if !proven(r, f.browser, f.id) {
		s.pages.problem(w, http.StatusForbidden, badRequest("The form did not come from this page."))
		return
	}
	if s.atFlexie() {
		s.toFlexie(w, r, f)
		return
	}
	p, why, err := s.tryKey(r, f)
	switch {
	case err != nil:
		s.fail(w, r, "a sign-in failed", err)
	case why.text != "":
		view := s.signInView(f, why)
		view.Typed = r.PostForm.Get("workspace")
		s.pages.signIn(w, http.StatusUnprocessableEntity, view)
	case f.request.Connected:
		s.endSignIn(w, r, f, p)
	default:
		s.finish(w, r, f, p)
	}
}

// noGood is why a try to sign in leads nowhere, for the person, and the field of
// the form that it is about; "" is none.
type noGood struct{ text, field string }

func (s *Server) signInView(f flow, why noGood) signInView {
	v := signInView{
		Flow: f.id, Proof: proof(f.browser, f.id), Workspace: workspaceOf(s.o.Root), AsksWorkspace: s.o.Root == "", Problem: why.text, Field: why.field,
		Flexie: s.atFlexie(),
	}
	if !f.request.Connected {
		v.Name = f.request.Client.Name
	}
	return v
}

// endSignIn is the end of a flow of no client.
func (s *Server) endSignIn(w http.ResponseWriter, r *http.Request, f flow, p person) {
	var cookie string
	err := s.o.Store.Do(r.Context(), func(t *store.Tx) (err error) {
		if _, err = s.endFlow(t, f); err != nil {
			return err
		}
		cookie, err = s.openSession(t, p)
		return err
	})
	if err != nil {
		s.fail(w, r, "a flow could not be ended", err)
		return
	}
	s.setCookie(w, personCookie, cookie, int(sessionLifetime.Seconds()))
	http.Redirect(w, r, connectedPath, http.StatusSeeOther)
}

// tryKey has Flexie say whose key was pasted, and keeps it if it is right.
func (s *Server) tryKey(r *http.Request, f flow) (p person, why noGood, err error) {
	if _, ok := s.keyTries.take(senderOf(r)); !ok {
		return person{}, noGood{"Too many keys were tried from your network. Wait some minutes, and try again.", ""}, nil
	}
	if more, err := s.countTry(r.Context(), f); err != nil || !more {
		return person{}, noGood{"Too many keys were tried here. Connect again from your assistant.", ""}, err
	}
	key := strings.TrimSpace(r.PostForm.Get("key"))
	if key == "" || len(key) > 4096 || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return person{}, noGood{"This is not a key: copy it again from Flexie, without spaces.", "key"}, nil
	}
	root, err := s.rootFor(r)
	if err != nil {
		return person{}, noGood{err.Error(), "workspace"}, nil
	}
	who, err := s.o.Check(r.Context(), root, flexie.APIKey(key))
	switch {
	case errors.Is(err, ErrWrongKey):
		s.o.Log.InfoContext(r.Context(), "a key was refused at sign-in", "workspace", root)
		return person{}, noGood{"Flexie does not take this key. Copy it again from Flexie, and paste all of it.", "key"}, nil
	case err != nil:
		s.o.Log.WarnContext(r.Context(), "a key could not be checked at sign-in", "workspace", root, "error", err)
		return person{}, noGood{"Flexie could not be asked whose key this is. Try again in a minute.", ""}, nil
	case who.ID == "":
		return person{}, noGood{"Flexie did not say whose key this is, so it can't be used here. Tell whoever runs the server.", "key"}, nil
	}
	p, err = s.keepPerson(r.Context(), root, who, kindKey, key)
	return p, noGood{}, err
}

// rootFor is the workspace that somebody signs in to: the server's, or the one that
// they name. The error is for them.
func (s *Server) rootFor(r *http.Request) (root string, err error) {
	if s.o.Root != "" {
		return s.o.Root, nil
	}
	return s.o.Workspace(strings.ToLower(strings.TrimSpace(r.PostForm.Get("workspace"))))
}

// countTry counts a try of a flow's, unless it has had all.
func (s *Server) countTry(ctx context.Context, f flow) (more bool, err error) {
	err = s.o.Store.Do(ctx, func(t *store.Tx) (err error) {
		more, err = changed(t, `UPDATE oauth_flow SET tries = tries + 1 WHERE id = ? AND tries < ?`, hashOf(f.id), mostTries)
		return err
	})
	return more, err
}
