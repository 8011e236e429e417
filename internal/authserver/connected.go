package authserver

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"flexie-mcp/internal/store"
)

// connected shows a person which assistants they have let connect, and ends what
// they choose.
func (s *Server) connected(w http.ResponseWriter, r *http.Request) {
	p, ok := s.signedIn(r)
	if !ok {
		if _, ok := s.starts.take(senderOf(r)); !ok {
			s.pages.problem(w, http.StatusTooManyRequests, problemView{Title: "Too many tries", Text: "Wait a minute, and load the page again."})
			return
		}
		s.begin(w, r, request{Connected: true})
		return
	}
	cookie := s.cookie(r, personCookie)
	if r.Method == http.MethodPost {
		if !proven(r, cookie, connectedPath) {
			s.pages.problem(w, http.StatusForbidden, badRequest("The form did not come from this page."))
			return
		}
		if !slices.Contains([]string{"one", "all", "session"}, r.PostForm.Get("end")) {
			s.pages.problem(w, http.StatusBadRequest, problemView{Title: "Nothing was chosen", Text: "The form does not say what is to end, so all stay connected. Choose one on the page.", Connected: true})
			return
		}
		if err := s.end(r, p, cookie); err != nil {
			s.fail(w, r, "a grant could not be revoked", err)
			return
		}
		s.showEnd(w, r)
		return
	}
	view, err := s.connectedView(r.Context(), p)
	if err != nil {
		s.fail(w, r, "grants could not be read", err)
		return
	}
	view.Proof, view.Ended = proof(cookie, connectedPath), r.Form.Get("ended") != ""
	s.pages.connected(w, view)
}

// home is what there is at the address without a path, which people look at who were
// given that. Programs are told by others where MCP is.
func (s *Server) home(w http.ResponseWriter, _ *http.Request) {
	s.pages.problem(w, http.StatusOK, problemView{Title: "Flexie for assistants", Text: "To connect an assistant, give it the address " + s.issuer + "/mcp.", Connected: true})
}

// isBrowser reports whether somebody looks at an address with a browser.
func isBrowser(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// showEnd shows what a person has ended.
func (s *Server) showEnd(w http.ResponseWriter, r *http.Request) {
	switch r.PostForm.Get("end") {
	case "session":
		s.setCookie(w, personCookie, "", -1)
		s.pages.problem(w, http.StatusOK, problemView{Title: "Signed out", Text: "Your assistants stay connected.", Connected: true})
	case "all":
		s.setCookie(w, personCookie, "", -1)
		s.pages.problem(w, http.StatusOK, problemView{Title: "All are disconnected", Text: "No assistant can work as you here any more, and what Flexie takes for you was deleted from this server. To have one back, connect it again from the assistant."})
	default:
		http.Redirect(w, r, connectedPath+"?ended=1", http.StatusSeeOther)
	}
}

// end ends one grant of a person's, all of them, or their session.
func (s *Server) end(r *http.Request, p person, cookie string) error {
	what, grant := r.PostForm.Get("end"), r.PostForm.Get("grant")
	return s.o.Store.Do(r.Context(), func(t *store.Tx) error {
		switch what {
		case "session":
			_, err := t.Exec(`DELETE FROM oauth_session WHERE id = ?`, hashOf(cookie))
			return err
		case "one":
			var there int
			if err := t.QueryRow(`SELECT count(*) FROM oauth_grant WHERE id = ? AND person = ?`, grant, p.id).Scan(&there); err != nil || there == 0 {
				return err
			}
			return s.revokeGrant(t, grant)
		case "all":
			// What this browser had begun would go on as the person.
			if _, err := t.Exec(`DELETE FROM oauth_flow WHERE browser = ? AND step <> ?`, hashOf(s.browserOf(r)), stepDone); err != nil {
				return err
			}
			return s.revokeAll(t, p)
		}
		return nil
	})
}

// revokeAll ends all grants of a person, and codes that would become some. What
// Flexie takes for them is not kept any longer.
func (s *Server) revokeAll(t *store.Tx, p person) error {
	for _, change := range []string{
		`DELETE FROM oauth_token WHERE kind = 'access' AND gives IN (SELECT id FROM oauth_grant WHERE person = ?)`,
		`UPDATE oauth_person SET credential = '', cut = 0 WHERE id = ?`,
		`DELETE FROM oauth_session WHERE person = ?`,
	} {
		if _, err := t.Exec(change, p.id); err != nil {
			return err
		}
	}
	if _, err := t.Exec(`UPDATE oauth_grant SET revoked = ? WHERE person = ? AND revoked = 0`, s.clock(), p.id); err != nil {
		return err
	}
	return s.dropCodes(t, p)
}

func (s *Server) connectedView(ctx context.Context, p person) (v connectedView, err error) {
	v = connectedView{Person: p.name, Workspace: workspaceOf(p.root)}
	err = s.o.Store.Do(ctx, func(t *store.Tx) error {
		v.Grants = nil
		rows, err := t.Query(`SELECT id, access, created, used, given FROM oauth_grant
			WHERE person = ? AND revoked = 0 AND expires > ? ORDER BY used DESC, created DESC`, p.id, s.clock())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, access, text string
			var created, used int64
			var g given
			if err := rows.Scan(&id, &access, &created, &used, &text); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &g); err != nil {
				return err
			}
			v.Grants = append(v.Grants, grantView{
				ID: id, Name: g.Client, Host: g.Host, RedirectHost: g.Redirect, Level: lower(access, s.offer.Load().access), Toolsets: g.Toolsets,
				Since: timeOf(created), Used: timeOf(used),
			})
		}
		return rows.Err()
	})
	return v, err
}
