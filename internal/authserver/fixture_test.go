package authserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

const (
	workspace = "https://acme.flexie.io/api"
	annasKey  = "annas-key-3nT8wLx0Qz"
	bobsKey   = "bobs-key-7pR2vKc5Yd"
	callback  = "http://127.0.0.1:33418/callback"
	verifier  = "a-verifier-of-more-than-43-characters-0123456789"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// web is what there is at addresses that clients name.
type web struct {
	mu    sync.Mutex
	pages map[string]func() *http.Response
	asked []string
}

func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, r.URL.String())
	page, ok := w.pages[r.URL.String()]
	if !ok {
		return nil, errors.New("there is nothing")
	}
	return page(), nil
}

func (w *web) put(address, body string, headers ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[address] = func() *http.Response {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i+1 < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		status := http.StatusOK
		if h.Get("Location") != "" {
			status = http.StatusFound
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
	}
}

// site is a server that people and assistants use, with one or more replicas.
type site struct {
	*Server
	t     *testing.T
	clock *clock
	web   *web
	log   *bytes.Buffer
	state *store.State
	http  *httptest.Server
	peer  http.Handler // the same by another replica
}

// asMembers answers who a request is let in as.
type asMembers struct{ gate *auth.Gate }

func (m asMembers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := m.gate.Identify(r)
	if err != nil {
		auth.Refuse(w, err)
		return
	}
	if challenge := id.ScopeChallenge(r.Header.Get("Test-Level")); challenge != "" {
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if r.Header.Get("Test-Call") != "" {
		asUser(w, r, id)
		return
	}
	fmt.Fprintf(w, "%s|%s|%s|%s|%s|%v", id.Name, id.Caller, id.Root, id.Key.Reveal(), id.Access, id.Narrowed)
}

// check is what Flexie says of keys.
func check(_ context.Context, root string, as flexie.Auth) (Person, error) {
	key, _ := as.(flexie.APIKey)
	switch string(key) {
	case annasKey, annasKey + "-new":
		return Person{"7", "Anna"}, nil
	case bobsKey:
		return Person{"8", "Bob"}, nil
	case "no-answer-0123":
		return Person{}, errors.New("Flexie is away")
	}
	return Person{}, ErrWrongKey
}

func newSite(t *testing.T, o store.Options, change ...func(*Options)) *site {
	s := &site{t: t, clock: &clock{now: time.Date(2026, 6, 22, 12, 0, 0, 0, time.UTC)}, web: &web{pages: map[string]func() *http.Response{}}, log: &bytes.Buffer{}}
	s.state = store.Open(o)
	t.Cleanup(func() { require.NoError(t, s.state.Close()) })
	var handler http.Handler
	s.http = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(s.http.Close)
	keys, err := NewKeys(bytes.Repeat([]byte{1}, 32))
	require.NoError(t, err)
	options := Options{
		PublicURL: s.http.URL, Store: s.state.Durable, Keys: keys, Access: "admin", Toolsets: []string{"contacts", "cases"}, Root: workspace,
		Check: check, Documents: s.web, Now: s.clock.Now, Log: slog.New(slog.NewTextHandler(&locked{to: s.log}, nil)), IntrospectionSecret: "introspection-secret-1",
	}
	for _, c := range change {
		c(&options)
	}
	s.Server, handler = replica(t, options)
	_, s.peer = replica(t, options)
	return s
}

// locked is a writer that several use.
type locked struct {
	mu sync.Mutex
	to io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

func replica(t *testing.T, o Options) (*Server, http.Handler) {
	server, err := New(o)
	require.NoError(t, err)
	gate, err := auth.New(auth.Options{Root: workspace, SharedKey: "server-key", Loopback: true, Grants: server, Log: o.Log})
	require.NoError(t, err)
	return server, server.Handler(asMembers{gate})
}

// inMemory is a site whose state ends with the test.
func inMemory(t *testing.T, change ...func(*Options)) *site {
	return newSite(t, store.Options{Memory: true}, change...)
}

// everywhere runs a test with each kind of store.
func everywhere(t *testing.T, test func(t *testing.T, s *site)) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) { test(t, newSite(t, o)) })
}

