package authserver

import (
	"net/url"
	"strings"
)

// endpoints are the paths where the server can be used. A token for one holds for
// those under it, such as /mcp/x/cases of /mcp.
var endpoints = []string{"/mcp", "/sse"}

// resourceOf reads a resource indicator (RFC 8707): the server as a whole, or one
// of its endpoints. It is refused if it is not of this server. None is the whole
// server: older clients send none.
func (s *Server) resourceOf(indicator string) (resource string, ok bool) {
	if indicator == "" {
		return s.issuer, true
	}
	u, err := url.Parse(indicator)
	if err != nil || u.User != nil || u.Fragment != "" || u.RawQuery != "" || u.Opaque != "" || strings.Contains(indicator, "#") {
		return "", false
	}
	if strings.ToLower(u.Scheme)+"://"+strings.ToLower(u.Host) != s.issuer {
		return "", false
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	if path != "" && !isEndpoint(path) {
		return "", false
	}
	return s.issuer + path, true
}

// isEndpoint reports whether a path is an endpoint or under one.
func isEndpoint(path string) bool {
	for _, endpoint := range endpoints {
		if under(path, endpoint) {
			return true
		}
	}
	return false
}

func under(path, endpoint string) bool {
	return path == endpoint || strings.HasPrefix(path, endpoint+"/") && !strings.Contains(path, "..")
}

// covers reports whether a token for a resource holds at a path of this server.
// The messages of the older transport go with its stream.
func (s *Server) covers(resource, path string) bool {
	rest, ours := strings.CutPrefix(resource, s.issuer)
	if path == "/message" {
		path = "/sse"
	}
	return ours && (rest == "" || under(path, rest))
}
