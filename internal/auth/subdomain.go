package auth

import (
	"regexp"
	"strings"
)

// subdomainPattern is a name, not an address: no dot, colon or slash is in it.
// As with every host name, no hyphen stands at its ends.
var subdomainPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// rootOf is the API root of a workspace by its name: the one place in this
// package where a host is made.
func rootOf(subdomain string) string { return "https://" + subdomain + ".flexie.io/api" }

// notASubdomain says what is wrong with the name of a workspace; "" if nothing.
// It does not repeat what was given, which may hold a password or a key.
func notASubdomain(name string) string {
	switch {
	case subdomainPattern.MatchString(name):
		return ""
	case strings.ContainsAny(name, "./:@"):
		return "this is the name of a workspace, not an address: acme, for https://acme.flexie.io"
	case name != strings.ToLower(name):
		return "the name of a workspace is in small letters, like acme"
	}
	return "the name of a workspace is 1 to 63 small letters, digits and hyphens, with no hyphen at either end, like acme"
}
