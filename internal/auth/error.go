package auth

import (
	"errors"
	"fmt"
	"net/http"
)

// realm is what a client is told it needs a credential for.
const realm = `Bearer realm="flexie-mcp"`

// Error is why a request is refused. Its text is for whoever sent the request:
// it says what to send, and holds neither a credential nor a hint of which
// workspaces there are.
type Error struct {
	// Status is 400 for what is malformed, 401 for a missing or wrong credential,
	// 403 for a workspace that is not allowed, 500 for a token that the server
	// has no key for, 503 for one that it can't look up now.
	Status int

	Text string

	// Challenge is the WWW-Authenticate header of a 401.
	Challenge string
}

func (e *Error) Error() string { return e.Text }

// Refuse answers a request with why Identify refused it.
func Refuse(w http.ResponseWriter, err error) {
	var refused *Error
	if !errors.As(err, &refused) {
		refused = &Error{Status: http.StatusInternalServerError, Text: "it could not be found out who is asking"}
	}
	if refused.Challenge != "" {
		w.Header().Set("WWW-Authenticate", refused.Challenge)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, refused.Text, refused.Status)
}

func malformed(format string, args ...any) error {
	return &Error{Status: http.StatusBadRequest, Text: fmt.Sprintf(format, args...)}
}

// unknown is the refusal of who sends no credential.
func unknown(text string) error {
	return &Error{Status: http.StatusUnauthorized, Text: text, Challenge: realm}
}

// wrong is the refusal of who sends one that is not right.
func wrong(text string) error {
	return &Error{Status: http.StatusUnauthorized, Text: text, Challenge: realm + `, error="invalid_token"`}
}

// WrongKey is the refusal of who brings a key that Flexie does not take. It is the
// same where there is no such workspace.
func WrongKey() error {
	return wrong("Flexie does not confirm this key for this workspace: check X-Flexie-Api-Key, and X-Flexie-Subdomain if the key belongs to another workspace than this server's")
}

func forbidden(text string) error { return &Error{Status: http.StatusForbidden, Text: text} }

// notSetUp is the refusal of what comes right only when the operator sees to it: not
// 503, which says that the server has too much to do.
func notSetUp(text string) error {
	return &Error{Status: http.StatusInternalServerError, Text: text}
}

func unusable(text string) error {
	return &Error{Status: http.StatusServiceUnavailable, Text: text}
}
