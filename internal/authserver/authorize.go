package authserver

import (
	"cmp"
	"context"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// request is what a client asks for, checked. It is kept with the flow, and then
// with the code.
type request struct {
	Client    shown    `json:"client"` // as it described itself when it asked
	Redirect  string   `json:"redirect"`
	State     string   `json:"state"`
	HasState  bool     `json:"has_state"`
	Challenge string   `json:"challenge"`
	Most      string   `json:"most"`   // the level asked for, as far as there is one
	Access    string   `json:"access"` // the one that the person chose
	Resource  string   `json:"resource"`
	Toolsets  []string `json:"toolsets,omitempty"` // those chosen; none are all

	// Connected is a flow of no client: a person wants to see theirs.
	Connected bool `json:"connected,omitempty"`
}

// challengePattern is what PKCE makes of a verifier by S256.
var challengePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// maxState is the longest that a client's state may be, in bytes as it is kept.
const maxState = 4 << 10

// authorize begins a flow: where a client sends its person's browser.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.starts.take(senderOf(r)); !ok {
		s.pages.problem(w, http.StatusTooManyRequests, problemView{Title: "Too many tries", Text: "Too many sign-ins were begun from your network. Wait a minute, and connect again from your assistant."})
		return
	}
	if err := r.ParseForm(); err != nil || repeated(r.Form, "resource") != "" {
		s.pages.problem(w, http.StatusBadRequest, badRequest("The request can't be read, or says something twice."))
		return
	}
	form := r.Form
	c, err := s.clientFor(r.Context(), form.Get("client_id"), s.mayFetch(senderOf(r)))
	if err != nil {
		s.pages.problem(w, http.StatusBadRequest, badRequest(err.Error()))
		return
	}
	// Nothing is sent to an address that the client has not named, not even an
	// error: anybody can write such a link.
	if redirect := form.Get("redirect_uri"); !isRegistered(c.Redirects, redirect) {
		s.pages.problem(w, http.StatusBadRequest, badRequest("The address that the answer would go to is not one of this assistant's."))
		return
	}
	asked, refusal := s.read(c, form)
	if refusal != nil {
		s.wrongly(w, r, asked, refusal)
		return
	}
	s.begin(w, r, asked)
}

// read checks what a client asks for, of which the redirect address is right. The
// refusal is for the client.
func (s *Server) read(c *client, form url.Values) (request, *oidc.Error) {
	level, known := levelOf(strings.Fields(form.Get("scope")))
	asked := request{
		Client: c.shown(), Redirect: form.Get("redirect_uri"), State: form.Get("state"), HasState: form.Has("state"),
		Challenge: form.Get("code_challenge"), Most: lower(cmp.Or(level, usual), s.offer.Load().access),
	}
	asked.Access = asked.Most
	invalid := func(text string) *oidc.Error { return oidc.ErrInvalidRequest().WithDescription("%s", text) }
	var refusal *oidc.Error
	switch mode := form.Get("response_mode"); {
	case !utf8.ValidString(asked.State):
		asked.State, asked.HasState = "", false
		refusal = invalid("the state is not UTF-8, so it could not come back as it was")
	case isTooLong(asked.State):
		asked.State, asked.HasState = "", false
		refusal = invalid("the state is too long")
	case form.Get("response_type") != "code":
		refusal = unsupportedResponse()
	case mode != "" && mode != "query":
		refusal = invalid("the response_mode is to be query")
	case form.Has("request") || form.Has("request_uri"):
		refusal = oidc.ErrRequestNotSupported().WithDescription("send the parameters themselves")
	case form.Get("code_challenge_method") != "S256" || !challengePattern.MatchString(asked.Challenge):
		refusal = invalid("PKCE with S256 is required: send code_challenge and code_challenge_method=S256")
	case !known:
		refusal = noSuchScope()
	case form.Get("prompt") == "none":
		refusal = oidc.ErrInteractionRequired().WithDescription("the person has to be asked")
	default:
		asked.Resource, refusal = s.oneResource(form["resource"])
	}
	return asked, refusal
}

// isTooLong reports whether a state would take too much room.
func isTooLong(state string) bool {
	kept, err := encoded(state)
	return err != nil || len(kept)-len(`""`) > maxState
}

