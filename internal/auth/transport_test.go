package auth

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// resolver is a DNS server for one client: it answers questions for an address
// of IPv4 with the next of those given, and the last of them for ever.
func resolver(answers ...[4]byte) (r *net.Resolver, asked *atomic.Int32) {
	asked = &atomic.Int32{}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			for { // over a pipe, each message comes after its length, as over TCP
				question := make([]byte, 1500)
				n, err := server.Read(question)
				if err == nil && n == 2 {
					n, err = server.Read(question[2:])
					n += 2
				}
				if err != nil {
					return
				}
				answer := answerTo(question[2:n], func() [4]byte { return answers[min(int(asked.Add(1)), len(answers))-1] })
				if _, err := server.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
					return
				}
			}
		}()
		return client, nil
	}}, asked
}

// answerTo is the answer to a question of one name: an address, or none if it is
// not one of IPv4 that is asked for.
func answerTo(question []byte, next func() [4]byte) []byte {
	end := 12
	for question[end] != 0 {
		end += int(question[end]) + 1
	}
	end += 5 // its end, type and class
	answer := append([]byte{}, question[:end]...)
	answer[2], answer[3] = 0x84, 0x00 // an answer, by who knows
	copy(answer[6:12], make([]byte, 6))
	if binary.BigEndian.Uint16(question[end-4:]) == 1 {
		answer[7] = 1
		address := next()
		answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		answer = append(answer, address[:]...)
	}
	return answer
}

// inside is a server of this machine, which must not be reached.
func inside(t *testing.T) (s *httptest.Server, port string, reached *atomic.Int32) {
	reached = &atomic.Int32{}
	s = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	return s, u.Port(), reached
}

func get(t *testing.T, through http.RoundTripper, address string) error {
	t.Helper()
	c := http.Client{Transport: through}
	response, err := c.Get(address)
	if err == nil {
		response.Body.Close()
	}
	return err
}

// plain is a transport without a proxy, which keeps no connection.
func plain() *http.Transport { return &http.Transport{DisableKeepAlives: true} }

// TestNothingInsideIsReached, by an address or a name that leads there, unless
// the operator named that host.
func TestNothingInsideIsReached(t *testing.T) {
	_, port, reached := inside(t)
	names, asked := resolver([4]byte{127, 0, 0, 1})
	dialer := net.Dialer{Resolver: names}
	closed := guarded(plain(), nil, dialer)
	for _, host := range []string{"127.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0", "acme.flexie.io", "localhost"} {
		require.ErrorContains(t, get(t, closed, "http://"+host+":"+port+"/api"), "not a public one", host)
	}
	require.Zero(t, reached.Load())
	require.NotZero(t, asked.Load())

	open := guarded(plain(), func(host string) bool { return host == "crm.internal" }, dialer)
	require.NoError(t, get(t, open, "http://crm.internal:"+port))
	require.EqualValues(t, 1, reached.Load())
	require.Error(t, get(t, open, "http://acme.flexie.io:"+port))
	require.EqualValues(t, 1, reached.Load())
	require.Error(t, get(t, Transport(plain(), nil), "http://127.0.0.1:"+port))
}

// TestTheSecondAnswerIsLookedAtToo: what was a public address when it was asked
// for is another one when it is connected to.
func TestTheSecondAnswerIsLookedAtToo(t *testing.T) {
	_, port, reached := inside(t)
	names, asked := resolver([4]byte{1, 1, 1, 1}, [4]byte{127, 0, 0, 1})
	var tried []string
	transport := guarded(plain(), nil, net.Dialer{Resolver: names})
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		tried = append(tried, address)
		return dial(ctx, network, address)
	}
	first, err := names.LookupHost(t.Context(), "acme.flexie.io")
	require.NoError(t, err)
	require.Equal(t, []string{"1.1.1.1"}, first, "by whoever would look first")
	require.ErrorContains(t, get(t, transport, "http://acme.flexie.io:"+port), "not a public one")
	require.GreaterOrEqual(t, asked.Load(), int32(2))
	require.Equal(t, []string{"acme.flexie.io:" + port}, tried)
	require.Zero(t, reached.Load())
}

// TestAPublicAddressIsConnectedTo: the check stands in the way of others only.
func TestAPublicAddressIsConnectedTo(t *testing.T) {
	names, _ := resolver([4]byte{1, 1, 1, 1})
	stop := errors.New("far enough")
	g := &guard{checked: net.Dialer{Resolver: names, Control: func(network, address string, c syscall.RawConn) error {
		require.Equal(t, "1.1.1.1:443", address)
		require.NoError(t, refusePrivate(network, address, c))
		return stop
	}}}
	_, err := g.dial(t.Context(), "tcp", "acme.flexie.io:443")
	require.ErrorIs(t, err, stop)
}

// TestTheOperatorsProxyMayBeInside, and is the only thing that may.
func TestTheOperatorsProxyMayBeInside(t *testing.T) {
	proxy, port, reached := inside(t)
	base := plain()
	base.Proxy = func(r *http.Request) (*url.URL, error) {
		if r.URL.Hostname() == "direct.flexie.io" {
			return nil, nil
		}
		return url.Parse(proxy.URL)
	}
	names, _ := resolver([4]byte{127, 0, 0, 1})
	transport := guarded(base, nil, net.Dialer{Resolver: names})
	require.NoError(t, get(t, transport, "http://acme.flexie.io/api"))
	require.EqualValues(t, 1, reached.Load())
	require.ErrorContains(t, get(t, transport, "http://direct.flexie.io:"+port+"/api"), "not a public one")
	require.EqualValues(t, 1, reached.Load())
}

// TestTheBaseIsNotChanged, and nothing that it has goes round the check.
func TestTheBaseIsNotChanged(t *testing.T) {
	_, port, reached := inside(t)
	base := plain()
	around := func(ctx context.Context, network, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, "127.0.0.1:"+port)
	}
	base.DialContext, base.DialTLSContext = around, around
	require.Error(t, get(t, Transport(base, nil), "http://127.0.0.1:"+port))
	require.ErrorContains(t, get(t, Transport(base, nil), "https://127.0.0.1:"+port), "not a public one")
	require.Zero(t, reached.Load())
	require.NoError(t, get(t, base, "http://anywhere.example/"))
}
