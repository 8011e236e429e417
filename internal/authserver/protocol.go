package authserver

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"flexie-mcp/internal/store"
)

// protocol is what the library asks of a server: whether clients are who they say
// they are, and what is issued.
type protocol struct {
	op.UnimplementedServer
	s *Server
}

// library is the library's handler of the endpoints that it has.
func (s *Server) library() http.Handler {
	return op.RegisterServer(protocol{s: s}, op.Endpoints{
		Token: op.NewEndpoint(tokenPath), Revocation: op.NewEndpoint(revokePath),
	}, op.WithServerCORSOptions(nil))
}

// badClient is the refusal of a client that is not known or not who it says it is.
// Clients that read it register anew.
func badClient(description string) error {
	return op.NewStatusError(oidc.ErrInvalidClient().WithDescription("%s", description), http.StatusUnauthorized)
}

// VerifyClient authenticates a client by the way that it has said it would.
func (p protocol) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	id := r.Data.ClientID
	if r.Data.ClientAssertion != "" {
		return p.s.signedBy(ctx, id, r.Data.ClientAssertion)
	}
	if isDocumentID(id) {
		// Its document need not be read again: code and refresh token hold for this
		// client, and say how it authenticates.
		if r.Data.ClientSecret != "" {
			return nil, badClient("a client that is described by a document has no secret")
		}
		return asOP{&client{ID: id, Method: methodNone}}, nil
	}
	c, err := p.s.registered(ctx, id)
	if err != nil {
		return nil, err
	}
	if c == nil {
		c = &client{Method: methodPost} // so that it takes as long, and is answered as one whose secret is wrong
	}
	if c.Method == methodNone {
		return asOP{c}, nil
	}
	right := subtle.ConstantTimeCompare([]byte(hashOf(r.Data.ClientSecret)), []byte(c.SecretHash)) == 1
	_, _, basic := (&http.Request{Header: r.Header}).BasicAuth()
	if !right || basic != (c.Method == methodBasic) {
		return nil, badClient("the client is not known here, or did not authenticate as it is registered to: register anew")
	}
	return asOP{c}, nil
}

// CodeExchange gives tokens for a code.
func (p protocol) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	if !looksLike(codePrefix, r.Data.Code) {
		return nil, errGrant()
	}
	n, err := p.s.exchange(ctx, r.Data.Code, func(asked request) error {
		challenge := oidc.NewSHACodeChallenge(r.Data.CodeVerifier)
		switch {
		case r.Client.GetID() != asked.Client.ID, r.Data.RedirectURI != asked.Redirect,
			!authenticatesAs(r.Client, asked.Client.Method),
			subtle.ConstantTimeCompare([]byte(challenge), []byte(asked.Challenge)) != 1:
			return errGrant()
		}
		return p.sameResource(r.Form["resource"], asked.Resource)
	})
	return p.respond(ctx, n, err)
}

// authenticatesAs reports whether a client has authenticated in a way that it is
// bound to.
func authenticatesAs(c op.Client, method string) bool {
	return method != methodSigns || c.AuthMethod() == methodSigns
}

// sameResource refuses a token for another resource than the person was asked for.
func (p protocol) sameResource(indicators []string, resource string) error {
	for _, indicator := range indicators {
		if again, ok := p.s.resourceOf(indicator); !ok || again != resource {
			return oidc.ErrInvalidTarget().WithDescription("the resource is not the one that the person was asked for")
		}
	}
	return nil
}

// RefreshToken gives new tokens for a refresh token.
func (p protocol) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	if !looksLike(refreshPrefix, r.Data.RefreshToken) {
		return nil, errGrant()
	}
	n, err := p.s.refresh(ctx, r.Data.RefreshToken, func(client, resource, method string) (level string, err error) {
		if client != r.Client.GetID() || !authenticatesAs(r.Client, method) {
			return "", errGrant()
		}
		level, known := levelOf(r.Data.Scopes)
		if !known {
			return "", noSuchScope()
		}
		return level, p.sameResource(r.Form["resource"], resource)
	})
	return p.respond(ctx, n, err)
}

// respond is the answer with tokens. An error that is not for the client is in the
// log, and nothing of it in the answer.
func (p protocol) respond(ctx context.Context, n tokens, err error) (*op.Response, error) {
	if err == nil {
		return op.NewResponse(p.s.response(n)), nil
	}
	return nil, p.s.forClient(ctx, err)
}

func (s *Server) forClient(ctx context.Context, err error) error {
	if isForClient(err) {
		return err
	}
	s.o.Log.ErrorContext(ctx, "tokens could not be kept", "error", err)
	return op.NewStatusError(oidc.ErrServerError().WithDescription("this server can't keep tokens now: try again in a minute"), http.StatusServiceUnavailable)
}

// Revocation ends what a token is for: a refresh token's grant, or an access token
// alone. To a token that is not the client's, or none, nothing is done, and the
// answer is the same (RFC 7009).
func (p protocol) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	err := p.s.o.Store.Do(ctx, func(t *store.Tx) error {
		var grant, kind string
		there, err := found(t.QueryRow(`SELECT g.id, t.kind FROM oauth_token t JOIN oauth_grant g ON g.id = t.gives
			WHERE t.token = ? AND g.client = ?`, hashOf(r.Data.Token), r.Client.GetID()), &grant, &kind)
		switch {
		case err != nil || !there:
			return err
		case kind == kindRefresh:
			return p.s.revokeGrant(t, grant)
		}
		_, err = t.Exec(`DELETE FROM oauth_token WHERE token = ?`, hashOf(r.Data.Token))
		return err
	})
	if err != nil {
		return nil, p.s.forClient(ctx, err)
	}
	return op.NewResponse(struct{}{}), nil
}

// introspected is what a token is for (RFC 7662).
type introspected struct {
	Active   bool   `json:"active"`
	Scope    string `json:"scope,omitempty"`
	ClientID string `json:"client_id,omitempty"`
	Subject  string `json:"sub,omitempty"`
	Audience string `json:"aud,omitempty"`
	Issuer   string `json:"iss,omitempty"`
	Expires  int64  `json:"exp,omitempty"`
	Type     string `json:"token_type,omitempty"`
}

// introspectionUser is as whom the operator's servers ask.
const introspectionUser = "introspection"

// introspection tells the operator's own servers what a token is for. It is not
// there unless they have a secret; the library's would have them be clients.
func (s *Server) introspection(w http.ResponseWriter, r *http.Request) {
	if s.o.IntrospectionSecret == "" {
		http.Error(w, "this server does not tell what tokens are for, since introspection_secret is not set", http.StatusNotFound)
		return
	}
	user, secret, _ := r.BasicAuth()
	known := subtle.ConstantTimeCompare([]byte(user), []byte(introspectionUser))
	right := subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(hashOf(s.o.IntrospectionSecret)))
	if known&right != 1 {
		w.Header().Set("WWW-Authenticate", `Basic realm="introspection"`)
		refuse(w, http.StatusUnauthorized, "invalid_client", "send the introspection_secret of this server's settings, as the password of "+introspectionUser)
		return
	}
	b, err := s.bearer(r.Context(), r.PostForm.Get("token"))
	if err != nil {
		s.o.Log.ErrorContext(r.Context(), "a token could not be looked up", "error", err)
		refuse(w, http.StatusServiceUnavailable, "temporarily_unavailable", "tokens can't be looked up now: try again in a minute")
		return
	}
	told := introspected{Active: b != nil}
	if b != nil {
		told = introspected{true, strings.Join(scopesOf(b.level), " "), b.client, b.person.id, b.resource, s.issuer, b.expires / 1000, "Bearer"}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(told)
}
