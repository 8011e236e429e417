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
	Browser string  `json:"browser"` // of which the flow was, as given has it
}

// finish ends a flow: the person's browser takes a code to the client. The grant
// begins when the client brings it; its id is chosen now, so that a code that
// comes twice shows what to revoke.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, f flow, p person) {
	code := newSecret(codePrefix)
	text, err := encoded(coded{f.request, p.id, hashOf(f.browser)})
	if err != nil {
		s.fail(w, r, "a code could not be written", err)
		return
	}
	var moved, ended bool
	var cookie string
	err = s.o.Store.Do(r.Context(), func(t *store.Tx) error {
		var err error
		if moved, err = s.endFlow(t, f); err != nil || !moved {
			return err
		}
		// Who ends everything at this moment waits for this, or this for that.
		keeps, err := changed(t, `UPDATE oauth_person SET updated = ? WHERE id = ? AND credential <> ''`, s.clock(), p.id)
		if ended = err == nil && !keeps; err != nil || ended {
			return err
		}
		if cookie, err = s.openSession(t, p); err != nil {
			return err
		}
		_, err = t.Exec(`INSERT INTO oauth_code (code, used, expires, gives, request) VALUES (?, 0, ?, ?, ?)`,
			hashOf(code), s.in(codeLifetime), newID(16), text)
		return err
	})
	switch {
	case err != nil:
		s.fail(w, r, "a code could not be kept", err)
	case !moved:
		s.tooLate(w, r, f)
	case ended:
		s.pages.problem(w, http.StatusConflict, problemView{Title: "You have disconnected all", Text: "That has ended this as well, and nothing was connected. Connect again from your assistant."})
	default:
		s.o.Log.InfoContext(r.Context(), "an assistant was allowed to connect", "client", f.request.Client.Name, "person", p.name, "access", f.request.Access)
		s.setCookie(w, personCookie, cookie, int(sessionLifetime.Seconds()))
		s.answer(w, r, f.request, codeAnswer{Code: code, State: f.request.State})
	}
}

// dropCodes forgets the codes of a person that nobody has brought yet: they would
// still be good after a new sign-in.
func (s *Server) dropCodes(t *store.Tx, p person) error {
	codes, err := codesOf(t, p, s.clock())
	for _, code := range codes {
		if _, err := t.Exec(`DELETE FROM oauth_code WHERE code = ? AND used = 0`, code); err != nil {
			return err
		}
	}
	return err
}

// codesOf are the hashes of a person's codes that are good at a time: few of all,
// since they last two minutes.
func codesOf(t *store.Tx, p person, now int64) (codes []string, err error) {
	rows, err := t.Query(`SELECT code, request FROM oauth_code WHERE used = 0 AND expires >= ?`, now)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var code, text string
		if err := rows.Scan(&code, &text); err != nil {
			return nil, err
		}
		var c coded
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return nil, err
		}
		if c.Person == p.id {
			codes = append(codes, code)
		}
	}
	return codes, rows.Err()
}
