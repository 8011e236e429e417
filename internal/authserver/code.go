package authserver

import (
	"encoding/json"
	"net/http"

	"flexie-mcp/internal/store"
)

// coded is what a code stands for.
type coded struct {
	Request request `json:"request"`
	Person  string  `json:"person"`
}

// finish ends a flow: the person's browser takes a code to the client. The grant
// begins when the client brings it; its id is chosen now, so that a code that
// comes twice shows what to revoke.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, f flow, p person) {
	code := newSecret(codePrefix)
	text, err := json.Marshal(coded{f.request, p.id})
	if err != nil {
		s.fail(w, r, "a code could not be written", err)
		return
	}
	var moved bool
	var cookie string
	err = s.o.Store.Do(r.Context(), func(t *store.Tx) error {
		var err error
		if moved, err = s.move(t, f, stepDone); err != nil || !moved {
			return err
		}
		if cookie, err = s.openSession(t, p); err != nil {
			return err
		}
		_, err = t.Exec(`INSERT INTO oauth_code (code, used, expires, gives, request) VALUES (?, 0, ?, ?, ?)`,
			hashOf(code), s.in(codeLifetime), newID(16), string(text))
		return err
	})
	switch {
	case err != nil:
		s.fail(w, r, "a code could not be kept", err)
	case !moved:
		s.flowOf(w, r)
	default:
		s.o.Log.InfoContext(r.Context(), "an assistant was allowed to connect", "client", f.request.Client.Name, "person", p.name, "access", f.request.Access)
		s.setCookie(w, personCookie, cookie, int(sessionLifetime.Seconds()))
		s.redirect(w, r, f.request, codeAnswer{Code: code, State: f.request.State})
	}
}
