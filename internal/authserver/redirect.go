package authserver

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// maxAddress is the longest that an address may be, in bytes.
const maxAddress = 2000

// schemePattern are schemes that an application may have made its own: they hold a
// dot, as the name of a host that is its maker's (RFC 8252, 7.1). One without could
// be any program's of the machine, and have it do anything.
var schemePattern = regexp.MustCompile(`^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+$`)

// applications are where others get their answers that have a scheme without a dot:
// an address, or what it begins with where that ends in a slash.
var applications = []string{
	"cursor://anysphere.cursor-mcp/oauth/callback",
	"warp://mcp/oauth2callback",
	"vscode://saoudrizwan.claude-dev/mcp-auth/callback/", // Cline, in three editors
	"vscode-insiders://saoudrizwan.claude-dev/mcp-auth/callback/",
	"cursor://saoudrizwan.claude-dev/mcp-auth/callback/",
}

// isApplication reports whether an address is one of an application's.
func isApplication(u *url.URL, address string) bool {
	if schemePattern.MatchString(u.Scheme) && strings.HasPrefix(address, u.Scheme+":/") {
		return true
	}
	return slices.ContainsFunc(applications, func(known string) bool {
		rest, begins := strings.CutPrefix(address, known)
		return begins && (rest == "" || strings.HasSuffix(known, "/") && !strings.ContainsAny(rest, "/.%?"))
	})
}

// answers are what an answer adds to a redirect address, which so must not be in it.
var answers = []string{"code", "error", "error_description", "error_uri", "iss", "state"}

// notARedirect says what is wrong with an address that a client wants answers
// sent to; "" if nothing. It takes https, http on this machine, and schemes of an
// application's own.
func notARedirect(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > maxAddress || strings.ContainsFunc(address, odd):
		return "it is not an address, or is longer than 2000 bytes"
	case strings.Contains(address, "#"):
		return "it must not have a fragment"
	case u.User != nil || strings.Contains(u.Host, "@"):
		return "it must not have a user name"
	case u.RawQuery != "" && hasAnswer(u):
		return "its query must not have what answers have, such as code or state"
	}
	switch u.Scheme {
	case "https":
		if u.Hostname() == "" || strings.Contains(u.Host, "%") {
			return "it has no host"
		}
	case "http":
		if !flexie.IsLoopback(u.Hostname()) {
			return "plain http is only for this machine: localhost, 127.0.0.1 or [::1]"
		}
	default:
		if !isApplication(u, address) {
			return "its scheme is none that answers can be sent to: use https, http on this machine, or a scheme of your own that holds a dot, as in com.example.app:/signed-in"
		}
	}
	return ""
}

// odd are characters that readers of addresses disagree on.
func odd(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`\"<>^`+"`{|}", r) }

func hasAnswer(u *url.URL) bool {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return true
	}
	for _, name := range answers {
		if query.Has(name) {
			return true
		}
	}
	return false
}

// isRegistered reports whether an address is one that the client has named,
// letter by letter, except that a program on the person's machine may listen on
// any port (RFC 8252). Those that are named were looked at when they were.
func isRegistered(named []string, address string) bool {
	if slices.Contains(named, address) {
		return true
	}
	form, local := withoutPort(address)
	return local && slices.ContainsFunc(named, func(other string) bool {
		otherForm, otherLocal := withoutPort(other)
		return otherLocal && otherForm == form
	})
}

// withoutPort is an address of a program on the person's machine as it would be
// without its port; false for any other address.
func withoutPort(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.User != nil || !flexie.IsLoopback(u.Hostname()) {
		return "", false
	}
	rest, ok := strings.CutPrefix(address, "http://"+u.Host)
	return "http://" + u.Hostname() + rest, ok
}

// hostOf is where an answer goes, as a person can judge it: the host of an
// address, or the scheme of an application.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if u.Scheme == "https" || u.Scheme == "http" {
		return u.Hostname()
	}
	return u.Scheme + ":"
}
