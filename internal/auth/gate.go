package auth

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Options say who may ask.
type Options struct {
	// Root is the API root of the server's own workspace, without a slash at its
	// end; "" if it is set up for none.
	Root string

	// SharedKey is the server's own key to it. It is used for tokens that name no
	// workspace, and for whoever sends no credential, but see Loopback.
	SharedKey string

	// Loopback says that only this machine reaches the server. Then whoever sends
	// no credential works with the SharedKey, unless there are Tokens or Grants: who
	// issues those has more than themselves in mind, and what reaches a server behind
	// a proxy on the same machine comes from loopback too.
	Loopback bool

	// BaseURL is the operator's own base_url, whose host may be a private one; ""
	// where the workspace was named by its subdomain.
	BaseURL string

	// Subdomains are the workspaces that callers with their own key may name,
	// besides the server's own. None are none if there is a Root, and else any.
	Subdomains []string

	// Tokens are those the operator issued; nil for none.
	Tokens *Tokens

	// Grants are what people let their assistants do; nil where nobody can sign in.
	Grants Grants

	// Log is told what is wrong with Grants; nil is nobody.
	Log *slog.Logger

	// Names are those that a request can be narrowed to.
	Names Names

	// Now is the time; nil is this machine's.
	Now func() time.Time
}

// Gate is the Authenticator by Flexie keys, the operator's tokens, and the
// server's own key on loopback. It is safe for concurrent use.
type Gate struct{ o Options }

var _ Authenticator = (*Gate)(nil)

