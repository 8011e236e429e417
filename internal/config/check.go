package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// flexieDomain is what every workspace's host name ends in.
const flexieDomain = ".flexie.io"

var subdomainPattern = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// readSubdomain takes the first part of the workspace's host name. People
// paste the whole address instead; they are told what to write.
func readSubdomain(_ field, text string) (any, error) {
	sub := strings.ToLower(text)
	if sub == "" || subdomainPattern.MatchString(sub) {
		return sub, nil
	}
	if part := pastedSubdomain(sub); part != "" {
		return nil, fmt.Errorf("only the first part of the address goes here: write %s", part)
	}
	if strings.ContainsAny(sub, "/:@?") { // may hold a password or a key: not shown
		return nil, errors.New("a whole address goes in base_url; here write acme for https://acme.flexie.io")
	}
	return nil, fmt.Errorf("%q is not a subdomain: letters, digits and hyphens, 63 at most, like acme", text)
}

// pastedSubdomain is acme of https://acme.flexie.io/api or acme.flexie.io;
// "" if that is not what was pasted.
func pastedSubdomain(pasted string) string {
	if !strings.Contains(pasted, "://") {
		pasted = "https://" + pasted
	}
	u, err := url.Parse(pasted)
	if err != nil {
		return ""
	}
	sub, ok := strings.CutSuffix(u.Hostname(), flexieDomain)
	if !ok || !subdomainPattern.MatchString(sub) {
		return ""
	}
	return sub
}

// readURL takes the API's root, without the slash at its end. Its errors never
// show the address: a password or a key may be in it.
func readURL(_ field, text string) (any, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsFunc(text, unicode.IsSpace):
		return nil, errors.New("this is not an address, like https://acme.flexie.io/api")
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, errors.New("the whole address goes here, like https://acme.flexie.io/api")
	case u.User != nil:
		return nil, errors.New("a user name or password in the address is refused; the key goes in api_key")
	case strings.ContainsAny(text, "?#"):
		return nil, errors.New("the address ends before any ? or #, like https://acme.flexie.io/api")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("plain http is refused except to loopback, since it would send the API key readable over the network; use https")
	}
	u.Host = strings.ToLower(u.Host)
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	if u.Path == "" && strings.HasSuffix(u.Hostname(), flexieDomain) {
		return nil, fmt.Errorf("the whole root of the API goes here: write %s/api", u)
	}
	return u.String(), nil
}

// loopback reports whether a host is this very machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// readSecret takes a key as it is. Spaces or line breaks inside are the mark
// of a bad paste, or of a file that is not the key's.
func readSecret(_ field, text string) (any, error) {
	inside := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if strings.ContainsFunc(text, inside) {
		return nil, errors.New("there are spaces, line breaks or control characters inside the key (it is not shown here)")
	}
	return text, nil
}

// checkTogether finds what is wrong only between settings that are each right.
func (l *loader) checkTogether(s Settings) {
	if s.Subdomain != "" && s.BaseURL != "" && s.BaseURL != (Settings{Subdomain: s.Subdomain}).Root() {
		l.problem("%s and %s name different workspaces: keep one", l.label("subdomain"), l.label("base_url"))
	}
	if len(s.Toolsets) == 0 && len(s.Tools) == 0 {
		l.problem("%s is empty, and so is tools: name at least one, like core", l.label("toolsets"))
	}
	if s.APIKey != "" && s.APIKeyFile != "" {
		l.problem("%s and %s are both set: keep one", l.label("api_key"), l.label("api_key_file"))
	}
	if s.EncryptionKey != "" && s.EncryptionKeyFile != "" {
		l.problem("%s and %s are both set: keep one", l.label("encryption_key"), l.label("encryption_key_file"))
	}
	if s.OAuthClientSecret != "" && s.OAuthClientSecretFile != "" {
		l.problem("%s and %s are both set: keep one", l.label("oauth_client_secret"), l.label("oauth_client_secret_file"))
	}
}
