package authserver

import (
	"encoding/json"
	"net/http"

	"flexie-mcp/internal/store"
)

// What a client was allowed before matters when it asks anew: a page that begins with
// all areas would give it those that its person left out, if they don't look.

// before is what a client was allowed last.
type before struct {
	level string
	given given
}

// allowedBefore is what the person who has signed in, or else this browser, has
// allowed a client that may still use it; nil where there is nothing.
func (s *Server) allowedBefore(r *http.Request, f flow, p person) (*before, error) {
	const of = `SELECT access, given FROM oauth_grant WHERE client = ? AND revoked = 0 AND expires > ? AND `
	const latest = ` ORDER BY created DESC LIMIT 1`
	query, value := of+`given LIKE ?`+latest, `%"browser":"`+hashOf(f.browser)+`"%`
	if p.id != "" {
		query, value = of+`person = ?`+latest, p.id
	}
	var b before
	var text string
	var there bool
	err := s.o.Store.Do(r.Context(), func(t *store.Tx) (err error) {
		there, err = found(t.QueryRow(query, f.request.Client.ID, s.clock(), value), &b.level, &text)
		return err
	})
	if err != nil || !there {
		return nil, err
	}
	return &b, json.Unmarshal([]byte(text), &b.given)
}

// replaceBefore ends what a client had from the same person, for the same resource
// and in the same browser: it asks anew for what it has. But one that is described by
// a document is the same on all machines, and may have several there: which of them
// asks can't be known.
func (s *Server) replaceBefore(t *store.Tx, c coded) error {
	if isDocumentID(c.Request.Client.ID) {
		return nil
	}
	older, err := s.samePlace(t, c)
	if err != nil {
		return err
	}
	for _, grant := range older {
		if err := s.revokeGrant(t, grant); err != nil {
			return err
		}
	}
	return nil
}

// samePlace are the grants that a code's would be one more of.
func (s *Server) samePlace(t *store.Tx, c coded) (grants []string, err error) {
	rows, err := t.Query(`SELECT id, given FROM oauth_grant WHERE person = ? AND client = ? AND resource = ? AND revoked = 0`,
		c.Person, c.Request.Client.ID, c.Request.Resource)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		var g given
		if err := json.Unmarshal([]byte(text), &g); err != nil {
			return nil, err
		}
		if g.Browser == c.Browser {
			grants = append(grants, id)
		}
	}
	return grants, rows.Err()
}
