package conformance_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// signedIn is what signin.mjs says that it did. Its scopes are those of a token.
type signedIn struct {
	Self            string
	First, Then     string // the scopes before and after it needed more
	Wrote           string
	AfterRefresh    string
	Rotated         bool
	AskedForRefresh int // how often the person was
	Revoked         int // status
	AfterRevocation int // status of a request with the access token
	Again           string
	AskedAgain      int
	Asked           []string // the scopes that were asked for, each time
	Registered      int
}

// TestTypeScriptSignIn: the OAuth provider of both SDKs finds its way through
// discovery, registration, sign-in, a call, more scopes, refresh and revocation.
//
// A client that is described by a document at an address of its own is not tried
// here: the program fetches none from this machine, which documents_test.go of
// internal/authserver does in its place.
func TestTypeScriptSignIn(t *testing.T) {
	packages(t)
	const read, write = "flexie:read", "flexie:read flexie:write"
	for name, test := range map[string]struct {
		sdk, transport, mode string
		stepsUp              bool
	}{
		"v1, streamable HTTP":        {"v1", "http", "-", true},
		"v1, SSE":                    {"v1", "sse", "-", false},
		"v2, streamable HTTP":        {"v2", "http", "auto", true},
		"v2, streamable HTTP, older": {"v2", "http", "legacy", true},
		"v2, SSE":                    {"v2", "sse", "legacy", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d signedIn
			runClient(t, &d, nil, "signin.mjs", test.sdk, test.transport, test.mode, withSignIn(t))
			require.Contains(t, d.Self, "Sofia Lindqvist")
			require.Equal(t, 1, d.Registered, "it keeps its client_id")
			require.Equal(t, read, d.First, "the person allowed less than was asked for")
			require.Equal(t, write, d.Asked[0])
			if test.stepsUp {
				require.Contains(t, d.Wrote, "Added. Note")
				require.Equal(t, write, d.Then)
				require.Len(t, d.Asked, 3, "at first, for more, and after the revocation")
			} else {
				require.Contains(t, d.Wrote, "connect again and ask for flexie:write")
				require.Len(t, d.Asked, 2)
			}
			require.Contains(t, d.AfterRefresh, "Sofia Lindqvist")
			require.True(t, d.Rotated, "both tokens are others after a refresh")
			require.Zero(t, d.AskedForRefresh, "a refresh takes no person")
			require.Equal(t, 200, d.Revoked)
			require.Equal(t, 401, d.AfterRevocation, "an access token ends with its refresh token")
			require.Contains(t, d.Again, "Sofia Lindqvist")
			require.Equal(t, 1, d.AskedAgain)
		})
	}
}

// withSignIn serves a sandbox where people can sign in, and gives its address.
func withSignIn(t *testing.T) (url string) {
	at := freePort(t)
	return served(t, nil, "--sandbox", "--listen", at, "--public-url", "http://"+at)
}

// freePort is an address that nothing listens on.
func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
