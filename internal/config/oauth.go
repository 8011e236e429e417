package config

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// ClientSecret is the OAuth client's secret, whether it was given itself or in a
// file; "" if neither.
func (s Settings) ClientSecret() string {
	if s.clientSecret != "" {
		return s.clientSecret
	}
	return s.OAuthClientSecret
}

// WithLogin are the settings where a sign-in takes the place of a key: of the
// workspace at that API root, and with a mark for the key, by which callers and
// what is kept of them are told apart as they are by a key. The mark is as secret
// as one, and is never sent to Flexie.
func (s Settings) WithLogin(root, mark string) Settings {
	if s.Root() == "" {
		s.BaseURL = root
	}
	s.key = mark
	return s
}

var errWrongPort = errors.New("the port is a number from 1 to 65535, or left out with its colon")

// rightPort reports whether an address can have that port; "" is that of its scheme.
func rightPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && port > 0
}

// readRedirect takes the address that the answer to a sign-in goes to. It is
// sent as it stands, since it must be the same as in Flexie to the letter.
func readRedirect(_ field, text string) (any, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsFunc(text, unicode.IsSpace):
		return nil, errors.New("this is not an address, like http://127.0.0.1:8976/callback")
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, errors.New("the whole address goes here, as it is entered in Flexie, like http://127.0.0.1:8976/callback")
	case u.User != nil || strings.ContainsAny(text, "?#"):
		return nil, errors.New("no user name, ? or # can be in the address")
	case !rightPort(u.Port()):
		return nil, errWrongPort
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("plain http is refused except to loopback, since the answer would be readable on its way; use https")
	}
	return text, nil
}
