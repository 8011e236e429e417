package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/store"
)

// TestWhatIsWrongIsNamed: each of these workspaces and machines is wrong in one way.
func TestWhatIsWrongIsNamed(t *testing.T) {
	sound := func(t *testing.T) []string { return serve(t, workspace(t, sandbox.Options{})) }
	for _, tt := range []struct {
		name   string
		make   func(*testing.T) Options
		check  string
		result Result
		found  string
	}{
		{"wrong key", func(t *testing.T) Options { return options(t, append(sound(t), "FLEXIE_API_KEY=k-123456789")...) },
			"key", Wrong, "Flexie refuses the API key (HTTP 401)"},
		{"key with a line break", func(t *testing.T) Options { return options(t, append(sound(t), "FLEXIE_API_KEY=abc\ndef")...) },
			"credential", Wrong, "was not pasted whole: it has spaces, line breaks"},
		{"key in quotes", func(t *testing.T) Options { return options(t, append(sound(t), `FLEXIE_API_KEY="sandbox"`)...) },
			"credential", Wrong, "the API key has quotes around it"},
		{"key of an example", func(t *testing.T) Options { return options(t, append(sound(t), "FLEXIE_API_KEY=paste-it-here")...) },
			"credential", Wrong, "is still the placeholder"},
		{"no key", func(t *testing.T) Options { return options(t, sound(t)[0], "FLEXIE_API_KEY= ") },
			"credential", Wrong, "there is neither an API key nor a login"},
		{"no workspace", func(t *testing.T) Options { return options(t, "FLEXIE_API_KEY=k-1") },
			"workspace", Wrong, "no workspace is set"},
		{"a setting that is none", func(t *testing.T) Options { return options(t, append(sound(t), "FLEXIE_TIMEOUT=soon")...) },
			"settings", Wrong, "not right: FLEXIE_TIMEOUT"},
		{"workspace does not exist", func(t *testing.T) Options {
			o := options(t, "FLEXIE_SUBDOMAIN=nosuchplace", "FLEXIE_API_KEY=k-1")
			o.Lookup = func(context.Context, string) ([]string, error) { return nil, noHost }
			return o
		}, "dns", Wrong, "the workspace's host does not exist"},
		{"no network", func(t *testing.T) Options {
			o := options(t, "FLEXIE_SUBDOMAIN=acme", "FLEXIE_API_KEY=k-1")
			o.Lookup = func(context.Context, string) ([]string, error) { return nil, &net.DNSError{IsTimeout: true} }
			return o
		}, "dns", Wrong, "there seems to be no network"},
		{"connection refused", func(t *testing.T) Options {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			require.NoError(t, l.Close())
			return options(t, "FLEXIE_BASE_URL=http://"+l.Addr().String()+"/api", "FLEXIE_API_KEY=k-1")
		}, "connection", Wrong, "can't be connected to: connection refused"},
		{"unknown authority", func(t *testing.T) Options { return options(t, encrypted(t, "Some Firm", time.Hour)...) },
			"tls", Wrong, "from an authority that this machine does not trust: issued by none of the usual"},
		{"intercepting proxy", func(t *testing.T) Options { return options(t, encrypted(t, "Zscaler Root CA", time.Hour)...) },
			"tls", Wrong, "does not trust: issued by an intercepting proxy, Zscaler"},
		{"expired certificate", func(t *testing.T) Options { return trusting(t, "Some Firm", -time.Hour) },
			"tls", Wrong, "its certificate has expired, or is not valid yet: it was good from"},
		{"intercepting proxy that is trusted", func(t *testing.T) Options { return trusting(t, "mitmproxy", 90*24*time.Hour) },
			"tls", Warning, "issued by an intercepting proxy, mitmproxy"},
		{"certificate that ends soon", func(t *testing.T) Options { return trusting(t, "DigiCert Inc", 24*time.Hour) },
			"tls", Warning, "issued by DigiCert"},
		{"web page", func(t *testing.T) Options { return options(t, serve(t, faulty(t, chaos.LoginPage))...) },
			"key", Wrong, "a web page came where an answer of Flexie's was due (HTTP 200)"},
		{"no API there", func(t *testing.T) Options {
			return options(t, serve(t, answering(404, "text/html", "<html>Not here</html>"))...)
		}, "key", Wrong, "a web page came where an answer of Flexie's was due (HTTP 404)"},
		{"redirect", func(t *testing.T) Options { return options(t, serve(t, faulty(t, chaos.Redirect))...) },
			"key", Wrong, "the address redirects elsewhere"},
		{"500", func(t *testing.T) Options { return options(t, serve(t, faulty(t, chaos.ServerError))...) },
			"key", Wrong, "Flexie, or a proxy before it, fails (HTTP 500)"},
		{"429", func(t *testing.T) Options { return options(t, serve(t, faulty(t, chaos.TooManyLater))...) },
			"key", Wrong, "Flexie takes no more requests for now (HTTP 429)"},
		{"garbage", func(t *testing.T) Options { return options(t, serve(t, faulty(t, chaos.Garbage))...) },
			"key", Wrong, "an answer came that is none of Flexie's"},
		{"broken connection", func(t *testing.T) Options { return options(t, serve(t, faulty(t, chaos.ResetBefore))...) },
			"tls", Wrong, "the connection ended before an answer came"},
		{"clock off by a day", func(t *testing.T) Options {
			return setTo(options(t, serve(t, anonymous(workspace(t, sandbox.Options{})))...), sandbox.Today.AddDate(0, 0, 1))
		}, "clock", Warning, "this machine's clock is 23h59m59s ahead of Flexie's"},
		{"clock off by months", func(t *testing.T) Options {
			return setTo(options(t, serve(t, anonymous(workspace(t, sandbox.Options{})))...), sandbox.Today.AddDate(0, 0, -90))
		}, "clock", Warning, "this machine's clock is 90 days behind Flexie's"},
		{"proxy that wants a password", func(t *testing.T) Options { return behindProxy(t, 407, "Proxy Authentication Required") },
			"tls", Wrong, "the proxy wants a user name and a password (HTTP 407)"},
		{"proxy that answers a page", func(t *testing.T) Options { return behindProxy(t, 403, "<html>Blocked</html>") },
			"tls", Wrong, "the proxy does not let the connection through"},
		{"user who may not see deals", func(t *testing.T) Options {
			return options(t, append(sound(t), "FLEXIE_API_KEY="+sandbox.SupportKey)...)
		}, "reading deals", Warning, "Flexie does not allow it to this user (HTTP 403)"},
		{"user without permissions", func(t *testing.T) Options {
			return options(t, append(sound(t), "FLEXIE_API_KEY="+sandbox.SupportKey)...)
		}, "permissions", Warning, "the user may not see"},
		{"full disk", func(t *testing.T) Options {
			o := options(t, sound(t)...)
			o.Probe = func(string) error { return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC} }
			return o
		}, "state directory", Wrong, "the disk of the state directory is full"},
		{"little room", func(t *testing.T) Options {
			o := options(t, sound(t)...)
			o.Room = func(string) (uint64, bool) { return 3 << 20, true }
			return o
		}, "state directory", Warning, "its disk is nearly full, 3.0 MB free"},
		{"disk that can only be read", func(t *testing.T) Options {
			o := options(t, sound(t)...)
			o.Probe = func(string) error { return &os.PathError{Op: "open", Path: "x", Err: syscall.EROFS} }
			return o
		}, "state directory", Wrong, "on a disk that can only be read"},
		{"file in the place of the directory", func(t *testing.T) Options {
			dir := t.TempDir()
			write(t, dir, "state", "")
			return options(t, append(sound(t), "FLEXIE_STATE_DIR="+dir+"/state")...)
		}, "state directory", Wrong, "a file is in its way"},
		{"damaged journal", func(t *testing.T) Options {
			dir := t.TempDir()
			write(t, dir, "journal.db", strings.Repeat("this is not a database", 100))
			return options(t, append(sound(t), "FLEXIE_STATE_DIR="+dir)...)
		}, "journal", Wrong, "the journal is damaged"},
		{"damaged login", func(t *testing.T) Options {
			dir := t.TempDir()
			write(t, dir, "logins/acme.flexie.io-12345678.login.json", "{")
			return options(t, "FLEXIE_STATE_DIR="+dir, "FLEXIE_BASE_URL=http://127.0.0.1:1/api")
		}, "sign-in", Wrong, "what is kept of a login is damaged"},
		{"no keyring", func(t *testing.T) Options {
			o := options(t, append(sound(t), "FLEXIE_OAUTH_CLIENT_ID=3_1a2b3c")...)
			o.Keyring = func() error { return errNone }
			return o
		}, "keyring", Warning, "this system has none that can be used"},
		{"client id that there is not", func(t *testing.T) Options {
			return options(t, append(sound(t), "FLEXIE_OAUTH_CLIENT_ID=3_1a2b3c", "FLEXIE_OAUTH_CLIENT_SECRET=s-123456789")...)
		}, "oauth client", Warning, "Flexie seems to refuse a sign-in with this client id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			report, by := run(t, tt.make(t))
			require.Equal(t, tt.result, by[tt.check].Result, report.Text())
			require.Contains(t, by[tt.check].Found, tt.found)
			require.NotEmpty(t, by[tt.check].Next)
			require.Equal(t, worst(report.Checks), report.Result)
			require.Equal(t, tt.result == Wrong, report.Failed(), report.Text())
		})
	}
}

