package flexie

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultTimeout bounds one call to Flexie, with all its tries.
const DefaultTimeout = 30 * time.Second

// Options say how to reach a workspace.
type Options struct {
	// BaseURL is the workspace's API root: https://acme.flexie.io/api.
	BaseURL string

	Auth Auth

	// Transport sends the requests; nil is one that all clients share.
	Transport http.RoundTripper

	// Timeout bounds each call, with all its tries and what it waits for; 0 is
	// DefaultTimeout.
	Timeout time.Duration

	// Retries is how often a call is tried again that met a broken connection or
	// a busy Flexie: a write only if nothing can have happened. 0 is never.
	Retries int

	// Limits are those of the workspace, shared by all its clients; nil is none.
	Limits *Limits

	// Caller is who calls, as far as Limits have turns go round; any text.
	Caller string

	// UserAgent names the program to Flexie.
	UserAgent string

	// Logger gets one line a request at debug: method, path, status, time and
	// kind of failure, never a query, a body or a credential. nil logs nothing.
	Logger *slog.Logger

	// Waited is told how long each request waited before it was sent, or in vain;
	// nil is told nothing.
	Waited func(why Wait, took time.Duration)

	// Now is the workspace's clock; nil is this machine's.
	Now func() time.Time

	// Assumptions are what is guessed of Flexie, where it is otherwise than the
	// present guesses.
	Assumptions Assumptions

	// Knowledge gathers what calls learn of the workspace, as this user sees it;
	// nil remembers fields for a short while only.
	Knowledge *Knowledge
}

// Client calls one workspace as one user. It is safe for concurrent use.
type Client struct {
	root      *url.URL
	auth      Auth
	http      *http.Client
	timeout   time.Duration
	retries   int
	pause     time.Duration // the longest before the first retry
	limits    *Limits
	caller    string
	waited    func(Wait, time.Duration)
	userAgent string
	log       *slog.Logger
	fields    fieldCache
	knowledge *Knowledge
	shelf     shelf
	zone      zone
	now       func() time.Time
	assumed   *assumed
}

// New makes a client. It sends nothing.
func New(o Options) (*Client, error) {
	root, err := parseRoot(o.BaseURL)
	if err != nil {
		return nil, err
	}
	guesses, err := assume(o.Assumptions)
	if err != nil {
		return nil, err
	}
	c := &Client{
		assumed:   guesses,
		root:      root,
		auth:      o.Auth,
		http:      &http.Client{Transport: o.Transport, CheckRedirect: sameHostReads},
		timeout:   o.Timeout,
		retries:   o.Retries,
		pause:     firstPause,
		limits:    o.Limits,
		caller:    o.Caller,
		waited:    o.Waited,
		userAgent: o.UserAgent,
		log:       o.Logger,
		knowledge: o.Knowledge,
		now:       o.Now,
	}
	if c.now == nil {
		c.now = time.Now
	}
	if o.Transport == nil {
		c.http.Transport = ordinary
	}
	if c.waited == nil {
		c.waited = func(Wait, time.Duration) {}
	}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// ordinary is the standard transport, but for three things. It speaks no HTTP/2:
// there net/http sends a request again by itself, also a write, when the other
// side resets its stream. It lets go of idle connections before servers and load
// balancers do (after a minute or so): a write sent just as the other side hangs
// up is lost without a trace. And it keeps more than two of them, for clients
// that are busy.
var ordinary = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.IdleConnTimeout = 30 * time.Second
	t.MaxIdleConnsPerHost = 16
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	return t
}()

// Ordinary is the transport of clients that are given none. It is shared: clone it
// to change it.
func Ordinary() *http.Transport { return ordinary }

// Known is what has been learnt of the workspace so far. A nil client knows
// nothing.
func (c *Client) Known() *Known {
	if c == nil {
		return nil
	}
	return c.knowledge.Known()
}

// Now is what time it is in the workspace.
func (c *Client) Now() time.Time { return c.now() }

// Timeout bounds each call, with all its tries and what it waits for.
func (c *Client) Timeout() time.Duration { return c.timeout }

// BaseURL is the API root that the client calls.
func (c *Client) BaseURL() string { return c.root.String() }

// atRoot says of what was not found at the very root of the API that the root
// may be another.
func (c *Client) atRoot(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Kind == NotFound && !strings.HasSuffix(c.root.Path, "/api") {
		e.Message += "; the base URL should end in /api"
	}
	return err
}

