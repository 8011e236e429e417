package authserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/store"
)

// How long things last.
const (
	accessLifetime  = time.Hour
	refreshLifetime = 30 * 24 * time.Hour // from its last use
	codeLifetime    = 2 * time.Minute
	flowLifetime    = 10 * time.Minute
	sessionLifetime = time.Hour

	// grace is for how long a refresh token that was used gives the same answer
	// again: clients send one twice, and lose answers.
	grace = time.Minute
)

// Options say what a Server is for.
type Options struct {
	// PublicURL is the address that people and assistants reach the server at,
	// https://mcp.example.com: https, except on this machine, and without a path.
	PublicURL string

	Store store.Store
	Keys  Keys

	// Access is the highest level that the operator allows, Toolsets the names that
	// a person may choose from.
	Access   string
	Toolsets []string

	// Always is what an assistant has besides the toolsets that a person chose.
	Always auth.Narrowing

	// Root is the workspace of the server; "" asks people for theirs, of whose name
	// Workspace makes the root of an API, or says in an error why it is refused.
	Root      string
	Workspace func(subdomain string) (root string, err error)

	// Check asks Flexie who is asking, by a key or a token of theirs. Its error is
	// ErrWrongKey where Flexie refuses that.
	Check func(ctx context.Context, root string, as flexie.Auth) (Person, error)

	// Flexie is this server as Flexie knows it, so that people sign in there. Its
	// zero value has them paste a key.
	Flexie Credentials

	// Documents fetches what describes clients; it must reach public addresses
	// only. nil is such a one.
	Documents http.RoundTripper

	// IntrospectionSecret lets the operator's own servers ask what a token is for;
	// "" lets nobody.
	IntrospectionSecret string

	Log *slog.Logger
	Now func() time.Time
}

// Credentials are what stands in Flexie under Settings / API Credentials, where the
// redirect address is that of RedirectAt. Assumption: oauth-one-client.
type Credentials struct {
	ID, Secret string

	// Transport sends requests for tokens to the workspace of an API root; nil, or
	// one that is nil, is that of flexie's clients.
	Transport func(root string) http.RoundTripper
}

// Person is who is asking, as Flexie says.
type Person struct {
	ID   string // of the user, in the workspace
	Name string // for people
}

// ErrWrongKey is a key, or a token, that Flexie refuses.
var ErrWrongKey = errors.New("the key is refused by Flexie")

// Server is the authorization server. It is safe for concurrent use, and several
// with the same store are one.
type Server struct {
	o         Options
	issuer    string
	origin    string // the same as browsers name it, without the port that they leave out
	host      string // the same without a port
	secure    bool   // it is reached by https
	documents *documents
	protocol  http.Handler
	pages     *pages

	formTime    time.Duration
	offer       atomic.Pointer[offer]
	mostClients int // that are not used
	mostFlows   int
	recent      recent
	renewals    renewals

	registrations, starts, fetches, keyTries, guesses *limiter
}

// leastSecret is how long an IntrospectionSecret is at least, in bytes.
const leastSecret = 16

// New makes a Server. Its errors are of the options, as an operator may read them.
func New(o Options) (*Server, error) {
	issuer, err := issuerOf(o.PublicURL)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if len(o.Keys.all) == 0 {
		return nil, errors.New("there is no key to encrypt people's Flexie keys with: set encryption_key")
	}
	origin, host := originOf(issuer)
	if n := len(o.IntrospectionSecret); n > 0 && n < leastSecret {
		return nil, fmt.Errorf("introspection_secret has %d characters, and is to have %d at least, since it can be tried: make one with openssl rand -base64 24", n, leastSecret)
	}
	s := &Server{o: o, issuer: issuer, origin: origin, host: host, secure: strings.HasPrefix(issuer, "https:"), pages: newPages(), mostClients: mostClients, mostFlows: mostFlows, formTime: formTime}
	if err := s.Change(o.Access, o.Toolsets); err != nil {
		return nil, err
	}
	s.registrations = newLimiter(20, 30*time.Second, o.Now)
	s.starts = newLimiter(60, time.Second, o.Now)
	s.fetches = newLimiter(30, 2*time.Second, o.Now)
	s.keyTries = newLimiter(10, 30*time.Second, o.Now)
	s.guesses = newLimiter(120, 500*time.Millisecond, o.Now)
	s.documents = newDocuments(o.Documents, o.Now)
	s.protocol = s.library()
	return s, nil
}

// offer is what the operator allows, which can change.
type offer struct {
	access   string
	toolsets []string
}

