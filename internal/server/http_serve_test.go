package server_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// served serves a handler; its end is what it ends with once it is stopped.
func served(t *testing.T, s server.Serving, h http.Handler) (address string, stop func(), ended <-chan error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := cancellable(t)
	return l.Addr().String(), cancel, inBackground(func() error { return s.HTTP(ctx, l, h, quiet) })
}

// TestTheGrace: calls under way are done when the server ends, on either
// transport; streams end after them, and nothing new begins.
func TestTheGrace(t *testing.T) {
	of := openOffice(t, nil)
	hold := make(chan struct{})
	address, stop, ended := served(t, server.Serving{Grace: time.Minute}, server.Handler(server.New(of.o), of.door, quiet))
	of.url = "http://" + address
	anna := of.withKey("anna-key")
	session := anna.session(t, `{}`)
	before := len(of.acme.asked()) // whose key it is
	of.acme.holdAll(hold)
	_, get := anna.open(t, http.MethodGet, "/mcp", "", session)
	listening := anna.listen(t, `{"toolsListChanged":true}`)
	sse, messages := anna.sse(t)
	const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_task","arguments":{"id":2}}}`
	post(t, of.url+messages, hello, anna.headers)
	await(t, sse, "the answer")
	post(t, of.url+messages, call, anna.headers)
	_, answer := anna.open(t, http.MethodPost, "/mcp", "", session)
	require.Empty(t, answer)
	answered := make(chan string, 1)
	go func() {
		r, err := send(context.WithoutCancel(t.Context()), of.url+"/mcp", call, session)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		answered <- string(body)
	}()
	require.Eventually(t, func() bool { return len(of.acme.asked()) == before+2 }, soon, time.Millisecond)
	stop()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err != nil
	}, soon, time.Millisecond)
	select {
	case err := <-ended:
		require.FailNow(t, "it did not wait", "%v", err)
	case <-get:
		require.FailNow(t, "the stream did not wait")
	default:
	}
	close(hold)
	require.Contains(t, await(t, answered, "the answer"), "Task 2")
	require.Contains(t, await(t, sse, "the answer"), "Task 2")
	for _, events := range []<-chan string{get, listening, sse} {
		for range events { // until it ends
		}
	}
	require.NoError(t, await(t, ended, "the end"))
}

// TestNothingBeginsAtTheEnd, on connections that are there still.
func TestNothingBeginsAtTheEnd(t *testing.T) {
	of := openOffice(t, nil)
	hold := make(chan struct{})
	of.acme.holdAll(hold)
	defer close(hold)
	address, stop, _ := served(t, server.Serving{Grace: time.Minute}, server.Handler(server.New(of.o), of.door, quiet))
	of.url = "http://" + address
	anna := of.withKey("anna-key")
	go anna.get42(t)
	require.Eventually(t, func() bool { return len(of.acme.asked()) == 1 }, soon, time.Millisecond)
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Flexie-Api-Key: anna-key\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(hello))
	answers := bufio.NewReader(conn)
	line, err := answers.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "100 Continue", "it is worked on")
	stop()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err != nil
	}, soon, time.Millisecond)
	_, err = io.WriteString(conn, hello)
	require.NoError(t, err)
	said, err := io.ReadAll(answers)
	require.NoError(t, err)
	require.Contains(t, string(said), "503")
	require.Contains(t, string(said), "about to end")
	require.Contains(t, string(said), "Retry-After")
}

// TestHTTP2InClearText is what proxies speak.
func TestHTTP2InClearText(t *testing.T) {
	of := openOffice(t, nil)
	address, _, _ := served(t, server.Serving{}, server.Handler(server.New(of.o), of.door, quiet))
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	c := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/sse", nil)
	require.NoError(t, err)
	r.Header.Set(auth.KeyHeader, "anna-key")
	response, err := c.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, "HTTP/2.0", response.Proto)
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// TestLargeHeaders are refused.
func TestLargeHeaders(t *testing.T) {
	of := openOffice(t, nil)
	address, _, _ := served(t, server.Serving{MaxHeader: 8 << 10}, server.Handler(server.New(of.o), of.door, quiet))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/sse", nil)
	require.NoError(t, err)
	r.Header.Set("X-Large", strings.Repeat("x", 20_000))
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, response.StatusCode)
}

