package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/store"
)

// bearer is what an access token stands for.
type bearer struct {
	grant, client, resource, level string
	person                         person
	credential                     string // sealed
	given                          given
	used, expires                  int64
}

// bearer looks an access token up; nil where it is none that is good. It looks
// each time: what is revoked on one replica is refused on all from then on.
func (s *Server) bearer(ctx context.Context, token string) (*bearer, error) {
	if !looksLike(accessPrefix, token) {
		return nil, nil
	}
	var b bearer
	var text string
	var there bool
	err := s.o.Store.Do(ctx, func(t *store.Tx) (err error) {
		there, err = found(t.QueryRow(`SELECT g.id, g.client, g.resource, t.access, g.given, g.used, t.expires, p.id, p.root, p.name, p.credential
			FROM oauth_token t JOIN oauth_grant g ON g.id = t.gives JOIN oauth_person p ON p.id = g.person
			WHERE t.token = ? AND t.kind = ? AND t.expires > ? AND g.revoked = 0`, hashOf(token), kindAccess, s.clock()),
			&b.grant, &b.client, &b.resource, &b.level, &text, &b.used, &b.expires, &b.person.id, &b.person.root, &b.person.name, &b.credential)
		return err
	})
	if err != nil || !there {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &b.given); err != nil {
		return nil, err
	}
	if b.level = lower(b.level, s.offer.Load().access); !includes("admin", b.level) {
		return nil, fmt.Errorf("a token has the access %q, which there is not", b.level)
	}
	return &b, nil
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
	key, err := s.o.Keys.open(useOfKey(b.person.id), b.credential)
	if err != nil {
		return auth.Grant{}, false, fmt.Errorf("the Flexie key of %s can't be decrypted: %w", b.person.name, err)
	}
	s.touch(ctx, b)
	g := auth.Grant{
		Name: b.person.name + ", " + b.given.Client, Caller: b.person.id, Root: b.person.root, Key: auth.NewSecret(key),
		Access: b.level, Most: s.offer.Load().access,
	}
	if len(b.given.Toolsets) > 0 {
		g.Toolsets, g.Tools = slices.Concat(b.given.Toolsets, s.o.Always.Toolsets), s.o.Always.Tools
	}
	return g, true, nil
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
