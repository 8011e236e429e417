package authserver

import (
	"net/url"
	"path"
	"strings"

	"flexie-mcp/internal/auth"
)

// endpoints are the paths where the server can be used. A token for one holds for
// those under it that offer no more, such as /mcp/x/cases of /mcp.
var endpoints = []string{"/mcp", "/sse"}

// resourceOf reads a resource indicator (RFC 8707): the server as a whole, or one
// of its endpoints. It is refused if it is not of this server. None is the whole
// server: older clients send none.
func (s *Server) resourceOf(indicator string) (resource string, ok bool) {
	if indicator == "" {
		return s.issuer, true
	}
	u, err := url.Parse(indicator)
	if err != nil || len(indicator) > maxAddress || u.User != nil || u.Fragment != "" || u.RawQuery != "" || u.Opaque != "" || strings.Contains(indicator, "#") {
		return "", false
	}
	if strings.ToLower(u.Scheme)+"://"+strings.ToLower(u.Host) != s.issuer {
		return "", false
	}
	at := strings.TrimSuffix(u.EscapedPath(), "/")
	if at != "" && (!isEndpoint(at) || strings.ContainsAny(at, `%\`)) {
		return "", false
	}
	return s.issuer + at, true
}

// isEndpoint reports whether a path is an endpoint or under one.
func isEndpoint(at string) bool {
	for _, endpoint := range endpoints {
		if under(at, endpoint) {
			return true
		}
	}
	return false
}

// under reports whether a path is an endpoint or below it. One that goes up, or
// stays, on its way is neither: readers of paths disagree on where it ends.
func under(at, endpoint string) bool {
	return at == endpoint || strings.HasPrefix(at, endpoint+"/") && path.Clean(at) == strings.TrimSuffix(at, "/")
}

// covers reports whether a token for a resource holds at a path of this server: at
// its own, and at those that offer no more. The messages of the older transport go
// with its stream.
func (s *Server) covers(resource, at string) bool {
	rest, ours := strings.CutPrefix(resource, s.issuer)
	if at == "/message" {
		at = "/sse"
	}
	switch {
	case !ours:
		return false
	case rest == "":
		return true
	case strings.HasPrefix(rest, auth.PathPrefix):
		return under(at, "/mcp") && auth.PathWithin(at, rest)
	}
	return under(at, rest)
}
