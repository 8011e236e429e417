package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"flexie-mcp/flexie"
)

// isHere reports whether the workspace is inside the program: there is no network.
func (p *patient) isHere() bool { return p.o.Sandbox != nil }

const here = "the sandbox is inside the program"

// proxyOf is the proxy in force for the workspace; nil if there is none.
func (p *patient) proxyOf() (*url.URL, error) {
	return p.o.Proxy(&http.Request{URL: p.root})
}

// proxy tells of the variables, and whether they are about this workspace.
func (p *patient) proxy() Finding {
	if p.isHere() {
		return skipped(here)
	}
	set := setIn(p.o.Environ, "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY")
	at, err := p.proxyOf()
	switch {
	case err != nil:
		return wrong("the proxy that is set for this machine's programs has an address that can't be read", "write HTTPS_PROXY as http://proxy.example:3128").with(err.Error())
	case at != nil:
		p.veil.proxy(at.String())
		p.veil.proxy(at.Host)
		return ok("requests go through a proxy, by " + words(set, "the environment")).with(at.Redacted())
	case len(set) == 0:
		return ok("no proxy is set: requests go directly")
	case strings.Contains(strings.Join(set, " "), "ALL_PROXY") && !strings.Contains(strings.Join(set, " "), "HTTPS_PROXY"):
		return warning("only ALL_PROXY is set, which this program does not go by: requests go directly", "set HTTPS_PROXY, if a proxy is needed")
	}
	return ok("requests go directly, though there are " + words(set, ""))
}

// setIn are the variables that are set, by name; either case counts.
func setIn(environ []string, names ...string) (set []string) {
	for _, name := range names {
		for _, pair := range environ {
			if given, value, _ := strings.Cut(pair, "="); strings.EqualFold(given, name) && value != "" {
				set = append(set, name)
				break
			}
		}
	}
	return set
}

func words(all []string, none string) string {
	if len(all) == 0 {
		return none
	}
	return strings.Join(all, ", ")
}

// dns looks the workspace's name up, or that of the proxy which would do it.
func (p *patient) dns(ctx context.Context) Finding {
	if p.isHere() {
		return skipped(here)
	}
	host, whose := p.root.Hostname(), "the workspace's host"
	if at, _ := p.proxyOf(); at != nil {
		host, whose = at.Hostname(), "the proxy's host"
	}
	if net.ParseIP(host) != nil {
		return ok("there is nothing to look up: " + whose + " is given as an address")
	}
	found, err := p.o.Lookup(ctx, host)
	var of *net.DNSError
	switch {
	case err == nil && len(found) > 0:
		return ok(fmt.Sprintf("%s has %s", whose, countedAs(len(found), "address", "addresses"))).with(host + ": " + strings.Join(found, ", "))
	case errors.As(err, &of) && of.IsNotFound, err == nil:
		next := "check the spelling of subdomain or base_url: the name is the first part of the address at which Flexie opens in a browser"
		if whose != "the workspace's host" {
			next = "check HTTPS_PROXY"
		}
		return wrong(whose+" does not exist: no such name is known on the internet (DNS)", next).with(host)
	case ctx.Err() != nil || errors.As(err, &of) && of.IsTimeout:
		return wrong("names can't be looked up, as DNS does not answer: there seems to be no network", "check that this machine is online: open any page in a browser. If that works, ask who runs the network about its DNS")
	}
	return wrong("the name of "+whose+" can't be looked up", "check the connection of this machine to the internet, and its DNS server").with(flexie.Because(err))
}

// connection opens a connection to the workspace, or to the proxy.
func (p *patient) connection(ctx context.Context) Finding {
	if p.isHere() {
		return skipped(here)
	}
	to, whose := p.root, "the workspace's host"
	if at, _ := p.proxyOf(); at != nil {
		to, whose = at, "the proxy"
	}
	begun := time.Now()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(to.Hostname(), portOf(to)))
	if err == nil {
		_ = conn.Close()
		return ok(fmt.Sprintf("%s takes connections, after %s", whose, roughly(time.Since(begun))))
	}
	found := whose + " can't be connected to: " + flexie.Because(err)
	if isTimeout(ctx, err) {
		found = fmt.Sprintf("%s did not answer within %s: there seems to be no network, or a firewall is in the way", whose, roughly(time.Since(begun)))
	}
	return wrong(found, "check that this machine is online, that no firewall is in the way, and, if base_url is set, its port. In an office, programs may need a proxy: ask who runs the network, and set HTTPS_PROXY").with(to.Host)
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

