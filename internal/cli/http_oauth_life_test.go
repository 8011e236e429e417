package cli_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// shortLived are the tokens of a client that takes each for over which a person's
// answer gave, so that it refreshes before its first use.
type shortLived struct {
	given  []*oauth2.Token
	client string
	source oauth2.TokenSource
}

func (s *shortLived) new(ctx context.Context, c *oauth2.Config, given *oauth2.Token) (oauth2.TokenSource, error) {
	over := *given
	over.Expiry = time.Unix(1, 0)
	s.given, s.client, s.source = append(s.given, given), c.ClientID, c.TokenSource(ctx, &over)
	return s.source, nil
}

// connect is a client of the Go SDK with these tokens.
func (s *shortLived) connect(t *testing.T, p *signer, base string) *mcp.ClientSession {
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{Metadata: &oauthex.ClientRegistrationMetadata{
			ClientName: "Go client", RedirectURIs: []string{"http://127.0.0.1:33418/callback"}, TokenEndpointAuthMethod: "none", GrantTypes: []string{"authorization_code", "refresh_token"},
		}},
		AuthorizationCodeFetcher: p.answer,
		NewTokenSource:           s.new,
	})
	require.NoError(t, err)
	c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: base + "/mcp", OAuthHandler: handler}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// TestSignInToItsEnd: the Go SDK's client refreshes without its person, and asks
// them anew once all was revoked.
func TestSignInToItsEnd(t *testing.T) {
	at := freePort(t)
	base := start(t, nil, "http", "--sandbox", "--listen", at, "--public-url", "http://"+at).address()
	anna, tokens := newSigner(t, "sandbox-sales"), &shortLived{}
	c := tokens.connect(t, anna, base)
	whoAmI := func() string {
		self, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_current_user"})
		require.NoError(t, err)
		return self.Content[0].(*mcp.TextContent).Text
	}
	require.Contains(t, whoAmI(), "Sofia Lindqvist")
	now, err := tokens.source.Token()
	require.NoError(t, err)
	require.NotEqual(t, tokens.given[0].AccessToken, now.AccessToken, "it was refreshed")
	require.NotEqual(t, tokens.given[0].RefreshToken, now.RefreshToken)
	require.WithinDuration(t, time.Now().Add(time.Hour), now.Expiry, time.Minute)
	require.Len(t, anna.shown, 2, "a refresh takes no person")

	answer, err := http.PostForm(base+"/oauth/revoke", url.Values{"token": {now.RefreshToken}, "client_id": {tokens.client}})
	require.NoError(t, err)
	answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	for _, token := range []string{now.AccessToken, tokens.given[0].AccessToken} {
		r, err := http.NewRequest(http.MethodPost, base+"/mcp", strings.NewReader(hello))
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		answer.Body.Close()
		require.Equal(t, http.StatusUnauthorized, answer.StatusCode, "an access token ends with what it came of")
	}
	require.Contains(t, whoAmI(), "Sofia Lindqvist")
	require.Len(t, tokens.given, 2)
	require.Greater(t, len(anna.shown), 2, "the person was asked anew")
}