// Change has the server go by another level and other toolsets from now on. What
// people have allowed stays; of it holds what the operator allows.
func (s *Server) Change(access string, toolsets []string) error {
	if !slices.Contains(levels, access) {
		return fmt.Errorf("there is no access %q", access)
	}
	s.offer.Store(&offer{access, toolsets})
	return nil
}

// issuerOf reads a public URL. It is an origin, so that all of OAuth's well-known
// addresses are the server's.
func issuerOf(publicURL string) (string, error) {
	u, err := url.Parse(strings.TrimSuffix(publicURL, "/"))
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("public_url is an address like https://mcp.example.com")
	case u.Path != "":
		return "", errors.New("public_url has no path, like https://mcp.example.com: assistants look for how to sign in at the root of a host")
	case u.Scheme == "https" || u.Scheme == "http" && flexie.IsLoopback(u.Hostname()):
		return u.Scheme + "://" + strings.ToLower(u.Host), nil
	}
	return "", errors.New("public_url is to be https, except on this machine: people's keys and tokens go there")
}

// originOf is an issuer as browsers name it, and its host.
func originOf(issuer string) (origin, host string) {
	u, err := url.Parse(issuer)
	switch {
	case err != nil:
		return issuer, ""
	case u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		return strings.TrimSuffix(issuer, ":"+u.Port()), u.Hostname()
	}
	return issuer, u.Hostname()
}

// Handler serves what is the authorization server's, and leaves all else to next.
func (s *Server) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve := s.route(r.URL.Path)
		if r.URL.Path == "/" && isBrowser(r) {
			serve = s.page(s.home, http.MethodGet)
		}
		switch {
		case serve == nil:
			next.ServeHTTP(w, r)
		case auth.IsRebound(r, s.host):
			http.Error(w, auth.Rebound, http.StatusForbidden)
		case !s.readWhole(w, r):
			w.Header().Set("Connection", "close") // the rest is not waited for
			http.Error(w, "the request is too large, or did not come in time", http.StatusBadRequest)
		default:
			serve(w, r)
		}
	})
}

const (
	// maxForm is the most that is read of a request, in bytes, and formTime how long
	// it may take to come.
	maxForm  = 64 << 10
	formTime = 10 * time.Second
)

// readWhole reads the body of a request, in bounded time.
func (s *Server) readWhole(w http.ResponseWriter, r *http.Request) bool {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(s.formTime))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return false
	}
	_ = control.SetReadDeadline(time.Time{}) // or the end of the time would look like the client's
	r.Body = io.NopCloser(bytes.NewReader(body))
	return true
}

// The addresses.
const (
	authorizePath  = "/oauth/authorize"
	consentPath    = "/oauth/consent"
	signInPath     = "/oauth/sign-in"
	callbackPath   = "/oauth/callback"
	tokenPath      = "/oauth/token"
	registerPath   = "/oauth/register"
	revokePath     = "/oauth/revoke"
	introspectPath = "/oauth/introspect"
	connectedPath  = "/connected"

	resourcePath = "/.well-known/oauth-protected-resource"
	serverPath   = "/.well-known/oauth-authorization-server"
)

// route is what serves a path, nil for what is not the authorization server's.
func (s *Server) route(path string) http.HandlerFunc {
	switch path {
	case authorizePath:
		return s.page(s.authorize, http.MethodGet)
	case consentPath:
		return s.page(s.consent, http.MethodGet, http.MethodPost)
	case signInPath:
		return s.page(s.signIn, http.MethodGet, http.MethodPost)
	case callbackPath:
		return s.page(s.callback, http.MethodGet)
	case connectedPath:
		return s.page(s.connected, http.MethodGet, http.MethodPost)
	case tokenPath, revokePath:
		return s.open(s.form(s.protocol.ServeHTTP), http.MethodPost)
	case introspectPath:
		return s.open(s.form(s.introspection), http.MethodPost)
	case registerPath:
		return s.open(s.register, http.MethodPost)
	case serverPath:
		return s.open(s.serveMetadata, http.MethodGet)
	case resourcePath:
		return s.open(s.serveResource, http.MethodGet)
	}
	// Some clients put the path of the endpoint behind this as well.
	if rest, ok := strings.CutPrefix(path, serverPath); ok && isEndpoint(rest) {
		return s.open(s.serveMetadata, http.MethodGet)
	}
	if strings.HasPrefix(path, resourcePath+"/") {
		return s.open(s.serveResource, http.MethodGet)
	}
	return nil
}
