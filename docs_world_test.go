package main_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
)

// world is what the documents speak of: a copy of this folder with the program
// built in it, and an internet that consists of acme.flexie.io.
type world struct {
	dir string
	env []string
}

func documentWorld(t *testing.T) world {
	w := world{dir: copyOfTheSource(t)}
	certificate, file := certificateOf(t, "acme.flexie.io")
	proxy := internetOf(t, map[string]string{"acme.flexie.io:443": workspaceFor(t, certificate)})
	w.env = append(goSettings(t),
		"PATH="+w.dir+string(os.PathListSeparator)+os.Getenv("PATH"),
		"HTTPS_PROXY="+proxy, "NO_PROXY=127.0.0.1,localhost", "SSL_CERT_FILE="+file,
		"GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=-buildvcs=false", "TERM=dumb",
		"FLEXIE_SUBDOMAIN=acme", "FLEXIE_API_KEY=your-key")
	build := exec.Command("go", "build", "-o", "flexie-mcp", ".")
	build.Dir, build.Env = w.dir, append(w.env[:len(w.env):len(w.env)], "HOME="+t.TempDir())
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	return w
}

// goSettings are where Go keeps what it has, which does not depend on a home then.
func goSettings(t *testing.T) (env []string) {
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOROOT"}
	values, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	require.NoError(t, err)
	for i, value := range strings.Split(strings.TrimSpace(string(values)), "\n") {
		env = append(env, names[i]+"="+value)
	}
	return env
}

// copyOfTheSource holds what a clone of this folder would.
func copyOfTheSource(t *testing.T) string {
	dir := t.TempDir()
	listed, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skip("this folder is no clone: ", err)
	}
	for path := range strings.SplitSeq(strings.TrimRight(string(listed), "\x00"), "\x00") {
		content, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}
		require.NoError(t, err)
		at := filepath.Join(dir, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(at, content, info.Mode()))
	}
	return dir
}

// workspaceFor is the address of the sandbox over HTTPS. It knows the key that
// the documents write where a reader's own goes.
func workspaceFor(t *testing.T, certificate tls.Certificate) (address string) {
	s, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("apikey") == "your-key" {
			r.Header.Set("apikey", sandbox.Key)
		}
		s.ServeHTTP(w, r)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// internetOf is the address of a proxy that connects to the hosts it knows, by
// their host:port, and to nothing else.
func internetOf(t *testing.T, hosts map[string]string) (address string) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, known := hosts[r.Host]
		if r.Method != http.MethodConnect || !known {
			http.Error(w, "the documents speak of no "+r.Host, http.StatusBadGateway)
			return
		}
		tunnel(w, to)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// tunnel carries bytes both ways until either side has no more.
func tunnel(w http.ResponseWriter, to string) {
	there, err := net.Dial("tcp", to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		there.Close()
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go carry(there, buffered.Reader, here)
	carry(here, bufio.NewReader(there), there)
}

func carry(to net.Conn, from *bufio.Reader, of net.Conn) {
	_, _ = io.Copy(to, from)
	to.Close()
	of.Close()
}

// certificateOf is one for a host that vouches for itself, and the file that says
// it is to be believed.
func certificateOf(t *testing.T, host string) (tls.Certificate, string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "believed.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}
