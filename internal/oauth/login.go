package oauth

import (
	"strings"
	"time"
)

// Where tokens are kept.
const (
	InKeyring = "keyring"
	InFile    = "file"
)

// Login is what is known of a sign-in without a look at its tokens. None of it is
// a secret, but for the Badge.
type Login struct {
	Root   string    `json:"root"`    // of the workspace's API
	UserID string    `json:"user_id"` // whom Flexie said it is of; "" if it could not be asked
	User   string    `json:"user"`    // as people know them
	Since  time.Time `json:"since"`
	Kept   string    `json:"kept"` // InKeyring or InFile

	// Badge stands where a key would, to tell callers and what is kept of them
	// apart. It stays the same as long as the workspace and the user do, and is
	// never sent to Flexie.
	Badge string `json:"badge"`

	Default bool   `json:"-"` // it is the one of whoever names no workspace
	Aside   string `json:"-"` // after Keep: where a damaged file is that it took the place of; "" if none was
}

// Command is what signs in to the workspace again.
func (one Login) Command() string {
	if one.Default {
		return "flexie-mcp login"
	}
	if rest, ok := strings.CutPrefix(one.Root, "https://"); ok {
		if subdomain, ok := strings.CutSuffix(rest, ".flexie.io/api"); ok {
			return "flexie-mcp login --subdomain " + subdomain
		}
	}
	return "flexie-mcp login --base-url " + one.Root
}

// Grant are the tokens of a sign-in, and the client they were given to, without
// which they can't be renewed.
type Grant struct {
	About        string        `json:"about,omitempty"` // for whoever finds it in a file
	ClientID     string        `json:"client_id"`
	ClientSecret string        `json:"client_secret"`
	Access       string        `json:"access_token"`
	Refresh      string        `json:"refresh_token"`
	Given        time.Time     `json:"given"`
	Lasts        time.Duration `json:"lasts_ns"` // 0 if Flexie did not say
}

// GrantOf is what is to be kept of tokens that a client was given.
func (c *Client) GrantOf(t Tokens) Grant {
	return Grant{ClientID: c.o.ID, ClientSecret: c.o.Secret, Access: t.Access, Refresh: t.Refresh, Given: t.Given, Lasts: t.Lasts}
}

// Ends is when the access token does, by this machine's clock; zero if Flexie did
// not say.
func (g Grant) Ends() time.Time {
	if g.Lasts == 0 {
		return time.Time{}
	}
	return g.Given.Add(g.Lasts)
}

// early is how long before its end an access token is renewed: a call that begins
// now should not meet it.
const early = time.Minute

// lasting reports whether the access token is good for a while, as far as a clock
// tells. Where that was set back since, or is wrong, Flexie's 401 tells better.
func (g Grant) lasting(now time.Time) bool {
	return g.Access != "" && (g.Lasts == 0 || now.Add(min(early, g.Lasts/10)).Before(g.Ends()))
}

// String leaves the tokens out.
func (Grant) String() string { return "(tokens, hidden)" }

// GoString is String, for %#v.
func (g Grant) GoString() string { return g.String() }
