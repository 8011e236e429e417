package auth_test

import (
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
)

// FuzzIdentify: whatever is sent, the key goes to a workspace of Flexie's or to
// the operator's own, the server's key only to whom it may, and a refusal says
// no secret.
func FuzzIdentify(f *testing.F) {
	file := filepath.Join(f.TempDir(), "tokens.toml")
	bot := issue(f, file, auth.Token{Name: "bot", BaseURL: "https://crm.internal/api", KeyEnv: "ACME_KEY", Toolsets: []string{"cases"}, ReadOnly: true})
	gates := []*auth.Gate{
		gate(f, auth.Options{}),
		gate(f, auth.Options{Root: own, SharedKey: serverKey, Loopback: true}),
		gate(f, auth.Options{Root: own, SharedKey: serverKey, Subdomains: []string{"acme"}, Tokens: opened(f, file, "ACME_KEY="+acmeKey)}),
	}
	f.Add("/mcp", "X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "acme")
	f.Add("/mcp/x/cases/readonly", "Authorization", "Bearer "+bot, "X-Flexie-Toolsets", "all,tasks")
	f.Add("/mcp/x/../y", "x-flexie-api-key", ownKey, "X-FLEXIE-API-KEY", ownKey)
	f.Add("/mcp", "X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "evil.example/#")
	f.Add("/mcp/x/", "X-Flexie-Api-Key", "a\r\nb", "X-Flexie-Tools", "get_case,\xff")
	f.Add("", "Authorization", "bearer\t"+bot, "X-Flexie-Read-Only", "no")
	f.Add("/mcp", "X-Flexie-Subdomain", "own", "X-Flexie-Subdomain", "acme")
	host := regexp.MustCompile(`^https://[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.flexie\.io/api$`)

	f.Fuzz(func(t *testing.T, path, name1, value1, name2, value2 string) {
		h := http.Header{}
		h.Add(name1, value1)
		h.Add(name2, value2)
		for i, g := range gates {
			id, err := g.Identify(&http.Request{Header: h.Clone(), URL: &url.URL{Path: path}})
			if err != nil {
				var refused *auth.Error
				require.True(t, errors.As(err, &refused), "%v", err)
				require.Contains(t, []int{400, 401, 403}, refused.Status)
				require.Equal(t, refused.Status == 401, refused.Challenge != "")
				for _, secret := range []string{serverKey, acmeKey, bot} {
					require.NotContains(t, err.Error(), secret)
				}
				require.Zero(t, id)
				continue
			}
			require.NotEmpty(t, id.Caller)
			switch key := id.Key.Reveal(); key {
			case acmeKey:
				require.Equal(t, "https://crm.internal/api", id.Root)
				require.Equal(t, "bot", id.Name)
				require.True(t, id.ReadOnly)
				require.False(t, id.Allows("search_tasks", "tasks", "core"))
			case serverKey:
				require.True(t, i == 1 || strings.TrimSpace(h.Get("X-Flexie-Api-Key")) == serverKey)
				require.Equal(t, own, id.Root)
			default:
				require.Regexp(t, host, id.Root)
				require.Equal(t, strings.TrimSpace(h.Get("X-Flexie-Api-Key")), key)
			}
		}
	})
}
