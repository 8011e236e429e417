package auth

import (
	"net"
	"net/http"
	"strings"

	"flexie-mcp/flexie"
)

// IsRebound reports whether a request came to a loopback address under a name that
// is neither loopback's nor the public one, "" where there is none: a web page may
// have turned a name of its own to this machine's address (DNS rebinding).
func IsRebound(r *http.Request, public string) bool {
	at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok || !flexie.IsLoopback(withoutPort(at.String())) {
		return false
	}
	host := withoutPort(r.Host)
	return !flexie.IsLoopback(host) && (public == "" || !strings.EqualFold(host, public))
}

// Rebound is what is said of such a request.
const Rebound = "this machine was reached under a name that is not its own: use localhost or 127.0.0.1. A proxy on this machine has to send Host: localhost, or the server's public name where public_url says it"

// withoutPort is the host of "host:port" or of a host alone.
func withoutPort(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.Trim(address, "[]")
}
