package authserver

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// client is a program that asks for a person's consent, as it describes itself.
type client struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"` // which nobody has verified
	Redirects []string `json:"redirects"`

	// Method is how it authenticates: one of methods.
	Method string `json:"method"`

	// JWKS is where the keys are that it signs with, or they themselves.
	JWKSURI string          `json:"jwks_uri,omitempty"`
	JWKS    json.RawMessage `json:"jwks,omitempty"`

	SecretHash string `json:"secret_hash,omitempty"`
}

// How clients authenticate at the endpoint for tokens.
const (
	methodNone  = "none"
	methodBasic = "client_secret_basic"
	methodPost  = "client_secret_post"
	methodSigns = "private_key_jwt"
)

var methods = []string{methodNone, methodBasic, methodPost, methodSigns}

// host is the host that vouches for the client, since a document at the address that
// is its id describes it; "" if none does.
func (c shown) host() string {
	if !isDocumentID(c.ID) {
		return ""
	}
	u, err := url.Parse(c.ID)
	if err != nil {
		return ""
	}
	return u.Host
}

// shown is as much of a client as a flow and a code hold.
type shown struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Method string `json:"method"`
	Print  string `json:"print"` // the fingerprint of all that it said of itself
}

func (c *client) shown() shown { return shown{c.ID, c.Name, c.Method, c.fingerprint()} }

// fingerprint changes when anything does that a person has consented to.
func (c *client) fingerprint() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // there is nothing in it that can't be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// maxName is the longest that a client's name is shown, in characters.
const maxName = 60

// blank are letters and symbols that show nothing, besides those that Unicode calls
// ignorable.
var blank = []rune{'\u2800', '\ufffc', '\U00013441', '\U00013442', '\U0001D159'}

// cleanName is a client's name as it can be shown: what would hide, reorder or
// overflow it is left out, and what shows nothing is space. Of a name that has
// nothing to see, nothing is left.
func cleanName(name string) string {
	name = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), slices.Contains(blank, r):
			return ' '
		case !unicode.IsGraphic(r) || unicode.In(r, unicode.Mn, unicode.Me, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))), " ")
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName]) + "…"
	}
	return name
}

// named fills in a name where a client gave none.
func (c *client) named() {
	if c.Name = cleanName(c.Name); c.Name == "" {
		c.Name = "An assistant without a name"
	}
}

// asOP is the client as the library knows it. What is particular to OpenID is
// left out, and never asked for.
type asOP struct{ *client }

func (c asOP) GetID() string                       { return c.ID }
func (c asOP) RedirectURIs() []string              { return c.Redirects }
func (c asOP) PostLogoutRedirectURIs() []string    { return nil }
func (c asOP) ApplicationType() op.ApplicationType { return op.ApplicationTypeNative }
func (c asOP) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethod(c.Method) }
func (c asOP) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c asOP) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}
func (c asOP) LoginURL(string) string              { return "" }
func (c asOP) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }
func (c asOP) IDTokenLifetime() time.Duration      { return 0 }
func (c asOP) DevMode() bool                       { return false }
func (c asOP) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func([]string) []string { return nil }
}
func (c asOP) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func([]string) []string { return nil }
}
func (c asOP) IsScopeAllowed(scope string) bool {
	return slices.Contains(levels, strings.TrimPrefix(scope, scopePrefix))
}
func (c asOP) IDTokenUserinfoClaimsAssertion() bool { return false }
func (c asOP) ClockSkew() time.Duration             { return 0 }
