package cli_test

import (
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// checked runs healthcheck, and returns what it ends with and says.
func checked(t *testing.T, environ []string, args ...string) (status int, said string) {
	c := command(t, environ, append([]string{"healthcheck"}, args...)...)
	out, _ := c.CombinedOutput()
	return c.ProcessState.ExitCode(), string(out)
}

// TestHealthcheckOfAServer: by its address, or by the --listen it was started with.
func TestHealthcheckOfAServer(t *testing.T) {
	p := start(t, nil, "http", "--sandbox", "--listen", "127.0.0.1:0")
	url := p.address()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	for _, args := range [][]string{
		{url + "/readyz"}, {url}, {url + "/healthz"},
		{"--listen", "127.0.0.1:" + port}, {"--listen", "0.0.0.0:" + port}, {"--listen", ":" + port},
	} {
		status, said := checked(t, nil, args...)
		require.Zero(t, status, said)
		require.Regexp(t, `^(ready|ok)\n$`, said)
	}
	status, said := checked(t, []string{"HTTP_PROXY=http://127.0.0.1:1", "http_proxy=http://127.0.0.1:1"}, url)
	require.Zero(t, status, said)
}

// TestHealthcheckByHTTPS takes the certificate of a server on this machine, whoever
// it is for.
func TestHealthcheckByHTTPS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ready\n")) }))
	t.Cleanup(s.Close)
	cert := filepath.Join(t.TempDir(), "cert.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	for _, args := range [][]string{{s.URL}, {"--listen", "127.0.0.1:" + port}} {
		status, said := checked(t, []string{"FLEXIE_HTTP_TLS_CERT=" + cert}, args...)
		require.Zero(t, status, said)
		require.Equal(t, "ready\n", said)
	}
}

// TestHealthcheckSaysWhatIsWrong in one line, and ends with 1.
func TestHealthcheckSaysWhatIsWrong(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/readyz":
			http.Error(w, "draining\x1b[2J\nand more", http.StatusServiceUnavailable)
		case "/moved":
			http.Redirect(w, r, "/fine", http.StatusFound)
		}
	}))
	t.Cleanup(s.Close)
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	for address, want := range map[string]string{
		s.URL:              `^flexie-mcp: ` + s.URL + `/readyz answers 503: draining\\u001b\[2J\n$`,
		s.URL + "/moved":   `^flexie-mcp: ` + s.URL + `/moved answers 302: .*\n$`,
		nobody.URL + "/":   `^flexie-mcp: ` + nobody.URL + `/ can't be asked: .*connection refused\n$`,
		"ftp://127.0.0.1/": `^flexie-mcp: healthcheck: write the address as http://host:port/readyz\n$`,
	} {
		status, said := checked(t, nil, address)
		require.NotZero(t, status)
		require.Equal(t, strings.HasPrefix(address, "ftp"), status == 2)
		require.Regexp(t, want, said)
	}
	status, said := checked(t, nil, "--listen", "8080")
	require.Equal(t, 2, status)
	require.Equal(t, "flexie-mcp: --listen 8080: write it as host:port, like 127.0.0.1:8080\n", said)
}
