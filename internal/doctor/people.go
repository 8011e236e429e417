package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/authserver"
)

// haveTheirOwn reports whether the settings are those of a server over HTTP whose
// users come with a key or a login of their own: then it needs neither itself.
func (p *patient) haveTheirOwn() bool {
	return p.s.PublicURL != "" || len(p.s.HTTPSubdomains) > 0
}

// signInHere reports whether people sign in to this server, in a browser.
func (p *patient) signInHere() bool { return p.s.PublicURL != "" }

const (
	notNeeded = "not needed: each person uses a Flexie account of their own"
	noKeyHere = "no key is set: those who use this server come with their own"
	tryWith   = "to have Flexie's side tested as well, set FLEXIE_API_KEY to the key of any user, only for this run of doctor"
)

// theirRoot is the workspace by which the way to Flexie is tried where none is the
// server's own: the first that people may name; "" if that is any.
func (p *patient) theirRoot() string {
	if len(p.s.HTTPSubdomains) == 0 {
		return ""
	}
	s := p.s
	s.Subdomain = p.s.HTTPSubdomains[0]
	return s.Root()
}

// redirect is the address that Flexie sends people back to after a sign-in, and the
// setting that it comes from.
func (p *patient) redirect() (address, setting string) {
	if p.signInHere() {
		if address, err := authserver.RedirectAt(p.s.PublicURL); err == nil {
			return address, "public_url with /oauth/callback behind it"
		}
	}
	return p.s.OAuthRedirect, "oauth_redirect"
}

// publicAddress asks the server by the address that people's assistants use. That it
// does not answer this machine need not mean that it answers nobody.
func (p *patient) publicAddress(ctx context.Context) Finding {
	if !p.signInHere() {
		return skipped("public_url is not set, which only a server that people sign in to over HTTP needs")
	}
	issuer, status, err := p.askIssuer(ctx)
	switch {
	case err != nil:
		return warning("nothing answered at public_url when this machine asked: "+flexie.Because(err),
			"start the server, and open that address in a browser on another computer: if it answers there, all is well, since some networks do not let a machine reach its own public address").with(p.s.PublicURL)
	case status != http.StatusOK || issuer == "":
		return warning(fmt.Sprintf("something else than this server answered at public_url (HTTP %d)", status),
			"check public_url, that the server runs with it, and that the proxy before it passes on every path, /.well-known/ too").with(p.s.PublicURL)
	case !strings.EqualFold(issuer, p.s.PublicURL):
		return warning("the server that answered at public_url calls itself by another address, so assistants will refuse to sign in",
			"start it again with this public_url").with(p.s.PublicURL + " calls itself " + issuer)
	}
	return ok("the server answers at public_url").with(p.s.PublicURL)
}

// askIssuer is what the server at public_url says that its address is; "" if it does
// not say.
func (p *patient) askIssuer(ctx context.Context) (issuer string, status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.s.PublicURL+"/.well-known/oauth-authorization-server", nil)
	if err != nil {
		return "", 0, err
	}
	client := &http.Client{Transport: p.o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		return "", 0, errors.Unwrap(err) // which the address would stand in
	}
	defer resp.Body.Close()
	var said struct {
		Issuer string `json:"issuer"`
	}
	_ = json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(&said) // what is none says nothing
	return said.Issuer, resp.StatusCode, nil
}