// anonymous is a workspace that does not say that it is a sandbox.
func anonymous(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(nameless{w}, r)
	})
}

type nameless struct{ http.ResponseWriter }

func (w nameless) WriteHeader(status int) {
	w.Header().Del("Server")
	w.ResponseWriter.WriteHeader(status)
}

func setTo(o Options, now time.Time) Options {
	o.Now = func() time.Time { return now }
	return o
}

// faulty is a workspace on which every request goes wrong.
func faulty(t *testing.T, fault chaos.Fault) http.Handler {
	w := chaos.New(workspace(t, sandbox.Options{}), func(*http.Request) chaos.Fault { return fault })
	t.Cleanup(w.Close)
	return w
}

// certificate is one that a made-up authority has issued.
func certificate(t *testing.T, issuer string, lasts time.Duration) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{issuer}, CommonName: issuer}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(1000 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "here"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(lasts),
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, authority, &key.PublicKey, key)
	require.NoError(t, err)
	root, err := x509.CreateCertificate(rand.Reader, authority, authority, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(root)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// encrypted is a workspace behind a certificate that this machine does not trust.
func encrypted(t *testing.T, issuer string, lasts time.Duration) []string {
	environ, _ := encryptedBy(t, issuer, lasts)
	return environ
}

func encryptedBy(t *testing.T, issuer string, lasts time.Duration) ([]string, *x509.CertPool) {
	pair, pool := certificate(t, issuer, lasts)
	server := httptest.NewUnstartedServer(workspace(t, sandbox.Options{}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of each refusal
	server.StartTLS()
	t.Cleanup(server.Close)
	return []string{"FLEXIE_BASE_URL=" + server.URL + "/api", "FLEXIE_API_KEY=" + sandbox.Key, "FLEXIE_MAX_RATE=0"}, pool
}

// trusting is a machine that trusts the authority.
func trusting(t *testing.T, issuer string, lasts time.Duration) Options {
	environ, pool := encryptedBy(t, issuer, lasts)
	o := options(t, environ...)
	o.Now = time.Now
	o.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	return o
}

// behindProxy is a machine that reaches Flexie through a proxy which answers that.
func behindProxy(t *testing.T, status int, body string) Options {
	server := httptest.NewServer(answering(status, "text/html", body))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	require.NoError(t, err)
	o := options(t, "FLEXIE_SUBDOMAIN=acme", "FLEXIE_API_KEY=k-123456789", "HTTPS_PROXY="+server.URL)
	o.Proxy = func(*http.Request) (*url.URL, error) { return at, nil }
	o.Transport = &http.Transport{Proxy: http.ProxyURL(at)}
	return o
}

// TestASilentWorkspaceTakesNoLonger: a workspace that does not answer takes less than half a minute.
func TestASilentWorkspaceTakesNoLonger(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	_, by := run(t, options(t, serve(t, faulty(t, chaos.SilenceBefore))...))
	require.Equal(t, Wrong, by["tls"].Result)
	require.Contains(t, by["tls"].Found, "no answer came within 6s")
	require.Equal(t, Skipped, by["key"].Result)
	require.Contains(t, by["key"].Found, "it needs tls, which is wrong")
	require.Less(t, time.Since(begun), 30*time.Second)
}

// To look does not set a damaged journal aside, as the next start does.
func TestAJournalThatCantBeOpenedIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "journal.db", "this is not a database, and is kept")
	_, by := run(t, options(t, "FLEXIE_STATE_DIR="+dir, "FLEXIE_API_KEY=k"))
	require.Equal(t, Wrong, by["journal"].Result)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(dir + "/journal.db")
	require.NoError(t, err)
	require.Equal(t, "this is not a database, and is kept", string(text))
}

// A journal that servers have open is looked through beside them.
func TestAJournalInUseIsCounted(t *testing.T) {
	dir := t.TempDir()
	j := journal.New(journal.Options{Store: store.Durable(store.Options{Dir: dir})})
	t.Cleanup(func() { j.Close() })
	for range 3 {
		id, err := j.Begin(t.Context(), journal.Entry{Tool: "update_contact"})
		require.NoError(t, err)
		require.NoError(t, j.End(t.Context(), id, journal.Ending{Outcome: journal.Done}))
	}
	_, by := run(t, options(t, "FLEXIE_STATE_DIR="+dir, "FLEXIE_API_KEY=k"))
	require.Equal(t, OK, by["journal"].Result)
	require.Contains(t, by["journal"].Found, "whole, 3 changes in ")

	_, err := j.Begin(t.Context(), journal.Entry{Tool: "update_contact"})
	require.NoError(t, err)
	_, by = run(t, options(t, "FLEXIE_STATE_DIR="+dir, "FLEXIE_API_KEY=k"))
	require.Equal(t, Warning, by["journal"].Result)
	require.Contains(t, by["journal"].Found, "whole, 4 changes in ")
	require.Contains(t, by["journal"].Found, "1 not ended, and 0 of which it is not known")

	require.NoError(t, j.Close())
	_, by = run(t, options(t, "FLEXIE_STATE_DIR="+dir, "FLEXIE_API_KEY=k"))
	require.Contains(t, by["journal"].Found, "whole, 4 changes in ", "though nobody has it open")
}
