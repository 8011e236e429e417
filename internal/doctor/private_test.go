package doctor

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
)

// canaries are settings that each hold something that nobody else is to see.
func canaries(t *testing.T) (environ []string, private, secret []string) {
	dir := filepath.Join(t.TempDir(), "canary-home", "canary-state")
	require.NoError(t, os.MkdirAll(dir, 0o700))
	environ = []string{
		"HOME=" + filepath.Dir(dir), "USER=canary-person", "FLEXIE_STATE_DIR=" + dir,
		"FLEXIE_API_KEY=" + sandbox.Key, "FLEXIE_OAUTH_CLIENT_ID=canary-client", "FLEXIE_OAUTH_CLIENT_SECRET=canary-secret-1",
		"FLEXIE_ENCRYPTION_KEY=canary-secret-2", "FLEXIE_INTROSPECTION_SECRET=canary-secret-3",
		"FLEXIE_OAUTH_REDIRECT=http://127.0.0.1:8976/canary-callback", "FLEXIE_PUBLIC_URL=https://canary-public.example",
		"FLEXIE_CUSTOM_TABLES=canary_table,subscriptions", "FLEXIE_HTTP_SUBDOMAINS=canary-tenant", "FLEXIE_HTTP_ORIGINS=https://canary-origin.example",
		"FLEXIE_HTTP_TOKENS_FILE=/canary/tokens", "FLEXIE_HTTP_METRICS_LISTEN=canary-metrics.example:9090", "FLEXIE_SANDBOX_FILE=/canary/box",
		"HTTPS_PROXY=http://canary-user:canary-secret-4@canary-proxy.example:3128", "FLEXIE_TIMEOUT=canary-timeout", "FLEXIE_MAX_RATE=0",
	}
	return environ, []string{"canary", dir, filepath.Dir(dir)}, []string{"canary-secret"}
}

// TestNothingPrivateIsInAReport: neither of the settings nor of the workspace.
func TestNothingPrivateIsInAReport(t *testing.T) {
	environ, private, secret := canaries(t)
	box := workspace(t, sandbox.Options{})
	environ = append(environ, serve(t, box)[0])
	o := options(t, environ...)
	o.WriteTest = true
	report := Run(t.Context(), o)
	for _, text := range []string{report.Text(), string(report.JSON())} {
		for _, word := range append(private, secret...) {
			require.NotContains(t, strings.ToLower(text), strings.ToLower(word))
		}
		require.NotContains(t, text, strings.TrimSuffix(strings.TrimPrefix(environ[len(environ)-1], "FLEXIE_BASE_URL=http://"), "/api"))
		for _, word := range peopleAndFirms(t, box) {
			require.NotContains(t, text, word)
		}
	}
	require.Contains(t, report.Text(), "it can be pasted into an issue")

	o.ShowPrivate = true
	shown := Run(t.Context(), o)
	require.Contains(t, shown.Text(), "canary-state")
	require.Contains(t, shown.Text(), "There are private things in this report")
	require.NotContains(t, shown.Text(), "canary-secret")
	require.NotContains(t, string(shown.JSON()), "canary-secret")
}

// peopleAndFirms are names, addresses and numbers of the workspace.
func peopleAndFirms(t *testing.T, box *sandbox.Sandbox) (words []string) {
	for _, list := range []string{"users", "contacts", "leads", "accounts", "deals", "cases"} {
		r, err := http.NewRequest(http.MethodGet, "http://flexie.invalid/api/"+list+"?limit=200", nil)
		require.NoError(t, err)
		r.Header.Set("apikey", sandbox.Key)
		text := answerOf(box, r).Body.String()
		for _, m := range regexp.MustCompile(`"(?:username|firstName|lastName|first_name|last_name|email|phone|company|name|title|identifier)":("(?:[^"\\]|\\.)*")`).FindAllStringSubmatch(text, -1) {
			var word string
			require.NoError(t, json.Unmarshal([]byte(m[1]), &word))
			if len(word) > 4 && strings.ContainsAny(word, " @+-") {
				words = append(words, word)
			}
		}
	}
	require.Greater(t, len(words), 100)
	return words
}

// TestTheShapeOfTheJSON: programs go by it.
func TestTheShapeOfTheJSON(t *testing.T) {
	o := options(t, serve(t, workspace(t, sandbox.Options{}))...)
	o.Clients = func() []Finding { return []Finding{{Name: "claude-desktop", Result: OK, Found: "it is set up"}} }
	report := Run(t.Context(), o)
	var read map[string]any
	require.NoError(t, json.Unmarshal(report.JSON(), &read))
	require.Equal(t, 1.0, read["format"])
	require.Equal(t, "flexie-mcp", read["program"])
	require.Equal(t, "ok", read["result"])
	require.Equal(t, false, read["private"])
	first := read["checks"].([]any)[0].(map[string]any)
	require.Equal(t, "versions", first["name"])
	require.Equal(t, "ok", first["result"])
	require.NotContains(t, first, "detail")
	require.Len(t, read["assumptions"], len(Rows()))
	require.NotContains(t, read, "write_test")
	require.Contains(t, report.Text(), "claude-desktop")
}
