package flexie

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// renewing has a credential that is renewed by counting.
type renewing struct {
	token         byte
	renews        int
	gone          error // what Renew answers, if that
	refusedTokens []string
}

func (r *renewing) Authorize(req *http.Request) error {
	req.Header.Set("Authorization", "Bearer token-"+string('a'+r.token))
	return nil
}

func (r *renewing) Renew(refused *http.Request) error {
	r.renews++
	r.refusedTokens = append(r.refusedTokens, refused.Header.Get("Authorization"))
	if r.gone == nil {
		r.token++
	}
	return r.gone
}

func (r *renewing) Refused(refused *http.Request) error {
	r.refusedTokens = append(r.refusedTokens, refused.Header.Get("Authorization"))
	return &Error{Kind: SignedOut, Message: "sign in again"}
}

// taking takes one credential.
func taking(token string) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answering(200, `{"contact":{"id":7}}`)(w, req)
	}
}

// TestRefusedCredentialIsRenewed once, and the call made anew: also a write, of
// which nothing was done.
func TestRefusedCredentialIsRenewed(t *testing.T) {
	for call, do := range everySort {
		t.Run(call, func(t *testing.T) {
			auth := &renewing{}
			r := record(t, taking("token-b"))
			require.NotEqual(t, Unauthorized, KindOf(do(t.Context(), r.client(t, func(o *Options) { o.Auth = auth }))))
			require.Equal(t, 1, auth.renews)
			require.Equal(t, []string{"Bearer token-a"}, auth.refusedTokens)
		})
	}
}

// TestRenewedCredentialIsRefused as well: that is the end of the call.
func TestRenewedCredentialIsRefused(t *testing.T) {
	auth := &renewing{}
	r := record(t, taking("none"))
	_, err := r.client(t, func(o *Options) { o.Auth, o.Retries = auth, 3 }).Self(t.Context())
	require.Equal(t, SignedOut, KindOf(err))
	require.EqualError(t, err, "sign in again")
	require.Equal(t, 1, auth.renews)
	require.Equal(t, []string{"Bearer token-a", "Bearer token-b"}, auth.refusedTokens)
}

// TestCredentialCannotBeRenewed: what the Auth says is the call's error, and a
// network that broke meanwhile is tried again.
func TestCredentialCannotBeRenewed(t *testing.T) {
	gone := errors.New("the grant is gone")
	auth := &renewing{gone: gone}
	_, err := record(t, taking("none")).client(t, func(o *Options) { o.Auth, o.Retries = auth, 3 }).Self(t.Context())
	require.ErrorIs(t, err, gone)
	require.Equal(t, 1, auth.renews)

	auth = &renewing{gone: &Error{Kind: Unreachable, Message: "no tokens could be had"}}
	c := record(t, taking("none")).client(t, func(o *Options) { o.Auth, o.Retries = auth, 1 })
	c.pause = 2
	_, err = c.Self(t.Context())
	require.ErrorContains(t, err, "no tokens could be had")
	require.Equal(t, 2, auth.renews)
}

// TestAuthThatIsUnreachable before anything was sent is tried again as well.
func TestAuthThatIsUnreachable(t *testing.T) {
	c := record(t, unasked(t)).client(t, func(o *Options) {
		o.Auth, o.Retries = badAuth{&Error{Kind: Unreachable, Message: "no tokens"}}, 2
	})
	c.pause = 2
	_, err := c.Self(t.Context())
	require.EqualError(t, err, "no tokens")
}

// TestOthersWords are quoted, cut, and without credentials.
func TestOthersWords(t *testing.T) {
	require.Equal(t, `"Token (credential) is 'dead'"`, Saying("Token "+testKey+" is \"dead\".", testKey))
	require.Empty(t, Saying(" \n"))
	require.Equal(t, "no (credential)", Because(errors.New("no "+testKey), testKey))
}
