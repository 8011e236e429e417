package flexie

import (
	"errors"
	"net/http"
	"strings"
	"unicode"
)

// Auth puts a caller's credential on a request. It is asked once for every
// request, just before it is sent.
type Auth interface {
	Authorize(*http.Request) error
}

// APIKey sends a workspace's API key in the apikey header. Flexie also takes it
// in the query; the header keeps it out of access logs.
type APIKey string

// Authorize implements Auth.
func (k APIKey) Authorize(r *http.Request) error {
	if strings.ContainsFunc(string(k), unicode.IsControl) {
		return &Error{Kind: Unauthorized, Message: "the API key holds a line break or another control character: copy it again; nothing was sent"}
	}
	r.Header.Set("apikey", string(k))
	return nil
}

// censored takes the credential out of an error, should a server repeat it.
func censored(err error, header http.Header) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	for _, name := range []string{"apikey", "Authorization"} {
		secret := strings.TrimPrefix(header.Get(name), "Bearer ")
		if len(secret) < shortestSecret {
			continue
		}
		e.Message = strings.ReplaceAll(e.Message, secret, "(credential)")
		for _, f := range e.Fields {
			for i, m := range f.Messages {
				f.Messages[i] = strings.ReplaceAll(m, secret, "(credential)")
			}
		}
	}
	return err
}

// shortestSecret keeps a made-up key of a few letters from being cut out of
// ordinary words.
const shortestSecret = 6
