package auth

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// Transport is base, except that it connects to public addresses only: a name
// that a caller chose must not lead into the operator's own network. The address
// is looked at when it is connected to, after the name was looked up, so that it
// does not help to answer the next question otherwise. Hosts for which trusted
// is true may be anywhere; it is asked without the port, and nil trusts none.
//
// A proxy of the operator's is used as base would, and may be anywhere; what it
// connects to then is for the proxy to check.
func Transport(base *http.Transport, trusted func(host string) bool) http.RoundTripper {
	return guarded(base, trusted, net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second})
}

func guarded(base *http.Transport, trusted func(host string) bool, dialer net.Dialer) *http.Transport {
	g := &guard{trusted: trusted, free: dialer, checked: dialer, proxy: base.Proxy}
	g.checked.Control = refusePrivate
	t := base.Clone()
	t.DialContext = g.dial
	t.DialTLSContext = nil // it would go round dial
	//lint:ignore SA1019 as would this
	t.DialTLS = nil
	if base.Proxy != nil {
		t.Proxy = g.proxyFor
	}
	return t
}

// guard dials for a transport.
type guard struct {
	trusted       func(host string) bool
	free, checked net.Dialer
	proxy         func(*http.Request) (*url.URL, error)
	proxies       sync.Map // the addresses of proxies, "host:port"
}

func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if _, isProxy := g.proxies.Load(address); isProxy || g.trusted != nil && g.trusted(host) {
		return g.free.DialContext(ctx, network, address)
	}
	return g.checked.DialContext(ctx, network, address)
}

// proxyFor remembers which addresses are those of proxies.
func (g *guard) proxyFor(r *http.Request) (*url.URL, error) {
	u, err := g.proxy(r)
	if err == nil && u != nil {
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
		}
		g.proxies.Store(net.JoinHostPort(u.Hostname(), port), true)
	}
	return u, err
}

// refusePrivate is called with each address that is about to be connected to.
// Its error does not say which it was: names inside would be told by it.
func refusePrivate(network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" || !isPublic(at.Addr()) {
		return errors.New("its name leads to an address that is not a public one; only a base_url of the operator's may")
	}
	return nil
}
