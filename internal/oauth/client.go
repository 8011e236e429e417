package oauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"flexie-mcp/flexie"
)

// Options say which program asks, at which workspace.
type Options struct {
	Root     string // the API root, like https://acme.flexie.io/api
	ID       string // as Flexie shows it under Settings / API Credentials
	Secret   string
	Redirect string // as it is entered there, to the letter; not needed to renew

	// Transport sends the requests; nil is that of flexie's clients.
	Transport http.RoundTripper

	// Now is the time; nil is this machine's.
	Now func() time.Time
}

// Client is this program, as one workspace knows it. It is safe for concurrent use.
type Client struct {
	o      Options
	host   string // the workspace's
	config oauth2.Config
	http   *http.Client
}

// Tokens are what a sign-in gives, and each renewal.
type Tokens struct {
	Access  string
	Refresh string
	Given   time.Time     // by this machine's clock, however wrong that is
	Lasts   time.Duration // what the access token does; 0 if Flexie did not say
}

// NewClient makes a Client. It sends nothing.
func NewClient(o Options) (*Client, error) {
	site, err := siteOf(o.Root)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = flexie.Ordinary()
	}
	return &Client{
		o: o, host: site.Host,
		// Assumption: oauth-client-auth. To try one way and then the other, as the
		// library does unless told, could use up a code or a refresh token.
		config: oauth2.Config{
			ClientID: o.ID, ClientSecret: o.Secret, RedirectURL: o.Redirect,
			Endpoint: oauth2.Endpoint{
				AuthURL:   site.JoinPath("oauth2/authorize").String(),
				TokenURL:  site.JoinPath("oauth2/token").String(),
				AuthStyle: oauth2.AuthStyleInParams,
			},
		},
		http: &http.Client{
			Transport:     o.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // it would carry tokens away
		},
	}, nil
}

// siteOf is the workspace's own address, of that of its API. Both sign-in and
// tokens are asked for there and nowhere else.
func siteOf(root string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(strings.TrimRight(root, "/"), "/api"))
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the workspace must be the root of its API, like https://acme.flexie.io/api")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !flexie.IsLoopback(u.Hostname())) {
		return nil, errors.New("the workspace's address must start with https://: over plain http the sign-in would be readable on its way, and is allowed to this machine only")
	}
	return u, nil
}

// Redeem turns the code of an answer into tokens, which works once.
func (c *Client) Redeem(ctx context.Context, s SignIn, code string) (Tokens, error) {
	var options []oauth2.AuthCodeOption
	if s.Verifier != "" {
		options = append(options, oauth2.VerifierOption(s.Verifier))
	}
	token, err := c.config.Exchange(c.with(ctx), code, options...)
	if err != nil {
		return Tokens{}, notRedeemed(c.failed(err, code, s.Verifier))
	}
	return c.tokens(token)
}

// Renew turns a refresh token into new tokens. From then on the old one is dead.
// Assumption: oauth-rotation. Where the answer has no new one, the old one stays.
func (c *Client) Renew(ctx context.Context, refresh string) (Tokens, error) {
	token, err := c.config.TokenSource(c.with(ctx), &oauth2.Token{RefreshToken: refresh}).Token()
	if err != nil {
		return Tokens{}, c.failed(err, refresh)
	}
	return c.tokens(token)
}

func (c *Client) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, c.http)
}

// tokens reads an answer. Assumption: oauth-lifetimes.
func (c *Client) tokens(t *oauth2.Token) (Tokens, error) {
	if !strings.EqualFold(t.Type(), "Bearer") {
		return Tokens{}, &flexie.Error{Kind: flexie.Unreadable, Message: "Flexie gave a token of a type that this program does not know: " + flexie.Saying(t.Type(), t.AccessToken, t.RefreshToken)}
	}
	return Tokens{Access: t.AccessToken, Refresh: t.RefreshToken, Given: c.o.Now(), Lasts: time.Duration(max(0, t.ExpiresIn)) * time.Second}, nil
}

// Auth sends an access token that was just given, and does not renew it.
func (t Tokens) Auth() flexie.Auth { return bearer(t.Access) }

type bearer string

// Authorize implements flexie.Auth.
func (b bearer) Authorize(r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+string(b))
	return nil
}

// String leaves the tokens out.
func (Tokens) String() string { return "(tokens, hidden)" }

// GoString is String, for %#v.
func (t Tokens) GoString() string { return t.String() }
