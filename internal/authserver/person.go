package authserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"flexie-mcp/internal/store"
)

// person is somebody who has signed in: a user of a workspace.
type person struct {
	id         string // follows from workspace and user, so that it is the same on every replica
	root, name string
}

// personID tells people apart. Assumption: key-of-one-user.
func personID(root, user string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "flexie-mcp person\n%q\n%q", root, user))
	return hex.EncodeToString(sum[:16])
}

// The kinds of what Flexie takes for a person.
const (
	kindKey    = "key"    // that they have pasted
	kindTokens = "tokens" // that they got by signing in at Flexie
)

// useOf is what a person's credential is sealed for: their row and its kind, and
// nothing else.
func useOf(kind, person string) string { return kind + " of " + person }

// keepPerson keeps who somebody is, and what Flexie takes for them, encrypted. It
// takes the place of what was kept before, for all of the person's assistants.
func (s *Server) keepPerson(ctx context.Context, root string, who Person, kind, credential string) (person, error) {
	p := person{personID(root, who.ID), root, cleanName(who.Name)}
	if p.name == "" {
		p.name = "user " + cleanName(who.ID)
	}
	sealed := s.o.Keys.seal(useOf(kind, p.id), credential)
	err := s.o.Store.Do(ctx, func(t *store.Tx) error {
		_, err := t.Exec(`INSERT INTO oauth_person (id, root, name, kind, credential, updated, renewer, renewing, cut) VALUES (?, ?, ?, ?, ?, ?, '', 0, 0)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, credential = excluded.credential, updated = excluded.updated,
				renewer = '', renewing = 0, cut = 0`,
			p.id, p.root, p.name, kind, sealed, s.clock())
		return err
	})
	return p, err
}

// openSession lets a browser that somebody has signed in with go on as them, for
// an hour. Its cookie is new, so that nobody can have set it before.
func (s *Server) openSession(t *store.Tx, p person) (cookie string, err error) {
	cookie = newSecret("")
	_, err = t.Exec(`INSERT INTO oauth_session (id, person, expires) VALUES (?, ?, ?)`, hashOf(cookie), p.id, s.in(sessionLifetime))
	return cookie, err
}

// signedIn is who has signed in with a browser and whose key is still kept.
func (s *Server) signedIn(r *http.Request) (p person, ok bool) {
	cookie := s.cookie(r, personCookie)
	if cookie == "" {
		return person{}, false
	}
	err := s.o.Store.Do(r.Context(), func(t *store.Tx) (err error) {
		ok, err = found(t.QueryRow(`SELECT p.id, p.root, p.name FROM oauth_session s JOIN oauth_person p ON p.id = s.person
			WHERE s.id = ? AND s.expires > ? AND p.credential <> ''`, hashOf(cookie), s.clock()), &p.id, &p.root, &p.name)
		return err
	})
	if err != nil {
		s.o.Log.ErrorContext(r.Context(), "a session could not be read", "error", err)
		return person{}, false
	}
	return p, ok && (s.o.Root == "" || p.root == s.o.Root)
}
