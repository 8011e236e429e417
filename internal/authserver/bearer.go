package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/store"
)

// bearer is what an access token stands for.
type bearer struct {
	grant, client, resource, level string
	person                         person
	kind, credential               string // which is sealed
	given                          given
	used, expires                  int64
}

// bearer looks an access token up; nil where it is none that is good. It reads the
// store, or makes sure that nothing was committed since it did, each time: what is
// revoked on one replica is refused on all from then on.
func (s *Server) bearer(ctx context.Context, token string) (*bearer, error) {
	if !looksLike(accessPrefix, token) {
		return nil, nil
	}
	hash := hashOf(token)
	version, known := s.o.Store.Version()
	b, had := s.recent.get(version, hash)
	if !known || !had {
		read, err := s.readBearer(ctx, hash)
		if err != nil || read == nil {
			return nil, err
		}
		if b = *read; known {
			s.recent.keep(version, hash, b)
		}
	}
	if b.expires <= s.clock() {
		return nil, nil
	}
	if b.level = lower(b.level, s.offer.Load().access); !includes("admin", b.level) {
		return nil, fmt.Errorf("a token has the access %q, which there is not", b.level)
	}
	return &b, nil
}

// readBearer reads what the access token of a hash stands for; nil where there is
// none that is good.
func (s *Server) readBearer(ctx context.Context, hash string) (*bearer, error) {
	var b bearer
	var text string
	var there bool
	err := s.o.Store.Look(ctx, func(t *store.Tx) (err error) {
		there, err = found(t.QueryRow(`SELECT g.id, g.client, g.resource, t.access, g.given, g.used, t.expires, p.id, p.root, p.name, p.kind, p.credential
			FROM oauth_token t JOIN oauth_grant g ON g.id = t.gives JOIN oauth_person p ON p.id = g.person
			WHERE t.token = ? AND t.kind = ? AND t.expires > ? AND g.revoked = 0`, hash, kindAccess, s.clock()),
			&b.grant, &b.client, &b.resource, &b.level, &text, &b.used, &b.expires, &b.person.id, &b.person.root, &b.person.name, &b.kind, &b.credential)
		return err
	})
	if err != nil || !there {
		return nil, err
	}
	return &b, json.Unmarshal([]byte(text), &b.given)
}

var _ auth.Grants = (*Server)(nil)

// Grant implements auth.Grants.
func (s *Server) Grant(ctx context.Context, token, path string) (auth.Grant, bool, error) {
	b, err := s.bearer(ctx, token)
	if err != nil || b == nil {
		return auth.Grant{}, false, err
	}
	if !s.covers(b.resource, path) || s.o.Root != "" && b.person.root != s.o.Root {
		return auth.Grant{}, false, nil
	}
	g := auth.Grant{
		Name: b.person.name + ", " + b.given.Client, Caller: b.person.id, ID: b.grant, Root: b.person.root,
		Access: b.level, Most: s.offer.Load().access,
	}
	if g.Key, g.Auth, err = s.credentialOf(b); err != nil {
		return auth.Grant{}, false, fmt.Errorf("what Flexie takes for %s: %w: %w%s", b.person.name, auth.ErrLocked, err, whatThen(err))
	}
	s.touch(ctx, b)
	s.reseal(ctx, b)
	if len(b.given.Toolsets) > 0 {
		g.Toolsets, g.Tools = slices.Concat(b.given.Toolsets, s.o.Always.Toolsets), s.o.Always.Tools
	}
	return g, true, nil
}

// credentialOf is what Flexie takes for a person: a key, or tokens, for which a key
// stands that is none.
func (s *Server) credentialOf(b *bearer) (auth.Secret, flexie.Auth, error) {
	text, err := s.o.Keys.open(useOf(b.kind, b.person.id), b.credential)
	if err != nil || b.kind == kindKey {
		return auth.NewSecret(text), nil, err
	}
	var held tokensKept
	if err := json.Unmarshal([]byte(text), &held); err != nil {
		return auth.Secret{}, nil, err
	}
	return auth.NewSecret(held.Badge), s.sourceOf(b.person, held.Grant), nil
}

// touchEvery is how exactly it is known when a grant was last used, in
// milliseconds: keeping it takes a write.
const touchEvery = 5 * 60 * 1000

// touch keeps that a grant is used. If that fails, only the page of what is
// connected is a little wrong.
func (s *Server) touch(ctx context.Context, b *bearer) {
	now := s.clock()
	if now < b.used+touchEvery {
		return
	}
	err := s.o.Store.Do(ctx, func(t *store.Tx) error {
		_, err := t.Exec(`UPDATE oauth_grant SET used = ? WHERE id = ? AND used < ?`, now, b.grant, now-touchEvery/2)
		return err
	})
	if err != nil {
		s.o.Log.WarnContext(ctx, "it could not be kept when a grant was used", "error", err)
	}
}

// Metadata implements auth.Grants.
func (s *Server) Metadata(path string) string {
	if !isEndpoint(path) {
		path = ""
	}
	return s.issuer + resourcePath + path
}

// Scopes implements auth.Grants.
func (s *Server) Scopes() string { return strings.Join(s.atFirst(), " ") }

// isForClient reports whether an error is for the client to read.
func isForClient(err error) bool {
	var e *oidc.Error
	return errors.As(err, &e)
}
