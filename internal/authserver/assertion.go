package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"flexie-mcp/internal/store"
)

// algorithms are those that a client may sign with: none with a shared secret.
var algorithms = []string{"RS256", "PS256", "ES256", "EdDSA"}

var signatures = []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA}

const (
	// assertionLifetime is how long a signature may be good, clockSkew by how much
	// the client's clock may be wrong.
	assertionLifetime = time.Hour
	clockSkew         = time.Minute
)

// signedBy authenticates a client by what it has signed (RFC 7523).
func (s *Server) signedBy(ctx context.Context, id, assertion string) (op.Client, error) {
	claims := new(oidc.JWTTokenRequest)
	payload, err := oidc.ParseToken(assertion, claims)
	if err != nil || id != "" && claims.Issuer != id {
		return nil, badClient("client_assertion is not one of this client")
	}
	if problem := s.claimsProblem(claims); problem != "" {
		return nil, badClient("client_assertion: " + problem)
	}
	if _, err := jose.ParseSigned(assertion, signatures); err != nil {
		return nil, badClient("client_assertion is not signed, by one of " + strings.Join(algorithms, ", "))
	}
	id = claims.Issuer // which is not believed before the signature is checked
	may := s.mayFetch(senderIn(ctx))
	c, err := s.clientFor(ctx, id, may)
	if err != nil {
		return nil, badClient("the client is not known here, or what describes it can't be read")
	}
	if c.JWKSURI == "" && c.JWKS == nil {
		return nil, badClient("the client does not say which keys it signs with")
	}
	if err := oidc.CheckSignature(ctx, assertion, payload, claims, algorithms, clientKeys{s.documents, c, may}); err != nil {
		s.o.Log.InfoContext(ctx, "a client's signature was refused", "client", id, "error", err)
		return nil, badClient("client_assertion is not signed with a key of the client")
	}
	if s.seenBefore(ctx, assertion, claims.ExpiresAt.AsTime()) {
		return nil, badClient("client_assertion was used before: sign a new one")
	}
	signed := *c
	signed.Method = methodSigns
	return asOP{&signed}, nil
}

// claimsProblem is what is wrong with what a client has signed; "" if nothing.
func (s *Server) claimsProblem(claims *oidc.JWTTokenRequest) string {
	now, expires := s.o.Now(), claims.ExpiresAt.AsTime()
	forUs := func(audience string) bool {
		return audience == s.issuer || audience == s.issuer+tokenPath || audience == s.issuer+revokePath
	}
	switch {
	case !slices.ContainsFunc(claims.Audience, forUs):
		return "its aud is not the issuer"
	case claims.Subject != claims.Issuer:
		return "its sub is not its iss"
	case expires.Before(now.Add(-clockSkew)):
		return "it is over, or has no exp"
	case expires.After(now.Add(assertionLifetime + clockSkew)):
		return "its exp is more than an hour ahead"
	case claims.IssuedAt.AsTime().After(now.Add(clockSkew)):
		return "its iat is ahead"
	}
	return ""
}

// seenBefore keeps that a signature was used, for as long as it could be again.
func (s *Server) seenBefore(ctx context.Context, assertion string, until time.Time) (seen bool) {
	said := assertion[:strings.LastIndex(assertion, ".")] // some signatures can be written in two ways
	err := s.o.Store.Do(ctx, func(t *store.Tx) error {
		first, err := changed(t, `INSERT INTO oauth_token (token, kind, gives, access, expires, replaced, answer) VALUES (?, 'assertion', '', '', ?, 0, '')
			ON CONFLICT (token) DO NOTHING`, hashOf(said), until.Add(2*clockSkew).UnixMilli())
		seen = !first
		return err
	})
	return seen || err != nil
}

// clientKeys are the keys that a client signs with.
type clientKeys struct {
	documents *documents
	client    *client
	may       func() bool // is asked before they are fetched
}

// VerifySignature implements oidc.KeySet. Keys that have been replaced are asked
// for again, but not all the time.
func (k clientKeys) VerifySignature(ctx context.Context, signed *jose.JSONWebSignature) ([]byte, error) {
	id, algorithm := oidc.GetKeyIDAndAlg(signed)
	if len(signed.Signatures) != 1 || !slices.Contains(algorithms, algorithm) {
		return nil, oidc.ErrSignatureUnsupportedAlg
	}
	for _, age := range []time.Duration{0, time.Minute} {
		set, err := k.keys(ctx, age)
		if err != nil {
			return nil, err
		}
		key, err := oidc.FindMatchingKey(id, oidc.KeyUseSignature, algorithm, set.Keys...)
		if err == nil {
			return signed.Verify(&key)
		}
	}
	return nil, errors.New("it is signed with none of the client's keys")
}

func (k clientKeys) keys(ctx context.Context, age time.Duration) (set jose.JSONWebKeySet, err error) {
	text := []byte(k.client.JWKS)
	if k.client.JWKSURI != "" {
		text, err = k.documents.get(ctx, k.client.JWKSURI, age, k.may)
	}
	if err == nil {
		err = json.Unmarshal(text, &set)
	}
	return set, err
}
