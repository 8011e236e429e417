package auth

import (
	"net/http"
	"strings"
)

// The headers that a request is read by.
const (
	KeyHeader       = "X-Flexie-Api-Key"
	SubdomainHeader = "X-Flexie-Subdomain"
	ToolsetsHeader  = "X-Flexie-Toolsets"
	ToolsHeader     = "X-Flexie-Tools"
	ReadOnlyHeader  = "X-Flexie-Read-Only"
)

// maxHeader is the longest that any of them may be, in bytes.
const maxHeader = 4 << 10

// credentials are what a request says of who sends it. At most one of key and
// bearer is set.
type credentials struct {
	key, bearer, subdomain string
}

// one is the value of a header that may be sent once, without the space around
// it. A header that is there and empty is a client's setting that was not filled
// in: it is refused, and never taken for one that is not there.
func one(h http.Header, name string) (value string, sent bool, err error) {
	values := h.Values(name)
	switch {
	case len(values) == 0:
		return "", false, nil
	case len(values) > 1:
		return "", true, malformed("%s is sent %d times: send it once", name, len(values))
	case len(values[0]) > maxHeader:
		return "", true, malformed("%s is longer than %d bytes", name, maxHeader)
	case strings.ContainsFunc(values[0], unprintable):
		return "", true, malformed("%s holds a line break, or another character that is not plain ASCII", name)
	}
	if value = strings.TrimSpace(values[0]); value == "" {
		return "", true, malformed("%s is empty: fill it in, or leave it out", name)
	}
	return value, true, nil
}

func unprintable(r rune) bool { return (r < ' ' && r != '\t') || r > '~' }

// credentialsOf reads what there is, and refuses two that could disagree.
func credentialsOf(h http.Header) (c credentials, err error) {
	var hasKey, hasBearer bool
	var authorization string
	if c.key, hasKey, err = one(h, KeyHeader); err != nil {
		return credentials{}, err
	}
	if authorization, hasBearer, err = one(h, "Authorization"); err != nil {
		return credentials{}, err
	}
	if hasKey && hasBearer {
		return credentials{}, malformed("%s and Authorization are both sent: keep one", KeyHeader)
	}
	if strings.ContainsAny(c.key, " \t") {
		return credentials{}, malformed("%s holds a space: copy the key again", KeyHeader)
	}
	if c.subdomain, _, err = one(h, SubdomainHeader); err != nil {
		return credentials{}, err
	}
	if hasBearer {
		c.bearer, err = bearerOf(authorization)
	}
	return c, err
}

func bearerOf(authorization string) (string, error) {
	scheme, token, _ := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " \t") {
		return "", wrong("the Authorization header is to be: Bearer TOKEN")
	}
	return token, nil
}
