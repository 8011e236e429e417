package authserver

import (
	"context"
	"encoding/json"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"flexie-mcp/internal/store"
)

// A grant is what a person lets one assistant do, from the consent until it is
// revoked or was not used for thirty days. All its tokens are one line: each
// refresh token is replaced by one other, and once by none.

// given is what a grant says of the assistant, for its person to recognize it.
type given struct {
	Client   string   `json:"client"` // its name
	Host     string   `json:"host,omitempty"`
	Redirect string   `json:"redirect"` // the host of it
	Toolsets []string `json:"toolsets,omitempty"`
	Method   string   `json:"method"` // how the client authenticates

	// Browser is the hash of what the cookie holds of the browser that the person
	// answered in.
	Browser string `json:"browser"`
}

// tokens are what a client gets.
type tokens struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh"`
	Level   string `json:"level"`
	Expires int64  `json:"expires"` // of the access token
}

// response is how a client reads them.
func (s *Server) response(t tokens) *oidc.AccessTokenResponse {
	return &oidc.AccessTokenResponse{
		AccessToken: t.Access, RefreshToken: t.Refresh, TokenType: oidc.BearerToken,
		ExpiresIn: uint64(max(0, (t.Expires-s.clock())/1000)), Scope: scopesOf(t.Level),
	}
}

// The kinds of tokens.
const (
	kindAccess  = "access"
	kindRefresh = "refresh"
)

func (s *Server) newTokens(level string) tokens {
	return tokens{newSecret(accessPrefix), newSecret(refreshPrefix), level, s.in(accessLifetime)}
}

// keepTokens keeps the hashes of a grant's new tokens.
func (s *Server) keepTokens(t *store.Tx, grant string, n tokens) error {
	const insert = `INSERT INTO oauth_token (token, kind, gives, access, expires, replaced, answer) VALUES (?, ?, ?, ?, ?, 0, '')`
	if _, err := t.Exec(insert, hashOf(n.Access), kindAccess, grant, n.Level, n.Expires); err != nil {
		return err
	}
	_, err := t.Exec(insert, hashOf(n.Refresh), kindRefresh, grant, "", s.in(refreshLifetime))
	return err
}

// errGrant is said of a code or refresh token that is wrong, in whatever way: who
// guesses learns nothing of it.
func errGrant() *oidc.Error {
	return oidc.ErrInvalidGrant().WithDescription("it is not one of this client, was used before, or is over: the person has to connect again")
}

// exchange gives the first tokens for a code. check is asked whether who brings
// it may.
func (s *Server) exchange(ctx context.Context, code string, check func(request) error) (n tokens, err error) {
	var replayed string
	err = s.o.Store.Do(ctx, func(t *store.Tx) error {
		replayed = ""
		var grant, text string
		var used, expires int64
		var c coded
		there, err := found(t.QueryRow(`SELECT gives, used, expires, request FROM oauth_code WHERE code = ?`, hashOf(code)), &grant, &used, &expires, &text)
		if err != nil || !there {
			return orGrant(err)
		}
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return err
		}
		if used == 0 {
			if expires < s.clock() {
				return errGrant()
			}
			if err := check(c.Request); err != nil {
				return err
			}
			first, err := s.use(t, code)
			if err != nil {
				return err
			}
			if first {
				n = s.newTokens(c.Request.Access)
				return s.keepGrant(t, grant, c, n)
			}
		}
		replayed = c.Request.Client.Name
		return s.revokeGrant(t, grant)
	})
	if err == nil && replayed != "" {
		s.o.Log.WarnContext(ctx, "a code was used twice, so what it gave was revoked", "client", replayed)
		err = errGrant()
	}
	return n, err
}

// use has a code be used, unless it is. Whoever brings it too, also at this moment,
// finds it so.
func (s *Server) use(t *store.Tx, code string) (first bool, err error) {
	return changed(t, `UPDATE oauth_code SET used = ? WHERE code = ? AND used = 0`, s.clock(), hashOf(code))
}

// orGrant is an error, or that there is no such code or token.
func orGrant(err error) error {
	if err != nil {
		return err
	}
	return errGrant()
}

func (s *Server) keepGrant(t *store.Tx, id string, c coded, n tokens) error {
	r := c.Request
	text, err := encoded(given{r.Client.Name, r.Client.host(), hostOf(r.Redirect), r.Toolsets, r.Client.Method, c.Browser})
	if err != nil {
		return err
	}
	now := s.clock()
	// A person who has ended everything meanwhile has ended this as well.
	if keeps, err := changed(t, `UPDATE oauth_person SET updated = ? WHERE id = ? AND credential <> ''`, now, c.Person); err != nil || !keeps {
		return orGrant(err)
	}
	if err := s.replaceBefore(t, c); err != nil {
		return err
	}
	if _, err := t.Exec(`INSERT INTO oauth_grant (id, person, client, access, resource, created, used, expires, revoked, given)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`, id, c.Person, r.Client.ID, r.Access, r.Resource, now, now, s.in(refreshLifetime), text); err != nil {
		return err
	}
	if _, err := t.Exec(`UPDATE oauth_client SET used = ? WHERE id = ?`, now, r.Client.ID); err != nil {
		return err
	}
	return s.keepTokens(t, id, n)
}

// revokeGrant ends a grant: its tokens are refused from now on, on each replica,
// since each request looks.
func (s *Server) revokeGrant(t *store.Tx, id string) error {
	if _, err := t.Exec(`UPDATE oauth_grant SET revoked = ? WHERE id = ? AND revoked = 0`, s.clock(), id); err != nil {
		return err
	}
	_, err := t.Exec(`DELETE FROM oauth_token WHERE gives = ? AND kind = ?`, id, kindAccess)
	return err
}
