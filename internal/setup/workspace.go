package setup

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Workspace is one as the settings name it: by the first part of its host's name, or
// by the whole address of its API. One of the two is "".
type Workspace struct {
	Subdomain string
	BaseURL   string
}

// Root is the address of its API.
func (w Workspace) Root() string {
	if w.Subdomain != "" {
		return "https://" + w.Subdomain + domain + "/api"
	}
	return w.BaseURL
}

// Of is the workspace whose API has that address.
func Of(root string) Workspace {
	if rest, ok := strings.CutPrefix(root, "https://"); ok {
		if name, ok := strings.CutSuffix(rest, domain+"/api"); ok && isName.MatchString(name) {
			return Workspace{Subdomain: name}
		}
	}
	return Workspace{BaseURL: root}
}

// domain is what every workspace's host name ends in.
const domain = ".flexie.io"

var isName = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// ErrNoWorkspace says what goes there. What was typed is not repeated: it may be a key.
var ErrNoWorkspace = errors.New("that is no workspace: write the first part of the address at which Flexie opens in a browser, like acme for https://acme.flexie.io")

// ReadWorkspace takes what people type or paste: acme, acme.flexie.io, any address
// there, or the whole address of an API elsewhere.
func ReadWorkspace(text string) (Workspace, error) {
	text = strings.Trim(trim(text), `.`)
	if name := strings.ToLower(text); isName.MatchString(name) {
		return Workspace{Subdomain: name}, nil
	}
	isWhole := strings.Contains(text, "://")
	if !isWhole {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(text, " \t") {
		return Workspace{}, ErrNoWorkspace
	}
	if name, ok := strings.CutSuffix(strings.ToLower(u.Hostname()), domain); ok {
		if !isName.MatchString(name) || name == "www" {
			return Workspace{}, ErrNoWorkspace
		}
		return Workspace{Subdomain: name}, nil
	}
	if !isWhole || u.Scheme != "https" && u.Scheme != "http" {
		return Workspace{}, ErrNoWorkspace
	}
	return Workspace{BaseURL: apiOf(u)}, nil
}

// apiOf is where the API is at a host of another name: what is given, unless that is
// the host alone.
func apiOf(u *url.URL) string {
	path := strings.TrimRight(u.Path, "/")
	if path == "" {
		path = "/api"
	}
	return (&url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: path}).String()
}
