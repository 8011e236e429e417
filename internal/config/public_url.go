package config

import (
	"errors"
	"net/url"
	"strings"
	"unicode"
)

// readPublicURL takes the address of a server over HTTP, without the slash at its
// end. It has no path: clients look for how to sign in at the root of a host.
func readPublicURL(_ field, text string) (any, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsFunc(text, unicode.IsSpace):
		return nil, errors.New("this is not an address, like https://mcp.example.com")
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, errors.New("the whole address goes here, like https://mcp.example.com")
	case u.User != nil || strings.ContainsAny(text, "?#"):
		return nil, errors.New("no user name, ? or # can be in the address")
	case !rightPort(u.Port()):
		return nil, errWrongPort
	case strings.Trim(u.Path, "/") != "":
		return nil, errors.New("the address ends after the host, like https://mcp.example.com: assistants look for how to sign in at the root of a host")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("plain http is refused except to loopback, since people's keys and tokens go there; use https")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}
