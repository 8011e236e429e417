package flexie

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// badAuth can't authorize.
type badAuth struct{ err error }

func (a badAuth) Authorize(*http.Request) error { return a.err }

// TestAuth: without a credential that can be sent, nothing is.
func TestAuth(t *testing.T) {
	r := record(t, unasked(t))
	refused := errors.New("log in first")
	for name, test := range map[string]struct {
		auth Auth
		says string
	}{
		"refused":    {badAuth{refused}, "log in first"},
		"line break": {APIKey(testKey + "\n"), "the API key holds a line break or another control character"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.client(t, func(o *Options) { o.Auth = test.auth }).Self(t.Context())
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), testKey)
		})
	}
	_, err := r.client(t, func(o *Options) { o.Auth = badAuth{refused} }).Self(t.Context())
	require.ErrorIs(t, err, refused)
}

// TestKeyIsCensored: a server that repeats the key does not get it shown.
func TestKeyIsCensored(t *testing.T) {
	r := record(t, answering(400, `{"errors":[{"message":"Key `+testKey+` is unknown","code":400,"details":{"apikey":["`+testKey+`?"]}}]}`))
	_, err := r.client(t).Self(t.Context())
	require.EqualError(t, err, "Key (credential) is unknown (HTTP 400); apikey: (credential)?")
}
