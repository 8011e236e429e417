package authserver

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"html/template"
	"net/http"

	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/store"
)

// Where the operator has credentials with Flexie, people sign in there: this
// server is then Flexie's client as assistants are its own. Nobody is sent there
// before they have consented here, and what comes back is taken from the browser
// that was sent, once.

// RedirectAt is where Flexie sends people back to, as it is entered there.
func RedirectAt(publicURL string) (string, error) {
	issuer, err := issuerOf(publicURL)
	return issuer + callbackPath, err
}

// atFlexie reports whether people sign in at Flexie.
func (s *Server) atFlexie() bool { return s.o.Flexie.ID != "" }

// flexieAt is this server as one workspace knows it.
func (s *Server) flexieAt(root string) (*oauth.Client, error) {
	return oauth.NewClient(oauth.Options{
		Root: root, ID: s.o.Flexie.ID, Secret: s.o.Flexie.Secret, Redirect: s.issuer + callbackPath, Transport: s.transport(root), Now: s.o.Now,
	})
}

func (s *Server) transport(root string) http.RoundTripper {
	if s.o.Flexie.Transport == nil {
		return nil
	}
	return s.o.Flexie.Transport(root)
}

// AskFlexie asks the workspace whether it would let people sign in, and says what
// is wrong if it seems that it would not. Where people name theirs, it asks nobody.
func (s *Server) AskFlexie(ctx context.Context) error {
	if !s.atFlexie() || s.o.Root == "" {
		return nil
	}
	client, err := s.flexieAt(s.o.Root)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, upstreamTime)
	defer cancel()
	return client.Check(ctx)
}

// upstream is what a flow needs for Flexie's answer. State and Verifier are
// secrets until it is over.
type upstream struct {
	Flow     string `json:"flow"` // as in the address
	Root     string `json:"root"` // of the workspace, where alone the answer counts
	State    string `json:"state"`
	Verifier string `json:"verifier"`
}

// useOfUpstream is what that is sealed for: one flow, by the hash of its state.
func useOfUpstream(state string) string { return "upstream of " + hashOf(state) }

// toFlexie sends the browser of a flow, which has been consented to, on to the
// workspace.
func (s *Server) toFlexie(w http.ResponseWriter, r *http.Request, f flow) {
	if _, ok := s.starts.take(senderOf(r)); !ok {
		s.tryAgain(w, r, f, noGood{"Too many sign-ins were begun from your network. Wait a minute, and try again.", ""})
		return
	}
	root, err := s.rootFor(r)
	if err != nil {
		s.tryAgain(w, r, f, noGood{err.Error(), "workspace"})
		return
	}
	client, err := s.flexieAt(root)
	if err != nil {
		s.fail(w, r, "a sign-in at Flexie could not be begun", err)
		return
	}
	begun := client.Begin(true)
	waits, err := s.await(r, f, upstream{f.id, root, begun.State, begun.Verifier})
	switch {
	case err != nil:
		s.fail(w, r, "a sign-in at Flexie could not be kept", err)
	case !waits:
		s.tooLate(w, r, f)
	default:
		s.pages.away(w, awayView{workspaceOf(root), template.URL(begun.Address)})
	}
}

// await has a flow wait for one answer of Flexie's, and for no earlier one.
func (s *Server) await(r *http.Request, f flow, up upstream) (bool, error) {
	text, err := json.Marshal(up)
	if err != nil {
		return false, err
	}
	var waits bool
	err = s.o.Store.Do(r.Context(), func(t *store.Tx) (err error) {
		waits, err = changed(t, `UPDATE oauth_flow SET state = ?, upstream = ? WHERE id = ? AND step = ? AND expires >= ?`,
			hashOf(up.State), s.o.Keys.seal(useOfUpstream(up.State), string(text)), hashOf(f.id), stepSignIn, s.clock())
		return err
	})
	return waits, err
}

// tryAgain shows the page to sign in once more, with why the last try led nowhere.
func (s *Server) tryAgain(w http.ResponseWriter, r *http.Request, f flow, why noGood) {
	view := s.signInView(f, why)
	view.Typed = r.PostForm.Get("workspace")
	s.pages.signIn(w, http.StatusUnprocessableEntity, view)
}

// awayView is what is left in the browser when it goes to Flexie.
type awayView struct {
	Workspace string
	Address   template.URL
}

// away sends the browser on to Flexie, as done does to a client, and for the same
// reason: how Flexie goes on from there is not for the policy of our form.
func (p *pages) away(w http.ResponseWriter, v awayView) {
	w.Header().Set("Refresh", "0;url="+string(v.Address))
	p.render(w, http.StatusOK, "away", v, "")
}

// tokensKept are the tokens of a person, as they are sealed. The client's secret is
// not among them.
type tokensKept struct {
	oauth.Grant

	// Badge stands where a key would, to tell what is kept for its holder. It is new
	// with each sign-in, and never sent.
	Badge string `json:"badge"`
}

func newTokensKept(g oauth.Grant) tokensKept {
	g.ClientSecret = ""
	return tokensKept{g, rand.Text()}
}

// String leaves the tokens out.
func (tokensKept) String() string { return "(tokens, hidden)" }
