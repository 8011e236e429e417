package authserver

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"flexie-mcp/internal/store"
)

// A refresh token is used once, and the answer is another. A client that sends it
// again within a minute, since it did not hear the answer or has two of itself,
// gets that same answer, so that its grant goes on as one line: it is kept with
// the old token, encrypted by a key that follows from it, which only the client
// has. Later than that, one of two who have the token has stolen it; which one
// can't be known, so the grant ends.

// refreshed is a refresh token as it was found.
type refreshed struct {
	grant, client, resource, access, answer, method string
	expires, replaced, revoked                      int64
}

// refresh gives the next tokens for a refresh token. check is asked whether who
// brings it may, and for which level, "" being the grant's own.
func (s *Server) refresh(ctx context.Context, token string, check func(client, resource, method string) (level string, err error)) (n tokens, err error) {
	var stolen bool
	err = s.o.Store.Do(ctx, func(t *store.Tx) error {
		stolen = false
		had, err := s.lookUp(t, token)
		if err != nil {
			return err
		}
		level, err := check(had.client, had.resource, had.method)
		switch {
		case err != nil:
			return err
		case had.revoked != 0 || had.expires < s.clock():
			return errGrant()
		case level == "":
			level = had.access
		case !includes(had.access, level):
			return oidc.ErrInvalidScope().WithDescription("the scope is more than the person has allowed: ask them anew")
		}
		if had.replaced == 0 {
			n = s.newTokens(level)
			first, err := s.replace(t, token, had.grant, n)
			if err != nil || first {
				return err
			}
			if had, err = s.lookUp(t, token); err != nil { // another was quicker
				return err
			}
		}
		if had.answer != "" && had.replaced+grace.Milliseconds() >= s.clock() {
			n, err = openAnswer(token, had.answer)
			return err
		}
		stolen = true
		return s.revokeGrant(t, had.grant)
	})
	if err == nil && stolen {
		s.o.Log.WarnContext(ctx, "a refresh token was used again that had been replaced, so its grant was revoked")
		err = errGrant()
	}
	return n, err
}

func (s *Server) lookUp(t *store.Tx, token string) (had refreshed, err error) {
	var text string
	there, err := found(t.QueryRow(`SELECT g.id, g.client, g.resource, g.access, g.given, t.answer, t.expires, t.replaced, g.revoked
		FROM oauth_token t JOIN oauth_grant g ON g.id = t.gives WHERE t.token = ? AND t.kind = ?`, hashOf(token), kindRefresh),
		&had.grant, &had.client, &had.resource, &had.access, &text, &had.answer, &had.expires, &had.replaced, &had.revoked)
	if err != nil || !there {
		return had, orGrant(err)
	}
	var g given
	err = json.Unmarshal([]byte(text), &g)
	had.method = g.Method
	return had, err
}

// replace has a refresh token replaced, unless it is already.
func (s *Server) replace(t *store.Tx, token, grant string, n tokens) (first bool, err error) {
	text, err := json.Marshal(n)
	if err != nil {
		return false, err
	}
	// Past its grace, it need not be kept as long as a token that can be used; but
	// for as long as it could have been, since who has stolen it may send it.
	first, err = changed(t, `UPDATE oauth_token SET replaced = ?, answer = ? WHERE token = ? AND replaced = 0`,
		s.clock(), sealedBy(token).seal("answer", string(text)), hashOf(token))
	if err != nil || !first {
		return first, err
	}
	alive, err := changed(t, `UPDATE oauth_grant SET used = ?, expires = ? WHERE id = ? AND revoked = 0`, s.clock(), s.in(refreshLifetime), grant)
	if err != nil {
		return false, err
	}
	if !alive { // it was revoked at this moment
		return false, errGrant()
	}
	return true, s.keepTokens(t, grant, n)
}

func openAnswer(token, sealed string) (n tokens, err error) {
	text, err := sealedBy(token).open("answer", sealed)
	if err != nil {
		return tokens{}, errors.New("an answer that was kept can't be opened")
	}
	return n, json.Unmarshal([]byte(text), &n)
}