// browser is a person's.
type browser struct {
	*http.Client
	s *site
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(s.t, err)
	c := *s.http.Client()
	c.Jar = jar
	c.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		require.Less(s.t, len(via), 10, "it goes in circles")
		if r.URL.Scheme+"://"+r.URL.Host != s.issuer {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &browser{&c, s}
}

// page is what a browser shows, or where it was sent away to.
type page struct {
	status  int
	address string
	away    *url.URL
	header  http.Header
	text    string
}

func (b *browser) do(r *http.Request) page {
	b.s.t.Helper()
	answer, err := b.Do(r)
	require.NoError(b.s.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(b.s.t, err)
	p := page{status: answer.StatusCode, address: answer.Request.URL.String(), header: answer.Header, text: string(text)}
	to := answer.Header.Get("Location")
	if after, ok := strings.CutPrefix(answer.Header.Get("Refresh"), "0;url="); ok {
		to = after // how a page that follows a form goes on
	}
	if to != "" {
		p.away, err = url.Parse(to)
		require.NoError(b.s.t, err)
	}
	return p
}

func (b *browser) get(address string) page {
	r, err := http.NewRequest(http.MethodGet, b.s.absolute(address), nil)
	require.NoError(b.s.t, err)
	return b.do(r)
}

func (s *site) absolute(address string) string {
	if strings.HasPrefix(address, "/") {
		return s.issuer + address
	}
	return address
}

var (
	inputPattern  = regexp.MustCompile(`<input[^>]*>`)
	actionPattern = regexp.MustCompile(`<form[^>]* action="([^"]*)"`)
	attribute     = func(name, tag string) string {
		if m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag); m != nil {
			return html.UnescapeString(m[1])
		}
		return ""
	}
)

// form is what the first form of a page would send, and where.
func (p page) form(t *testing.T) (action string, values url.Values) {
	t.Helper()
	m := actionPattern.FindStringSubmatch(p.text)
	require.NotNil(t, m, "there is no form: %d %s", p.status, p.text)
	values = url.Values{}
	first, _, _ := strings.Cut(p.text, "</form>")
	for _, tag := range inputPattern.FindAllString(first, -1) {
		kind := attribute("type", tag)
		if (kind == "radio" || kind == "checkbox") && !strings.Contains(tag, " checked") {
			continue
		}
		values.Add(attribute("name", tag), attribute("value", tag))
	}
	return m[1], values
}

// send sends the form of a page, with what the person has put in; in turn a name
// and a value, of which "-" is none.
func (b *browser) send(p page, put ...string) page {
	b.s.t.Helper()
	action, values := p.form(b.s.t)
	for i := 0; i+1 < len(put); i += 2 {
		if put[i+1] == "-" {
			values.Del(put[i])
			continue
		}
		values.Set(put[i], put[i+1])
	}
	return b.post(action, values)
}

func (b *browser) post(action string, values url.Values, headers ...string) page {
	b.s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.s.absolute(action), strings.NewReader(values.Encode()))
	require.NoError(b.s.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.do(r)
}

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// asks is the address that a client sends its person to; in turn a name and a
// value, of which "-" is none.
func (s *site) asks(client string, put ...string) string {
	q := url.Values{
		"client_id": {client}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"the state"}, "code_challenge": {challenge()},
		"code_challenge_method": {"S256"}, "resource": {s.issuer + "/mcp"}, "scope": {"flexie:read flexie:write"},
	}
	for i := 0; i+1 < len(put); i += 2 {
		q.Set(put[i], put[i+1])
		if put[i+1] == "-" {
			q.Del(put[i])
		}
	}
	return s.issuer + authorizePath + "?" + q.Encode()
}