// TestCertificates are used as their files are when a client connects, and as they
// were as long as those are not right.
func TestCertificates(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	_, err := server.Certificate(cert, key, quiet)
	require.ErrorContains(t, err, "http_tls_cert")
	certify(t, cert, key, "first.example")
	config, err := server.Certificate(cert, key, quiet)
	require.NoError(t, err)
	address, _, _ := served(t, server.Serving{TLS: config}, http.NotFoundHandler())
	seen := func() string {
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) //nolint:gosec // it is looked at here
		require.NoError(t, err)
		defer c.Close()
		require.Equal(t, "h2", c.ConnectionState().NegotiatedProtocol)
		return c.ConnectionState().PeerCertificates[0].DNSNames[0]
	}
	require.Equal(t, "first.example", seen())
	writeFile(t, cert, "nonsense")
	require.Equal(t, "first.example", seen())
	certify(t, cert, key, "second.example")
	require.Equal(t, "second.example", seen())
	require.NoError(t, os.Remove(key))
	require.Equal(t, "second.example", seen())
}

// certify writes a certificate that says of itself that it is right.
func certify(t *testing.T, certFile, keyFile, name string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	writeFile(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	writeFile(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

// TestNotSetUp: a server that was just installed says in its calls what to set,
// and works for who brings a key and the name of a workspace.
func TestNotSetUp(t *testing.T) {
	o, w := opened(t, notSetUp)
	gate, err := auth.New(auth.Options{Loopback: true, Names: auth.Names{Toolsets: tools.Toolsets(), Tools: everyTool()}})
	require.NoError(t, err)
	o.Knowledge = w.Knowledge()
	door := server.Door{Members: server.NewMembers(w, config.Settings{LearnFields: true, StateDir: t.TempDir()}, gate, gate.Trusts, quiet)}
	address, _, _ := served(t, server.Serving{}, server.Handler(server.New(o), door, quiet))
	nobody := person{url: "http://" + address}
	require.Contains(t, nobody.tools(t), "search_contacts")
	require.Contains(t, nobody.call(t, "get_contact", `{"id":42}`), "FLEXIE_SUBDOMAIN")
	session := nobody.session(t, `{}`)
	require.Contains(t, bodyOf(t, post(t, nobody.url+"/mcp", listTools, session)), "search_contacts")

	somebody := person{url: nobody.url, headers: map[string]string{auth.KeyHeader: "a-key", auth.SubdomainHeader: "no-such-workspace-here"}}
	refused := post(t, nobody.url+"/mcp", hello, somebody.headers)
	require.Equal(t, http.StatusUnauthorized, refused.StatusCode)
	require.Contains(t, bodyOf(t, refused), "Flexie does not confirm this key")
	for name, headers := range map[string]map[string]string{
		"no workspace": {auth.KeyHeader: "a-key"},
		"no key":       {auth.SubdomainHeader: "acme"},
		"a wrong one":  {"Authorization": "Bearer flx_x"},
		"from afar":    {"X-Forwarded-For": "192.0.2.1"},
	} {
		status := post(t, nobody.url+"/mcp", hello, headers).StatusCode
		require.GreaterOrEqual(t, status, 400, name)
		require.LessOrEqual(t, status, 401, name)
	}
}

// TestARefusedRequestDoesNotWaitForItsBody, which may never come.
func TestARefusedRequestDoesNotWaitForItsBody(t *testing.T) {
	of := openOffice(t, nil)
	address, _, _ := served(t, server.Serving{}, server.Handler(server.New(of.o), of.door, quiet))
	for name, head := range map[string]string{
		"a wrong token":     "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n",
		"no such address":   "POST /nowhere HTTP/1.1\r\nHost: localhost\r\n",
		"a foreign origin":  "POST /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n",
		"a body for a look": "GET /sse HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", address)
			require.NoError(t, err)
			defer c.Close()
			_, err = io.WriteString(c, head+"Content-Length: 1000\r\n\r\n{")
			require.NoError(t, err)
			require.NoError(t, c.SetReadDeadline(time.Now().Add(soon)))
			answer, err := io.ReadAll(c) // until it is closed
			require.NoError(t, err)
			require.Regexp(t, `^HTTP/1\.1 4\d\d `, string(answer))
		})
	}
}
