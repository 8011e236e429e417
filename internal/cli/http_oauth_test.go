package cli_test

import (
	"context"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"
)

// signer is a browser, and somebody who fills in what it shows.
type signer struct {
	t      *testing.T
	client *http.Client
	key    string
	user   string // of the sandbox, who signs in there; "" is one who pastes a key
	level  string // chosen; "" is what was asked for
	shown  []string
}

func newSigner(t *testing.T, key string) *signer {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &signer{t: t, key: key, client: &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/oauth/") {
			return nil
		}
		return http.ErrUseLastResponse
	}}}
}

var hidden = regexp.MustCompile(`<input[^>]*name="(flow|proof)" value="([^"]*)"`)

// answer goes from the address that a client opens to the one that it waits at.
func (p *signer) answer(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, args.URL, nil)
	require.NoError(p.t, err)
	for range 4 {
		response, err := p.client.Do(r)
		require.NoError(p.t, err)
		page, err := io.ReadAll(response.Body)
		require.NoError(p.t, err)
		response.Body.Close()
		if to, ok := strings.CutPrefix(response.Header.Get("Refresh"), "0;url="); ok {
			back, err := url.Parse(to)
			require.NoError(p.t, err)
			q := back.Query()
			if p.user != "" && back.Path == "/oauth2/authorize" {
				q.Set("user", p.user)
				back.RawQuery = ""
				r = p.sends(ctx, back.String(), q)
				continue
			}
			return &auth.AuthorizationResult{Code: q.Get("code"), State: q.Get("state"), Iss: q.Get("iss")}, nil
		}
		p.shown = append(p.shown, string(page))
		form := url.Values{"answer": {"allow"}, "key": {p.key}, "access": {p.level}}
		for _, m := range regexp.MustCompile(`<input type="checkbox" name="toolset" value="([^"]*)"`).FindAllStringSubmatch(string(page), -1) {
			form.Add("toolset", m[1])
		}
		if p.level == "" {
			if m := regexp.MustCompile(`name="access" value="([^"]*)" checked`).FindStringSubmatch(string(page)); m != nil {
				form.Set("access", m[1])
			}
		}
		for _, m := range hidden.FindAllStringSubmatch(string(page), -1) {
			form.Set(m[1], html.UnescapeString(m[2]))
		}
		r = p.sends(ctx, response.Request.URL.String(), form)
	}
	p.t.Fatal("no answer: ", p.shown)
	return nil, nil
}

func (p *signer) sends(ctx context.Context, to string, form url.Values) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	require.NoError(p.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// freePort is an address that nothing listens on.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// asPerson is a client with OAuth, whose person is asked.
func asPerson(t *testing.T, p *signer, endpoint string) (*mcp.ClientSession, error) {
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			ClientName: "Go client", RedirectURIs: []string{"http://127.0.0.1:33418/callback"}, TokenEndpointAuthMethod: "none", GrantTypes: []string{"authorization_code", "refresh_token"},
		}},
		AuthorizationCodeFetcher: p.answer,
	})
	require.NoError(t, err)
	return mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: endpoint + "/mcp", OAuthHandler: handler}, nil)
}

// TestSignIn: the Go SDK's client finds its way in by itself, works as the person,
// and asks for more where it needs more.
func TestSignIn(t *testing.T) {
	at := freePort(t)
	p := start(t, nil, "http", "--sandbox", "--listen", at, "--public-url", "http://"+at, "--log-level", "info")
	base := p.address()
	anna := newSigner(t, "sandbox-sales")
	anna.level = "read"
	c, err := asPerson(t, anna, base)
	require.NoError(t, err, p.errors)
	defer c.Close()
	require.Len(t, anna.shown, 2)
	require.Contains(t, anna.shown[0], "Connect “Go client” to Flexie?")
	listed, err := c.ListTools(t.Context(), nil)
	require.NoError(t, err)
	names := map[string]bool{}
	for _, tool := range listed.Tools {
		names[tool.Name] = true
	}
	require.True(t, names["create_contact"], "what takes more is listed, so that it can be asked for")
	self, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_current_user"})
	require.NoError(t, err)
	require.Contains(t, self.Content[0].(*mcp.TextContent).Text, "Sofia Lindqvist")

	anna.level = ""
	made, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "add_note", Arguments: map[string]any{"entity_type": "contact", "entity_id": 42, "text": "hello"}})
	require.NoError(t, err, p.errors)
	require.False(t, made.IsError, made.Content)
	require.Len(t, anna.shown, 3, "the person was asked for more, and had signed in")
	said := p.errors.String()
	require.Equal(t, 1, strings.Count(said, "sandbox-sales"), "as the server starts, and in no log: %s", said)
	require.NotContains(t, said, "registered route")
}

// TestSignInIsAskedFor: where people can sign in, nobody works with the server's own
// key, and the refusal says where to begin.
func TestSignInIsAskedFor(t *testing.T) {
	at := freePort(t)
	p := start(t, nil, "http", "--sandbox", "--listen", at, "--public-url", "http://"+at)
	response, err := http.Post(p.address()+"/mcp", "application/json", strings.NewReader(hello))
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)
	require.Contains(t, response.Header.Get("WWW-Authenticate"), `resource_metadata="http://`+at+`/.well-known/oauth-protected-resource/mcp"`)
	response, err = http.PostForm("http://"+at+"/oauth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}, "client_id": {"x"}})
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)
	require.Contains(t, p.errors.String(), "flexie-mcp: people sign in at http://"+at+" with a Flexie key that they paste, such as sandbox-sales\n")
	require.Equal(t, 3, strings.Count(p.errors.String(), "\n"), "a client that asks wrongly is nothing for the operator: %s", p.errors)
}

// TestSignInNeedsItsKeys: what can't be kept safely is not begun.
func TestSignInNeedsItsKeys(t *testing.T) {
	for says, environ := range map[string][]string{
		"give all servers the same": {"FLEXIE_DATABASE_URL=postgres://127.0.0.1:1/none"},
		"encryption_key: key 1 is":  {"FLEXIE_ENCRYPTION_KEY=short"},
		"encryption_key_file: open": {"FLEXIE_ENCRYPTION_KEY_FILE=/nowhere"},
	} {
		p := start(t, append(environ, "FLEXIE_PUBLIC_URL=http://localhost:8080", "FLEXIE_SUBDOMAIN=acme", "FLEXIE_API_KEY=x"), "http", "--listen", "127.0.0.1:0")
		require.NotZero(t, p.end())
		require.Contains(t, p.errors.String(), says)
	}
}
