package cli_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zalando/go-keyring"

	"flexie-mcp/internal/apikey"
	"flexie-mcp/internal/cli"
)

// TestAKeyThatWasKeptIsUsed: by what a client starts, which has none in its settings;
// one that is set wins over it.
func TestAKeyThatWasKeptIsUsed(t *testing.T) {
	keyring.MockInit()
	var asked []string
	flexie := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("apikey"))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":7,"username":"jane"}`))
	}))
	defer flexie.Close()
	root, dir := flexie.URL+"/api", t.TempDir()
	call := func(environ ...string) (int, string) {
		var out, errs bytes.Buffer
		code := cli.Run([]string{"call", "get_current_user"}, cli.Surroundings{
			In: strings.NewReader(""), Out: &out, Err: &errs,
			Environ: append([]string{"FLEXIE_STATE_DIR=" + dir, "FLEXIE_BASE_URL=" + root}, environ...),
		})
		return code, errs.String()
	}
	code, said := call()
	require.NotZero(t, code)
	require.Contains(t, said, "no API key")
	require.Empty(t, asked)

	keys := apikey.Open(dir, true)
	one, err := keys.Keep(t.Context(), root, "kept-key")
	require.NoError(t, err)
	require.True(t, one.InKeyring)
	code, said = call()
	require.Zero(t, code, said)
	require.Subset(t, []string{"kept-key"}, asked)
	require.NotEmpty(t, asked)

	asked = nil
	code, said = call("FLEXIE_API_KEY=set-key")
	require.Zero(t, code, said)
	require.Subset(t, []string{"set-key"}, asked)

	keyring.MockInitWithError(http.ErrServerClosed)
	code, said = call()
	require.Equal(t, 1, code)
	require.Contains(t, said, "kept in this system's keyring can't be read")
}
