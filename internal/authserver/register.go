package authserver

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"flexie-mcp/internal/store"
)

// registration is how a client describes itself, in a registration (RFC 7591) or
// in a document at its own address.
type registration struct {
	ID            string          `json:"client_id,omitempty"`
	Name          string          `json:"client_name,omitempty"`
	URI           string          `json:"client_uri,omitempty"`
	Redirects     []string        `json:"redirect_uris"`
	Method        string          `json:"token_endpoint_auth_method,omitempty"`
	Methods       []string        `json:"token_endpoint_auth_methods_supported,omitempty"`
	GrantTypes    []string        `json:"grant_types,omitempty"`
	ResponseTypes []string        `json:"response_types,omitempty"`
	JWKSURI       string          `json:"jwks_uri,omitempty"`
	JWKS          json.RawMessage `json:"jwks,omitempty"`
	Secret        string          `json:"client_secret,omitempty"`
	Application   string          `json:"application_type,omitempty"`
}

// registeredClient is the answer to a registration.
type registeredClient struct {
	registration
	IssuedAt        int64  `json:"client_id_issued_at"`
	SecretExpiresAt *int64 `json:"client_secret_expires_at,omitempty"`
	Scope           string `json:"scope"`
}

const (
	// mostRedirects is how many addresses a client may name.
	mostRedirects = 10

	// mostClients is how many may be registered that nobody has let connect yet.
	// Those who have waited longest make place for others, but not before they had
	// time to be used.
	mostClients = 10_000

	// unusedLifetime is how long a client is kept that has no grant.
	unusedLifetime = 40 * 24 * time.Hour
)

// register keeps a client that describes itself.
func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	if wait, ok := s.registrations.take(senderOf(r)); !ok {
		w.Header().Set("Retry-After", fmt.Sprint(int(wait.Seconds())+1))
		refuse(w, http.StatusTooManyRequests, "temporarily_unavailable", "too many registrations: come again later, and keep the client_id")
		return
	}
	var said registration
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusBadRequest, "invalid_client_metadata", "send the registration as JSON")
		return
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxDocument)).Decode(&said); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_client_metadata", "the body is not JSON, or not a registration")
		return
	}
	if code, problem := said.problem(); problem != "" {
		refuse(w, http.StatusBadRequest, code, problem)
		return
	}
	answer, err := s.keepClient(r.Context(), said)
	switch {
	case err != nil:
		s.o.Log.ErrorContext(r.Context(), "a client could not be kept", "error", err)
		refuse(w, http.StatusServiceUnavailable, "temporarily_unavailable", "registrations can't be kept now: try again in a minute")
	case answer == nil:
		w.Header().Set("Retry-After", "600")
		refuse(w, http.StatusServiceUnavailable, "temporarily_unavailable", "too many clients have registered and are not used: come again later")
	default:
		serveJSON(w, http.StatusCreated, answer)
	}
}

// problem is what is wrong with how a client describes itself; none is "".
func (r *registration) problem() (code, text string) {
	if len(r.Redirects) == 0 || len(r.Redirects) > mostRedirects {
		return "invalid_redirect_uri", fmt.Sprintf("redirect_uris names 1 to %d addresses", mostRedirects)
	}
	for i, redirect := range r.Redirects {
		if problem := notARedirect(redirect); problem != "" {
			return "invalid_redirect_uri", fmt.Sprintf("redirect_uris, %d: %s", i+1, problem)
		}
	}
	switch {
	case r.Method != "" && !slices.Contains(methods, r.Method):
		return "invalid_client_metadata", "token_endpoint_auth_method is one of " + strings.Join(methods, ", ")
	case r.Method == methodSigns && r.keysProblem() != "":
		return "invalid_client_metadata", r.keysProblem()
	case r.GrantTypes != nil && !slices.Contains(r.GrantTypes, "authorization_code"):
		return "invalid_client_metadata", "grant_types has authorization_code"
	case r.ResponseTypes != nil && !slices.Contains(r.ResponseTypes, "code"):
		return "invalid_client_metadata", "response_types has code"
	}
	return "", ""
}

// keysProblem is what is wrong with where the keys are that a client signs with.
func (r *registration) keysProblem() string {
	switch {
	case (r.JWKSURI == "") == (r.JWKS == nil):
		return "a client that signs says where its keys are, in jwks_uri or jwks"
	case r.JWKSURI != "" && !isDocumentID(r.JWKSURI):
		return "jwks_uri is an https address"
	}
	return ""
}

// keepClient keeps a client under an id of its own; nil if there is no place.
func (s *Server) keepClient(ctx context.Context, said registration) (*registeredClient, error) {
	said.ID, said.Secret, said.Methods = newID(16), "", nil
	if said.Method == "" {
		said.Method = methodBasic // as the standard has it
	}
	c := client{ID: said.ID, Name: said.Name, Redirects: said.Redirects, Method: said.Method}
	said.GrantTypes, said.ResponseTypes = []string{"authorization_code", "refresh_token"}, []string{"code"}
	answer := &registeredClient{registration: said, IssuedAt: s.clock() / 1000, Scope: strings.Join(scopesOf(s.offer.Load().access), " ")}
	switch c.Method {
	case methodSigns:
		c.JWKSURI, c.JWKS = said.JWKSURI, said.JWKS
	case methodBasic, methodPost:
		answer.Secret, answer.SecretExpiresAt = newSecret(clientPrefix), new(int64) // 0 is never
		c.SecretHash = hashOf(answer.Secret)
	}
	c.named()
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	place := false
	err = s.o.Store.Do(ctx, func(t *store.Tx) (err error) {
		if place, err = s.makePlace(t); err != nil || !place {
			return err
		}
		_, err = t.Exec(`INSERT INTO oauth_client (id, created, used, client) VALUES (?, ?, 0, ?)`, c.ID, s.clock(), string(text))
		return err
	})
	if err != nil || !place {
		return nil, err
	}
	return answer, nil
}

// makePlace forgets the unused client that has waited longest where there are too
// many, and says whether there is a place.
func (s *Server) makePlace(t *store.Tx) (bool, error) {
	var unused int
	if err := t.QueryRow(`SELECT count(*) FROM oauth_client WHERE used = 0`).Scan(&unused); err != nil || unused < s.mostClients {
		return err == nil, err
	}
	return changed(t, `DELETE FROM oauth_client WHERE id = (SELECT id FROM oauth_client WHERE used = 0 AND created < ? ORDER BY created LIMIT 1)`,
		s.in(-flowLifetime))
}

// registered is the client that has registered by an id; nil if none has.
func (s *Server) registered(ctx context.Context, id string) (*client, error) {
	var text string
	var there bool
	err := s.o.Store.Do(ctx, func(t *store.Tx) (err error) {
		there, err = found(t.QueryRow(`SELECT client FROM oauth_client WHERE id = ?`, id), &text)
		return err
	})
	if err != nil || !there {
		return nil, err
	}
	var c client
	return &c, json.Unmarshal([]byte(text), &c)
}
