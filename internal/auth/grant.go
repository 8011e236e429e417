package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// Grants are what people let their assistants do, by the access tokens that the
// authorization server gave these.
type Grants interface {
	// Grant is what a token stands for at a path; ok is false for one that is none,
	// is over, was revoked, or is for another path or server. The error is for the
	// operator; it is ErrLocked where waiting does not help.
	Grant(ctx context.Context, token, path string) (g Grant, ok bool, err error)

	// Metadata is the address at which a client finds out how to get a token for a
	// path. Scopes are those that it is to ask for at first, with spaces between.
	Metadata(path string) string
	Scopes() string
}

// Grant is what one token stands for.
type Grant struct {
	Name     string // for people and logs
	Caller   string // as of Identity
	ID       string // as the Credential of Identity
	Root     string
	Key      Secret
	Auth     flexie.Auth // as of Identity
	Access   string      // the highest level: one of levels
	Most     string      // the highest that its client can ask for
	Toolsets []string    // with Tools, what it is narrowed to; neither are all
	Tools    []string
}

// ErrLocked is that what a token stands for can't be decrypted with the keys that the
// server was given.
var ErrLocked = errors.New("it can't be decrypted")

// accessPrefix begins the tokens of the authorization server.
const accessPrefix = "fla_"

// byGrant is who sends a token that a person's consent gave.
func (g *Gate) byGrant(r *http.Request, c credentials) (Identity, error) {
	grant, ok, err := g.o.Grants.Grant(r.Context(), c.bearer, r.URL.Path)
	if err != nil {
		g.o.Log.ErrorContext(r.Context(), "a token can't be looked up or used", "error", err)
		if errors.Is(err, ErrLocked) {
			return Identity{}, unusable("this server can't read what the token stands for, which waiting does not mend: tell whoever runs it to look at its log, or sign in again")
		}
		return Identity{}, unusable("this server can't look the token up now: try again in a minute, or tell whoever runs it to look at its log")
	}
	if !ok {
		return Identity{}, wrong("the token is not one of this address, is over, or was revoked: sign in again")
	}
	if err := onlyThe(grant.Root, c.subdomain); err != nil {
		return Identity{}, err
	}
	id := Identity{Name: grant.Name, Caller: grant.Caller, Credential: grant.ID, Root: grant.Root, Key: grant.Key, Auth: grant.Auth, Access: grant.Access, most: grant.Most, stepUp: g.o.Grants.Metadata(r.URL.Path)}
	if id.narrow(grant.Toolsets, grant.Tools, false); len(id.Narrowed) > 0 {
		chosen := id.Narrowed[0]
		id.chosen = &chosen
	}
	return id, nil
}

// challenged adds to a refusal how a client finds out how to get a token
// (RFC 9728), and what to ask for.
func (g *Gate) challenged(r *http.Request, err error) error {
	refused, ok := err.(*Error)
	if !ok || g.o.Grants == nil || refused.Challenge == "" {
		return err
	}
	more := *refused
	more.Challenge += `, resource_metadata="` + g.o.Grants.Metadata(r.URL.Path) + `", scope="` + g.o.Grants.Scopes() + `"`
	return &more
}

// tokenInAddress refuses a token where logs and other sites see it.
func (g *Gate) tokenInAddress(r *http.Request) error {
	if g.o.Grants == nil || !strings.Contains(r.URL.RawQuery, "access_token") || !r.URL.Query().Has("access_token") {
		return nil
	}
	return &Error{
		Status: http.StatusBadRequest, Challenge: realm + `, error="invalid_request"`,
		Text: "a token in the address is refused, since logs keep addresses: send it as Authorization: Bearer TOKEN, and get a new one",
	}
}

// levels are those of Access, the lowest first.
var levels = []string{"read", "write", "delete", "admin"}

// MayAccess reports whether the identity's token reaches as far as a level. Who
// did not come by one that has a level is not limited by it.
func (i Identity) MayAccess(level string) bool {
	return i.Access == "" || slices.Index(levels, level) <= slices.Index(levels, i.Access)
}

// ScopeChallenge is the WWW-Authenticate header of a 403 for what takes a higher
// level than the token has, by which a client can ask its person for more and try
// again; "" where the token reaches, or no token could.
func (i Identity) ScopeChallenge(level string) string {
	if i.MayAccess(level) || slices.Index(levels, level) > slices.Index(levels, i.most) {
		return ""
	}
	var scopes []string
	for _, name := range levels[:slices.Index(levels, level)+1] {
		scopes = append(scopes, "flexie:"+name)
	}
	return realm + `, error="insufficient_scope", scope="` + strings.Join(scopes, " ") +
		`", resource_metadata="` + i.stepUp + `", error_description="more than the person has allowed"`
}