// New makes a Gate. Its error is of a name in Subdomains that can't be one.
func New(o Options) (*Gate, error) {
	for _, name := range o.Subdomains {
		if problem := notASubdomain(name); problem != "" {
			return nil, fmt.Errorf("of the subdomains allowed, %q is none: %s", name, problem)
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Gate{o}, nil
}

// Identify implements Authenticator. A credential that is there and wrong is
// refused: the next way in is not tried.
func (g *Gate) Identify(r *http.Request) (Identity, error) {
	id, err := g.identify(r)
	if err != nil {
		return Identity{}, g.challenged(r, err)
	}
	return id, nil
}

func (g *Gate) identify(r *http.Request) (Identity, error) {
	c, err := credentialsOf(r.Header)
	if err == nil {
		err = g.tokenInAddress(r)
	}
	if err != nil {
		return Identity{}, err
	}
	var id Identity
	switch {
	case c.key != "":
		id, err = g.byKey(c)
	case g.o.Grants != nil && strings.HasPrefix(c.bearer, accessPrefix):
		id, err = g.byGrant(r, c)
	case c.bearer != "":
		id, err = g.byToken(c)
	default:
		id, err = g.byLoopback(c, r.Header)
	}
	if err != nil {
		return Identity{}, err
	}
	if err := id.narrowByPath(r.URL.Path, g.o.Names); err != nil {
		return Identity{}, err
	}
	if err := id.narrowByHeaders(r.Header, g.o.Names); err != nil {
		return Identity{}, err
	}
	return id, nil
}

// byKey is who sends their own Flexie key. Whether it is right is for Flexie to
// say.
func (g *Gate) byKey(c credentials) (Identity, error) {
	root, err := g.workspace(c.subdomain)
	if err != nil {
		return Identity{}, err
	}
	caller := CallerOf(root, c.key)
	return Identity{Name: "key " + caller[:8], Caller: caller, Root: root, Key: NewSecret(c.key), OwnKey: true}, nil
}

// Workspace is the root of the workspace that somebody names who signs in. Its
// error is for them.
func (g *Gate) Workspace(subdomain string) (root string, err error) {
	if problem := notASubdomain(subdomain); problem != "" {
		return "", malformed("%s.", strings.ToUpper(problem[:1])+problem[1:])
	}
	if root, err = g.workspace(subdomain); err != nil {
		err = forbidden("This server is not for that workspace: ask whoever runs it.")
	}
	return root, err
}

// workspace is the root of the workspace that a caller with their own key names.
func (g *Gate) workspace(subdomain string) (string, error) {
	if subdomain == "" {
		if g.o.Root == "" {
			return "", malformed("name your workspace in %s: acme, for https://acme.flexie.io", SubdomainHeader)
		}
		return g.o.Root, nil
	}
	if problem := notASubdomain(subdomain); problem != "" {
		return "", malformed("%s: %s", SubdomainHeader, problem)
	}
	root := rootOf(subdomain)
	any := g.o.Root == "" && len(g.o.Subdomains) == 0
	if any || root == g.o.Root || slices.Contains(g.o.Subdomains, subdomain) {
		return root, nil
	}
	return "", forbidden("this server is not for the workspace that " + SubdomainHeader + " names: ask whoever runs it which to name, or leave the header out")
}

// byToken is who sends a token of the operator's.
func (g *Gate) byToken(c credentials) (Identity, error) {
	token, ok := g.o.Tokens.find(c.bearer)
	if !ok {
		return Identity{}, wrong("the token is not one of this server. " + g.whatToSend())
	}
	if token.Expired(g.o.Now()) {
		return Identity{}, wrong("the token has expired: ask whoever runs this server for a new one")
	}
	id := g.holderOf(token)
	if id.Root == "" || id.Key.Reveal() == "" {
		return Identity{}, notSetUp("this server has no workspace or no Flexie key for the token: tell whoever runs it to look at its log")
	}
	if err := onlyThe(id.Root, c.subdomain); err != nil {
		return Identity{}, err
	}
	return id, nil
}

// holderOf is who has a token. Without a workspace or a key they can do nothing.
func (g *Gate) holderOf(token usable) Identity {
	root, key := token.root(), token.key
	if root == "" {
		root = g.o.Root
		if !token.namesKey() {
			key = NewSecret(g.o.SharedKey)
		}
	}
	id := Identity{Name: token.Name, Caller: callerHash("flexie-mcp token caller", root, token.Hash), Root: root, Key: key}
	id.narrow(token.Toolsets, token.Tools, token.ReadOnly)
	return id
}

// Issued are those who have a token and may ask.
func (g *Gate) Issued() (all []Identity) {
	if g.o.Tokens == nil {
		return nil
	}
	for _, token := range g.o.Tokens.now.Load().tokens {
		if id := g.holderOf(token); id.Root != "" && id.Key.Reveal() != "" && !token.Expired(g.o.Now()) {
			all = append(all, id)
		}
	}
	return all
}

// byLoopback is who sends no credential, on the machine that the server runs on.
func (g *Gate) byLoopback(c credentials, h http.Header) (Identity, error) {
	if g.isNotSetUp() && !wasForwarded(h) && c.subdomain == "" {
		return Identity{Name: "nobody"}, nil
	}
	if !g.o.Loopback || g.o.Tokens != nil || g.o.Grants != nil || g.o.Root == "" || g.o.SharedKey == "" || wasForwarded(h) {
		return Identity{}, unknown(g.whatToSend())
	}
	if err := onlyThe(g.o.Root, c.subdomain); err != nil {
		return Identity{}, err
	}
	return Identity{
		Name: "local", Caller: CallerOf(g.o.Root, g.o.SharedKey), Root: g.o.Root, Key: NewSecret(g.o.SharedKey), Operator: true,
	}, nil
}

// isNotSetUp reports whether the server is as it was installed, on this machine
// alone. Its calls say what to set, which people see and a refusal they may not.
func (g *Gate) isNotSetUp() bool {
	return g.o.Loopback && g.o.Root == "" && g.o.SharedKey == "" && g.o.Tokens == nil && g.o.Grants == nil && len(g.o.Subdomains) == 0
}

// onlyThe refuses a header that names another workspace than that which the key
// belongs to: it would be sent elsewhere.
func onlyThe(root, subdomain string) error {
	if subdomain == "" || rootOf(subdomain) == root {
		return nil
	}
	if problem := notASubdomain(subdomain); problem != "" {
		return malformed("%s: %s", SubdomainHeader, problem)
	}
	return forbidden(SubdomainHeader + " goes with your own key in " + KeyHeader + ": leave it out")
}

// wasForwarded tells what a proxy on this machine passes on, if it says so. It
// comes from somewhere else, and must not get the server's key.
func wasForwarded(h http.Header) bool {
	for name := range h {
		if proxyHeaders[name] || strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "X-Original-") {
			return true
		}
	}
	return false
}

// proxyHeaders are what proxies say of where a request is from, as http.Header
// spells it, besides those of many kinds that begin alike.
var proxyHeaders = map[string]bool{
	"Forwarded": true, "Via": true, "X-Real-Ip": true, "Cf-Connecting-Ip": true, "True-Client-Ip": true,
}

// whatToSend is what this server takes for a credential.
func (g *Gate) whatToSend() string {
	own := "your Flexie API key in " + KeyHeader
	if g.o.Root == "" {
		own += ", with your workspace in " + SubdomainHeader + " (acme, for https://acme.flexie.io)"
	}
	send := "Send "
	if g.o.Grants != nil {
		send = "Sign in: an assistant that is connected to this address and knows OAuth opens a browser for it. Or send "
	}
	if g.o.Tokens != nil {
		return send + own + "; or a token of this server, as Authorization: Bearer TOKEN."
	}
	return send + own + "."
}

// Trusts reports whether the operator named a host, without its port, in a
// base_url of theirs: such a one may be private. It is for Transport.
func (g *Gate) Trusts(host string) bool {
	return host != "" && (strings.EqualFold(host, hostOf(g.o.BaseURL)) || g.o.Tokens.names(host))
}

// hostOf is the host of an address, without its port; "" if it has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