// answered is an answer of the endpoints for programs.
type answered struct {
	status int
	header http.Header
	text   string
	tokens struct {
		Access    string `json:"access_token"`
		Refresh   string `json:"refresh_token"`
		Type      string `json:"token_type"`
		ExpiresIn int    `json:"expires_in"`
		Scope     string `json:"scope"`
		Error     string `json:"error"`
		ID        string `json:"client_id"`
		Secret    string `json:"client_secret"`
	}
}

func (s *site) answered(w *http.Response) (a answered) {
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	require.NoError(s.t, err)
	a.status, a.header, a.text = w.StatusCode, w.Header, string(text)
	_ = json.Unmarshal(text, &a.tokens)
	return a
}

func (s *site) request(h http.Handler, method, path, body string, headers ...string) answered {
	r := httptest.NewRequest(method, s.issuer+path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return s.answered(w.Result())
}

func (s *site) form(path string, values url.Values, headers ...string) answered {
	return s.request(s.http.Config.Handler, http.MethodPost, path, values.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

// registers is a client, by a registration with these redirect addresses.
func (s *site) registers(more ...string) answered {
	body := `{"client_name":"Claude","redirect_uris":["` + callback + `"],"token_endpoint_auth_method":"none"}`
	if len(more) > 0 {
		body = more[0]
	}
	return s.request(s.http.Config.Handler, http.MethodPost, registerPath, body, "Content-Type", "application/json")
}

func (s *site) clientID(more ...string) string {
	s.t.Helper()
	a := s.registers(more...)
	require.Equal(s.t, http.StatusCreated, a.status, a.text)
	return a.tokens.ID
}

// codeFor goes through a flow to the code.
func (s *site) codeFor(b *browser, client, key string, put ...string) string {
	s.t.Helper()
	p := b.send(b.get(s.asks(client, put...)), "answer", "allow")
	if p.away == nil {
		p = b.send(p, "key", key)
	}
	require.NotNil(s.t, p.away, p.text)
	code := p.away.Query().Get("code")
	require.NotEmpty(s.t, code, p.away)
	return code
}

func exchange(client, code string, put ...string) url.Values {
	v := url.Values{"grant_type": {"authorization_code"}, "client_id": {client}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	for i := 0; i+1 < len(put); i += 2 {
		v.Set(put[i], put[i+1])
		if put[i+1] == "-" {
			v.Del(put[i])
		}
	}
	return v
}

func refreshing(client, token string, put ...string) url.Values {
	v := url.Values{"grant_type": {"refresh_token"}, "client_id": {client}, "refresh_token": {token}}
	for i := 0; i+1 < len(put); i += 2 {
		v.Set(put[i], put[i+1])
	}
	return v
}

// connects is a client with its first tokens, as Anna.
func (s *site) connects(put ...string) (client string, a answered) {
	s.t.Helper()
	client = s.clientID()
	a = s.form(tokenPath, exchange(client, s.codeFor(s.browser(), client, annasKey, put...)))
	require.Equal(s.t, http.StatusOK, a.status, a.text)
	return client, a
}

// uses calls the server with a token, on the first replica and another.
func (s *site) uses(token string, headers ...string) answered {
	return s.usesAt("/mcp", token, headers...)
}

func (s *site) usesAt(path, token string, headers ...string) answered {
	s.t.Helper()
	headers = append(headers, "Authorization", "Bearer "+token)
	one := s.request(s.http.Config.Handler, http.MethodPost, path, "", headers...)
	other := s.request(s.peer, http.MethodPost, path, "", headers...)
	require.Equal(s.t, one.status, other.status, "replicas agree")
	return one
}

func newGate(subdomains ...string) (*auth.Gate, error) {
	return auth.New(auth.Options{Subdomains: subdomains})
}

func (s *site) grantOf(access string) string {
	b, err := s.bearer(s.t.Context(), access)
	require.NoError(s.t, err)
	require.NotNil(s.t, b)
	return b.grant
}
