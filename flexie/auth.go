package flexie

import "net/http"

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
	r.Header.Set("apikey", string(k))
	return nil
}
