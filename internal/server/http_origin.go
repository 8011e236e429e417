package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
)

// knownOrigin refuses what a web page of another site sends: as it is, or under
// a name of its own that it has turned to this machine's address (DNS
// rebinding). A browser names the page's origin, or where that has none to be
// named, as with pictures, that the page is of another site; clients that are no
// browsers name neither.
func (d Door) knownOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		switch {
		case origin != "" && !isLocalOrigin(origin) && !slices.Contains(d.Origins, origin):
			http.Error(w, "requests from web pages of other sites are refused", http.StatusForbidden)
		case origin == "" && isFromAPage(r):
			http.Error(w, "requests from web pages of other sites are refused", http.StatusForbidden)
		case auth.IsRebound(r, d.Host):
			http.Error(w, auth.Rebound, http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isFromAPage reports whether a browser sends a request for a page of another site,
// or of another host of the same.
func isFromAPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

func isLocalOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && flexie.IsLoopback(u.Hostname())
}

// What a web page may send, and read.
var (
	corsMethods = strings.Join([]string{http.MethodGet, http.MethodPost, http.MethodDelete}, ", ")
	corsHeaders = strings.Join([]string{
		"Content-Type", "Accept", "Authorization", "Last-Event-ID", mcpserver.HeaderKeySessionID, "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name",
		auth.KeyHeader, auth.SubdomainHeader, auth.ToolsetsHeader, auth.ToolsHeader, auth.ReadOnlyHeader,
		"Traceparent", "Tracestate", "X-Request-Id",
	}, ", ")
	corsExposed = strings.Join([]string{mcpserver.HeaderKeySessionID, "WWW-Authenticate", "Retry-After", "X-Request-Id"}, ", ")
)

// cors lets the pages of the listed origins read what they are answered, also
// that they are refused, which mcp-go's own would not. A browser asks whether it
// may before it sends a credential.
func (d Door) cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, origin := w.Header(), r.Header.Get("Origin")
		if len(d.Origins) > 0 {
			h.Add("Vary", "Origin")
		}
		if !slices.Contains(d.Origins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", corsExposed)
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", corsMethods)
		h.Set("Access-Control-Allow-Headers", corsHeaders)
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}
