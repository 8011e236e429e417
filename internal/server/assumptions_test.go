package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
)

// TestAssumptionsReachEveryCaller: what the settings say of a workspace holds for
// those with keys of their own as well.
func TestAssumptionsReachEveryCaller(t *testing.T) {
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"data":{"entity":{"id":42,"first_name":"Nadia"}},"took":3}`)
	}))
	t.Cleanup(odd.Close)
	s := config.Settings{
		BaseURL: odd.URL + "/api", APIKey: "operator-key", Toolsets: []string{"all"}, StateDir: t.TempDir(),
		Assumptions: flexie.Assumptions{RecordNames: []string{"data.entity"}},
	}
	gate, err := auth.New(auth.Options{Root: s.Root(), SharedKey: s.Key(), BaseURL: s.BaseURL})
	require.NoError(t, err)
	o, w := opened(t, s)
	door := server.Door{Members: server.NewMembers(w, s, gate, gate.Trusts, quiet)}
	hs := httptest.NewServer(server.Handler(server.New(o), door, quiet))
	t.Cleanup(func() { hs.CloseClientConnections(); hs.Close() })

	own := person{url: hs.URL, headers: map[string]string{auth.KeyHeader: "anna-key"}}
	require.Contains(t, own.call(t, "get_contact", `{"id":42}`), "Nadia")
	require.NotContains(t, own.call(t, "get_contact", `{"id":42}`), "took", "it is read as the record, and not as what stands around it")

	c := connect(t, server.New(o))
	answer, err := c.CallTool(t.Context(), callOf("get_contact", map[string]any{"id": 42}))
	require.NoError(t, err)
	require.Contains(t, textOf(t, answer), "Nadia")
	require.NotContains(t, textOf(t, answer), "took")
}
