package authserver

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// serverMetadata is how clients find the endpoints (RFC 8414), and what they may
// do there. It does not stand at OpenID's address: clients look here first, and
// those that don't would miss keys and ID tokens, of which there are none.
type serverMetadata struct {
	Issuer               string   `json:"issuer"`
	Authorization        string   `json:"authorization_endpoint"`
	Token                string   `json:"token_endpoint"`
	Registration         string   `json:"registration_endpoint"`
	Revocation           string   `json:"revocation_endpoint"`
	Introspection        string   `json:"introspection_endpoint,omitempty"`
	Scopes               []string `json:"scopes_supported"`
	ResponseTypes        []string `json:"response_types_supported"`
	ResponseModes        []string `json:"response_modes_supported"`
	GrantTypes           []string `json:"grant_types_supported"`
	Challenges           []string `json:"code_challenge_methods_supported"`
	TokenMethods         []string `json:"token_endpoint_auth_methods_supported"`
	TokenAlgorithms      []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	RevocationMethods    []string `json:"revocation_endpoint_auth_methods_supported"`
	RevocationAlgorithms []string `json:"revocation_endpoint_auth_signing_alg_values_supported"`
	Issuers              bool     `json:"authorization_response_iss_parameter_supported"`
	Documents            bool     `json:"client_id_metadata_document_supported"`
	ProtectedResources   []string `json:"protected_resources"`
	ServiceDocumentation string   `json:"service_documentation,omitempty"`
	IntrospectionMethods []string `json:"introspection_endpoint_auth_methods_supported,omitempty"`
}

func (s *Server) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	m := serverMetadata{
		Issuer: s.issuer, Authorization: s.issuer + authorizePath, Token: s.issuer + tokenPath,
		Registration: s.issuer + registerPath, Revocation: s.issuer + revokePath,
		Scopes: scopesOf(s.offer.Load().access), ResponseTypes: []string{"code"}, ResponseModes: []string{"query"},
		GrantTypes: []string{"authorization_code", "refresh_token"}, Challenges: []string{"S256"},
		TokenMethods: methods, TokenAlgorithms: algorithms, RevocationMethods: methods, RevocationAlgorithms: algorithms,
		Issuers: true, Documents: true, ProtectedResources: []string{s.issuer + "/mcp"},
	}
	if s.o.IntrospectionSecret != "" {
		m.Introspection, m.IntrospectionMethods = s.issuer+introspectPath, []string{methodBasic}
	}
	serveJSON(w, http.StatusOK, m)
}

// resourceMetadata is how clients find the authorization server of an endpoint
// (RFC 9728).
type resourceMetadata struct {
	Resource      string   `json:"resource"`
	Servers       []string `json:"authorization_servers"`
	Scopes        []string `json:"scopes_supported"`
	BearerMethods []string `json:"bearer_methods_supported"`
	Name          string   `json:"resource_name"`
}

func (s *Server) serveResource(w http.ResponseWriter, r *http.Request) {
	resource, ok := s.resourceOf(s.issuer + strings.TrimPrefix(r.URL.EscapedPath(), resourcePath))
	if !ok {
		http.Error(w, "there is nothing at the address that this would be about: MCP is at /mcp, and its older SSE transport at /sse", http.StatusNotFound)
		return
	}
	serveJSON(w, http.StatusOK, resourceMetadata{
		Resource: resource, Servers: []string{s.issuer}, Scopes: s.atFirst(),
		BearerMethods: []string{"header"}, Name: "Flexie CRM",
	})
}

// atFirst are the scopes that a client is to ask for before it has any.
func (s *Server) atFirst() []string { return scopesOf(lower(usual, s.offer.Load().access)) }

func serveJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who asked may have gone
}

// open serves an endpoint for programs, also those that run in web pages: what
// they send shows who they are by itself, and no cookie is looked at.
func (s *Server) open(serve http.HandlerFunc, method string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		switch {
		case r.Method == http.MethodOptions:
			h.Set("Access-Control-Allow-Methods", method)
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Mcp-Protocol-Version")
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
		case r.Method == method, method == http.MethodGet && r.Method == http.MethodHead:
			serve(w, r)
		default:
			h.Set("Allow", method)
			http.Error(w, "this address takes "+method, http.StatusMethodNotAllowed)
		}
	}
}

// oauthError is an error as programs read it.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func refuse(w http.ResponseWriter, status int, code, description string) {
	serveJSON(w, status, oauthError{code, description})
}

// form has a request of a program read strictly, before the library reads it: its
// parameters are in the body, where no log has them, and each is there once, so
// that no two readers can take different ones.
func (s *Server) form(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, ok := s.guesses.take(senderOf(r)); !ok {
			w.Header().Set("Retry-After", "5")
			refuse(w, http.StatusTooManyRequests, "temporarily_unavailable", "too many requests: come again later")
			return
		}
		if r.URL.RawQuery != "" {
			refuse(w, http.StatusBadRequest, "invalid_request", "send the parameters in the body, not in the address")
			return
		}
		if err := r.ParseForm(); err != nil {
			refuse(w, http.StatusBadRequest, "invalid_request", "the body is not a form, or too large")
			return
		}
		if name := repeated(r.PostForm, "resource"); name != "" {
			refuse(w, http.StatusBadRequest, "invalid_request", "a parameter is sent more than once")
			return
		}
		serve(w, withSender(r))
	}
}

// repeated is a parameter that is there more than once, besides those that may.
func repeated(form map[string][]string, may ...string) string {
	for name, values := range form {
		if len(values) > 1 && !slices.Contains(may, name) {
			return name
		}
	}
	return ""
}