// oneResource is the one resource that some indicators name; all of the server
// where there is none.
func (s *Server) oneResource(indicators []string) (string, *oidc.Error) {
	var resources []string
	for _, indicator := range indicators {
		resource, ok := s.resourceOf(indicator)
		if !ok {
			return "", oidc.ErrInvalidTarget().WithDescription("the resource is not one of this server")
		}
		resources = append(resources, resource)
	}
	switch resources = slices.Compact(resources); len(resources) {
	case 0:
		return s.issuer, nil
	case 1:
		return resources[0], nil
	}
	return "", oidc.ErrInvalidTarget().WithDescription("ask for one resource")
}

// noSuchScope is said of scopes of which there is none: to give others instead could
// be more than was meant.
func noSuchScope() *oidc.Error {
	return oidc.ErrInvalidScope().WithDescription("there are no such scopes: ask for some of those in scopes_supported, or for none")
}

// unsupportedResponse is a code that the library has no name for.
func unsupportedResponse() *oidc.Error {
	e := oidc.ErrInvalidRequest().WithDescription("the response_type is to be code")
	e.ErrorType = "unsupported_response_type"
	return e
}

// told is an error whose text a person reads: a sentence, or more.
type told string

func (t told) Error() string { return string(t) }

// errClient is why there is no client for an id.
const errClient = told("This server does not know the assistant, or no longer. Remove the connection in your assistant, and add it again.")

// clientFor is the client of an id: one that has registered, or whose document is
// at the address that the id is. may is asked before that is fetched.
func (s *Server) clientFor(ctx context.Context, id string, may func() bool) (*client, error) {
	if isDocumentID(id) {
		return s.documents.client(ctx, id, may)
	}
	c, err := s.registered(ctx, id)
	if err != nil {
		s.o.Log.ErrorContext(ctx, "a client could not be looked up", "error", err)
		return nil, told("This server can't look up the assistant now. Try again in a minute.")
	}
	if c == nil {
		return nil, errClient
	}
	return c, nil
}

// mayFetch counts what is fetched for a sender, and says no when it is too much.
func (s *Server) mayFetch(sender string) func() bool {
	return func() bool { _, ok := s.fetches.take(sender); return ok }
}

// wrongly shows a person that a client asks for something wrong. It leads to the
// client only if they follow a link: nobody has verified who it is, and anybody
// can have people open this page (RFC 9700, 4.11.2).
func (s *Server) wrongly(w http.ResponseWriter, r *http.Request, asked request, refusal *oidc.Error) {
	address, err := s.addressOf(asked, refused(asked, refusal))
	if err != nil {
		s.fail(w, r, "an answer could not be written", err)
		return
	}
	view := badRequest("The assistant asks for something wrong: " + refusal.Description + ".")
	view.Back, view.Place = template.URL(address), placeOf(hostOf(asked.Redirect))
	s.pages.problem(w, http.StatusBadRequest, view)
}

func refused(asked request, refusal *oidc.Error) *oidc.Error {
	refusal.State = asked.State
	return refusal
}

// codeAnswer is how a code is sent.
type codeAnswer struct {
	Code  string `schema:"code"`
	State string `schema:"state,omitempty"`
}

// addressOf is where the browser brings an answer to the client. Each answer says
// who gives it (RFC 9207), so that a client of several servers can't be told one's
// answer as another's.
func (s *Server) addressOf(asked request, answer any) (string, error) {
	return op.AuthResponseURL(asked.Redirect, oidc.ResponseTypeCode, oidc.ResponseModeQuery, answer, s.withIssuer())
}

// answer sends the browser of somebody who has answered back to the client, with a
// code or why there is none.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, asked request, answer any) {
	address, err := s.addressOf(asked, answer)
	if err != nil {
		s.fail(w, r, "an answer could not be written", err)
		return
	}
	_, allowed := answer.(codeAnswer)
	s.pages.done(w, doneView{asked.Client.Name, allowed, template.URL(address)})
}

// issuing is the library's encoder of answers, with the issuer added.
type issuing struct {
	httphelper.Encoder
	issuer string
}

func (i issuing) Encode(answer any, into map[string][]string) error {
	into["iss"] = []string{i.issuer}
	return i.Encoder.Encode(answer, into)
}

func (s *Server) withIssuer() issuing { return issuing{oidc.NewEncoder(), s.issuer} }