func parseRoot(raw string) (*url.URL, error) {
	root, err := url.Parse(strings.TrimRight(strings.TrimSpace(raw), "/"))
	if err != nil || root.Hostname() == "" || root.User != nil || root.RawQuery != "" || root.ForceQuery || root.Fragment != "" {
		return nil, errors.New("the base URL must be a workspace's API root, like https://acme.flexie.io/api")
	}
	if root.Scheme == "https" || root.Scheme == "http" && IsLoopback(root.Hostname()) {
		return root, nil
	}
	return nil, errors.New("the base URL must start with https://: plain http would send the API key readable over the network, and is allowed to this machine only")
}

// sameHostReads follows a redirect only where it is harmless: a read that stays
// on the same host and scheme. Anything else would carry the key away, or act
// twice; the redirect itself is then the answer, and an error.
func sameHostReads(req *http.Request, via []*http.Request) error {
	first := via[0]
	same := req.URL.Host == first.URL.Host && req.URL.Scheme == first.URL.Scheme
	if first.Method != http.MethodGet || !same || len(via) >= 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// call is one request: an endpoint and what goes with it.
type call struct {
	endpoint string // its name in Endpoints
	path     params
	query    url.Values
	body     any // sent as JSON; nil sends none
}

// params fill the braces of an endpoint's path.
type params map[string]string

// do makes the one kind of call there is, and returns the decoded answer: nil
// for an empty one.
func (c *Client) do(ctx context.Context, r call) (any, error) {
	what, err := c.pack(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	unsent, end := untilSent(ctx)
	defer end()
	return (&tries{c: c, what: what, begun: time.Now()}).run(ctx, unsent)
}

// parcel is a call made ready to be sent, as often as it takes.
type parcel struct {
	endpoint Endpoint
	target   string
	body     []byte // nil sends none
	password string // that is in it, which the answer may repeat
}

func (c *Client) pack(r call) (parcel, error) {
	endpoint, ok := endpointByName[r.endpoint]
	if !ok {
		return parcel{}, fmt.Errorf("flexie: no endpoint is called %q", r.endpoint)
	}
	path, err := expand(endpoint.Path, r.path)
	if err != nil {
		return parcel{}, err
	}
	p := parcel{endpoint: endpoint, target: c.root.String() + path}
	if len(r.query) > 0 {
		p.target += "?" + r.query.Encode()
	}
	if u, ok := r.body.(User); ok && u.Password != nil {
		p.password = *u.Password
	}
	if r.body != nil {
		if p.body, err = EncodeJSON(c.assumed.outgoing(r.body)); err != nil {
			return parcel{}, invalidf("the input can't be sent as JSON: %v", err)
		}
	}
	return p, nil
}

// request makes a new request of a parcel: no two share a body, and the
// credential is asked for anew.
func (c *Client) request(ctx context.Context, p parcel) (*http.Request, error) {
	var body io.Reader
	if p.body != nil {
		body = bytes.NewReader(p.body)
	}
	req, err := http.NewRequestWithContext(withEndpoint(ctx, p.endpoint), p.endpoint.Method, p.target, body)
	if err != nil {
		return nil, invalidf("the request can't be made: %v", err)
	}
	if p.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	if c.auth != nil {
		if err := c.auth.Authorize(req); err != nil {
			return nil, err
		}
	}
	return req, nil
}

type endpointKey struct{}

func withEndpoint(ctx context.Context, e Endpoint) context.Context {
	return context.WithValue(ctx, endpointKey{}, e)
}

// EndpointOf is what a request calls, by its context, for a Transport that wants
// to know; the zero one if it is none of a Client.
func EndpointOf(ctx context.Context) Endpoint {
	e, _ := ctx.Value(endpointKey{}).(Endpoint)
	return e
}

// expand fills a path's parameters. What could name another path than the one
// meant is refused, even though it would be escaped: servers differ in when
// they unescape.
func expand(path string, p params) (string, error) {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if !strings.HasPrefix(s, "{") {
			continue
		}
		name := strings.Trim(s, "{}")
		value := p[name]
		if value == "" || value == "." || value == ".." || strings.ContainsAny(value, "/\\") {
			return "", invalidf("%s can't be %q: it is one part of an address, so not empty, not . or .., and without slashes", plainName(name), value)
		}
		segments[i] = url.PathEscape(value)
	}
	return strings.Join(segments, "/"), nil
}

// plainName is a parameter as people write it: table for tableName.
func plainName(param string) string {
	switch param {
	case "tableName":
		return "table"
	case "entityType":
		return "entity_type"
	}
	return param
}
