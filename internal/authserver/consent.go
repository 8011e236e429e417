package authserver

import (
	"net/http"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// consent asks a person what a client may do, each time that it asks, and before
// anybody signs in. Until somebody has, it can be answered anew by the back button,
// and the last answer holds.
func (s *Server) consent(w http.ResponseWriter, r *http.Request) {
	f, ok := s.flowOf(w, r)
	if !ok {
		return
	}
	if f.request.Connected { // which asks for no consent
		http.Redirect(w, r, signInPath+"?flow="+f.id, http.StatusSeeOther)
		return
	}
	if r.Method != http.MethodPost {
		s.pages.consent(w, http.StatusOK, s.consentView(r, f))
		return
	}
	if !proven(r, f.browser, f.id) {
		s.pages.problem(w, http.StatusForbidden, badRequest("The form did not come from this page."))
		return
	}
	switch r.PostForm.Get("answer") {
	case "allow":
		s.allow(w, r, f)
	case "deny":
		s.deny(w, r, f)
	default:
		s.pages.consent(w, http.StatusOK, s.consentView(r, f))
	}
}

func (s *Server) consentView(r *http.Request, f flow) consentView {
	asked := f.request
	view := consentView{
		Flow: f.id, Proof: proof(f.browser, f.id), Name: asked.Client.Name, Host: asked.Client.host(),
		RedirectHost: hostOf(asked.Redirect), Local: isLocal(asked.Redirect), Workspace: workspaceOf(s.o.Root),
	}
	view.More = asked.Most != s.offer.Load().access
	person, signedIn := s.signedIn(r)
	if signedIn {
		view.Person = person.name
	}
	areas := asked.Toolsets
	switch b, err := s.allowedBefore(r, f, person); {
	case err != nil:
		s.o.Log.WarnContext(r.Context(), "it could not be looked up what an assistant was allowed before", "error", err)
	case b != nil:
		view.Before = &beforeView{b.level, b.given.Toolsets}
		if f.step == stepConsent { // nothing was chosen in this flow yet
			areas = b.given.Toolsets
		}
	}
	for _, name := range s.offer.Load().toolsets {
		view.Toolsets = append(view.Toolsets, toolsetView{name, len(areas) == 0 || slices.Contains(areas, name)})
	}
	for _, level := range upTo(asked.Most) {
		view.Levels = append(view.Levels, levelView{Name: level, Chosen: level == asked.Access})
	}
	return view
}

// isLocal reports whether answers go to a program on the person's machine, of
// which any may listen there.
func isLocal(redirect string) bool {
	_, local := withoutPort(redirect)
	return local
}

// workspaceOf is the name of a workspace as a person knows it.
func workspaceOf(root string) string {
	_, host, _ := strings.Cut(root, "://")
	host, _, _ = strings.Cut(host, "/")
	return host
}

func (s *Server) deny(w http.ResponseWriter, r *http.Request, f flow) {
	chosen, err := s.choose(r.Context(), f, stepDone)
	switch {
	case err != nil:
		s.fail(w, r, "a flow could not be ended", err)
	case !chosen:
		s.tooLate(w, r, f)
	default:
		s.answer(w, r, f.request, refused(f.request, oidc.ErrAccessDenied().WithDescription("the person said no")))
	}
}

// allow takes what the person has chosen: what was asked for, or less.
func (s *Server) allow(w http.ResponseWriter, r *http.Request, f flow) {
	now, err := s.clientFor(r.Context(), f.request.Client.ID, s.mayFetch(senderOf(r)))
	if err != nil || now.fingerprint() != f.request.Client.Print {
		s.pages.problem(w, http.StatusConflict, problemView{Title: "The assistant has changed", Text: "What the assistant says of itself is not what this page has shown. Nothing was connected. Connect again from your assistant."})
		return
	}
	asked := s.consentView(r, f)
	f.request.Access, f.request.Toolsets = lower(f.request.Most, r.PostForm.Get("access")), nil
	chosen := r.PostForm["toolset"]
	switch {
	case !slices.Contains(levels, f.request.Access) || !subset(chosen, s.offer.Load().toolsets):
		s.pages.problem(w, http.StatusBadRequest, badRequest("The form holds a choice that there is not."))
		return
	case len(chosen) == 0 && len(s.offer.Load().toolsets) > 0:
		s.pages.consent(w, http.StatusUnprocessableEntity, asked.without(f.request.Access))
		return
	case len(chosen) < len(s.offer.Load().toolsets):
		f.request.Toolsets = chosen
	}
	if person, ok := s.signedIn(r); ok && r.PostForm.Get("as") != "another" {
		s.finish(w, r, f, person)
		return
	}
	kept, err := s.choose(r.Context(), f, stepSignIn)
	switch {
	case err != nil:
		s.fail(w, r, "a consent could not be kept", err)
	case !kept:
		s.tooLate(w, r, f)
	case s.atFlexie() && s.o.Root != "": // there is nothing more to ask here
		s.toFlexie(w, r, f)
	default:
		http.Redirect(w, r, signInPath+"?flow="+f.id, http.StatusSeeOther)
	}
}

// without is the page once more, after a person has chosen a level and no area.
func (v consentView) without(level string) consentView {
	v.Problem = "Choose at least one area."
	for i := range v.Levels {
		v.Levels[i].Chosen = v.Levels[i].Name == level
	}
	for i := range v.Toolsets {
		v.Toolsets[i].Chosen = false
	}
	return v
}

// subset reports whether all of some names are among others, each once.
func subset(some, all []string) bool {
	for i, name := range some {
		if !slices.Contains(all, name) || slices.Contains(some[:i], name) {
			return false
		}
	}
	return true
}