func isTimeout(ctx context.Context, err error) bool {
	var of net.Error
	return ctx.Err() != nil || errors.As(err, &of) && of.Timeout()
}

func roughly(d time.Duration) time.Duration { return max(d.Round(time.Millisecond), time.Millisecond) }

// tls makes a first request, without the key: what is on the way should not be
// given it before it is known who that is.
func (p *patient) tls(ctx context.Context) Finding {
	if p.isHere() {
		return skipped(here)
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	ctx, heard := listening(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.root.JoinPath("users/self").String(), nil)
	if err != nil {
		return wrong("the workspace's address can't be read", "check base_url")
	}
	r.Header.Set("Accept", "application/json")
	client := &http.Client{Transport: p.transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		return p.noTLS(ctx, err)
	}
	defer resp.Body.Close()
	p.mu.Lock()
	p.probe = heard.last("")
	p.mu.Unlock()
	if resp.StatusCode == http.StatusProxyAuthRequired {
		return proxyWantsPassword()
	}
	if resp.TLS == nil {
		return ok("not encrypted (plain http), which is allowed only where the workspace is this machine itself")
	}
	return p.certificate(resp.TLS)
}

func proxyWantsPassword() Finding {
	return wrong("the proxy wants a user name and a password (HTTP 407)", "write them in the proxy's address, as in HTTPS_PROXY=http://user:password@proxy.example:3128")
}

// noTLS says why the first request got no answer.
func (p *patient) noTLS(ctx context.Context, err error) Finding {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	if f, isOne := p.badCertificate(err); isOne {
		return f
	}
	var header tls.RecordHeaderError
	switch {
	case strings.Contains(err.Error(), "Proxy Authentication Required"):
		return proxyWantsPassword()
	case errors.As(err, &header), errors.Is(err, http.ErrSchemeMismatch):
		return wrong("what answers at the workspace's address does not speak TLS", "check base_url and its port; a proxy or a portal may have answered in Flexie's place")
	case isTimeout(ctx, err):
		return wrong(fmt.Sprintf("it connects, and no answer came within %s", callTime), "try again; if it stays so, something on the way takes requests and does not pass them on")
	case p.throughProxy():
		return wrong("the proxy does not let the connection through", "ask who runs the proxy to allow the workspace's host, or name that in NO_PROXY").with(flexie.Because(err))
	}
	return wrong("the connection ended before an answer came: "+flexie.Because(err), "try again; if it stays so, look for a firewall or a proxy on the way")
}

func (p *patient) throughProxy() bool {
	at, _ := p.proxyOf()
	return at != nil
}

// badCertificate says what is wrong with a certificate, if that is what failed.
func (p *patient) badCertificate(err error) (Finding, bool) {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	switch {
	case errors.As(err, &unknown):
		f := wrong("its certificate is from an authority that this machine does not trust: "+issuerOf(unknown.Cert),
			"if your organisation looks into TLS, install its root certificate in this system, or name it in SSL_CERT_FILE; else somebody is in the way: don't go on")
		return f.with(nameOf(unknown.Cert)), true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		until := "it is not known when"
		if invalid.Cert != nil {
			until = fmt.Sprintf("it was good from %s to %s", day(invalid.Cert.NotBefore), day(invalid.Cert.NotAfter))
		}
		return wrong("its certificate has expired, or is not valid yet: "+until, "check this machine's date; if that is right, tell whoever runs the host"), true
	case errors.As(err, &invalid):
		return wrong("its certificate is not valid", "tell whoever runs the host").with(invalid.Error()), true
	case errors.As(err, &name):
		return wrong("its certificate is for another host", "check base_url: a proxy or a portal may have answered in Flexie's place").with(name.Error()), true
	}
	return Finding{}, false
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// soonExpired is how long before its end a certificate is told of.
const soonExpired = 14 * 24 * time.Hour

// certificate looks at one that was accepted.
func (p *patient) certificate(state *tls.ConnectionState) Finding {
	leaf := state.PeerCertificates[0]
	issuer := issuerOf(leaf)
	text := fmt.Sprintf("encrypted by %s, with a certificate that is good until %s, %s", tls.VersionName(state.Version), day(leaf.NotAfter), issuer)
	switch {
	case knownInterceptor(leaf) != "":
		return warning(text, "a proxy reads what is sent to Flexie: that is your organisation's decision, and may change or delay answers").with(nameOf(leaf))
	case leaf.NotAfter.Sub(p.o.Now()) < soonExpired:
		return warning(text, "it ends within two weeks: if it is not renewed by itself, tell whoever runs the host").with(nameOf(leaf))
	case !isPublic(leaf):
		return warning(text, "it is trusted by this machine, so all works; if that is not meant to be so, a proxy may be reading along").with(nameOf(leaf))
	}
	return ok(text).with(nameOf(leaf))
}

// nameOf is the whole name of who issued a certificate.
func nameOf(c *x509.Certificate) string {
	if c == nil {
		return "not known"
	}
	return "issued by " + c.Issuer.String() + " for " + c.Subject.String()
}

// issuerOf names who issued a certificate, if it is a product or an authority that
// is known everywhere; others may be named after whose they are.
func issuerOf(c *x509.Certificate) string {
	if c == nil {
		return "its issuer is not known"
	}
	if product := knownInterceptor(c); product != "" {
		return "issued by an intercepting proxy, " + product
	}
	for _, name := range publicAuthorities {
		if issuedBy(c, name) {
			return "issued by " + name
		}
	}
	return "issued by none of the usual public authorities (--show-private names it)"
}

// interceptors are products that read TLS on the way, by a word of their issuers.
var interceptors = []string{
	"Zscaler", "Netskope", "Fortinet", "FortiGate", "Palo Alto", "Blue Coat", "Symantec Web", "Forcepoint", "Websense",
	"Sophos", "Cisco Umbrella", "Cisco Secure", "Check Point", "McAfee Web", "Skyhigh", "Barracuda", "WatchGuard", "SonicWall",
	"Untangle", "Squid", "mitmproxy", "Charles Proxy", "Fiddler", "DO_NOT_TRUST", "PortSwigger", "Burp", "Kaspersky", "Avast",
	"AVG ", "ESET SSL", "Bitdefender", "Lightspeed", "Securly", "GoGuardian", "iboss", "Menlo", "Cato Networks", "Cloudflare Gateway", "Umbrella",
}

func knownInterceptor(c *x509.Certificate) string {
	for _, name := range interceptors {
		if issuedBy(c, name) {
			return strings.TrimSpace(name)
		}
	}
	return ""
}

// publicAuthorities are those that nearly all public hosts have theirs from.
var publicAuthorities = []string{
	"Let's Encrypt", "ISRG", "DigiCert", "GlobalSign", "Sectigo", "COMODO", "USERTRUST", "Google Trust Services", "Amazon",
	"GoDaddy", "Starfield", "Entrust", "Cloudflare", "IdenTrust", "Buypass", "SSL Corp", "Actalis", "Certum", "Microsoft", "ZeroSSL",
	"GeoTrust", "Thawte", "RapidSSL", "QuoVadis", "SwissSign", "Gandi", "TrustAsia", "HARICA", "Telekom Security", "D-Trust",
}

func isPublic(c *x509.Certificate) bool {
	for _, name := range publicAuthorities {
		if issuedBy(c, name) {
			return true
		}
	}
	return false
}

func issuedBy(c *x509.Certificate, name string) bool {
	return strings.Contains(strings.ToLower(c.Issuer.String()), strings.ToLower(name))
}

// mostOff is how far a clock may be off without being told of.
const mostOff = time.Minute

// sandboxName is what a sandbox on a socket calls itself in its Server header.
const sandboxName = "flexie-mcp sandbox"

// lasting tells a long time in days.
func lasting(d time.Duration) string {
	if d > 48*time.Hour {
		return fmt.Sprintf("%.0f days", d.Hours()/24)
	}
	return d.String()
}

// clock compares the other side's with ours.
func (p *patient) clock() Finding {
	if p.isHere() {
		return skipped(here)
	}
	p.mu.Lock()
	theirs, said := p.probe.date()
	took, of := p.probe.took, p.probe.header.Get("Server")
	p.mu.Unlock()
	if of == sandboxName {
		return skipped("a made-up workspace of this program answers, whose clock stands still on purpose")
	}
	if !said {
		return skipped("the other side did not say what time it is")
	}
	off := p.o.Now().Sub(theirs).Round(time.Second)
	if off.Abs() <= mostOff+took {
		return ok("this machine's clock and Flexie's agree")
	}
	which := "ahead of"
	if off < 0 {
		which = "behind"
	}
	return warning(fmt.Sprintf("this machine's clock is %s %s Flexie's", lasting(off.Abs()), which),
		"set it right, or let this system set it by itself: logins, confirmation codes and \"today\" go by it")
}
