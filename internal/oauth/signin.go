package oauth

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"flexie-mcp/flexie"
)

// SignIn is one time that a person is asked. State and Verifier are secrets
// until it is over.
type SignIn struct {
	Address  string // what to open in a browser
	State    string // which comes back with the answer, and tells it from others
	Verifier string // of PKCE; "" without
}

// Begin makes a SignIn. No scope is asked for: a token then may what its user
// may. Assumption: oauth-scopes.
func (c *Client) Begin(pkce bool) SignIn {
	s := SignIn{State: rand.Text()}
	var options []oauth2.AuthCodeOption
	if pkce { // Assumption: oauth-pkce.
		s.Verifier = oauth2.GenerateVerifier()
		options = append(options, oauth2.S256ChallengeOption(s.Verifier))
	}
	s.Address = c.config.AuthCodeURL(s.State, options...)
	return s
}

// ErrOther is the error of an answer that is not to this SignIn: it is passed
// over, since anybody can send one.
var ErrOther = errors.New("this is not the answer to the sign-in that is under way")

// ErrMixedUp is the error of an answer that another workspace says it gives.
// Code wraps it.
var ErrMixedUp = errors.New("the answer says that it comes from another workspace")

// Refusal is the error of an answer that is a no.
type Refusal struct {
	Kind string // as Flexie names it; Denied where the person said no
	Said string // Flexie's words, quoted
}

// Denied is the Kind of a Refusal by the person.
const Denied = "access_denied"

func (r *Refusal) Error() string {
	if r.Kind == Denied {
		return "the sign-in was denied in Flexie: nothing was kept; run flexie-mcp login again to allow it"
	}
	return "Flexie refused the sign-in: " + r.Said + advice[r.Kind]
}

// Code reads the answer to a SignIn. ErrOther means to go on waiting; with any
// other error it has failed. Assumption: oauth-issuer. The error is a *Refusal where Flexie or the person said no.
func (c *Client) Code(s SignIn, answer url.Values) (string, error) {
	if subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(s.State)) != 1 {
		return "", ErrOther
	}
	for _, name := range []string{"state", "code", "error", "iss"} {
		if len(answer[name]) > 1 {
			return "", ErrOther
		}
	}
	if issuer := answer.Get("iss"); issuer != "" && !c.isHost(issuer) {
		return "", fmt.Errorf("%w than %s: do not go on; nothing was kept", ErrMixedUp, c.host)
	}
	switch kind := answer.Get("error"); {
	case kind != "":
		said := flexie.Saying(answer.Get("error_description"))
		if said == "" {
			said = flexie.Saying(kind)
		}
		return "", &Refusal{kind, said}
	case answer.Get("code") == "":
		return "", ErrOther
	}
	return answer.Get("code"), nil
}

// advice is what to do next about an error of the authorize step.
var advice = map[string]string{
	"invalid_request":           "; if it speaks of a challenge, try flexie-mcp login --no-pkce",
	"unauthorized_client":       "; see what Flexie has under Settings / API Credentials",
	"invalid_client":            "; see what Flexie has under Settings / API Credentials",
	"unsupported_response_type": "; see what Flexie has under Settings / API Credentials",
	"server_error":              "; try again in a minute",
	"temporarily_unavailable":   "; try again in a minute",
}

func (c *Client) isHost(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.EqualFold(u.Host, c.host)
}

// Pasted reads an answer that a person has copied out of the browser: the whole
// address that it ended on, or what stands behind its question mark.
func (c *Client) Pasted(text string) (url.Values, error) {
	text = strings.Trim(strings.TrimSpace(text), `"'<>`)
	if before, query, ok := strings.Cut(text, "?"); ok {
		if strings.TrimRight(before, "/") != strings.TrimRight(c.o.Redirect, "/") {
			return nil, errors.New("that is another address: the one to paste begins with " + c.o.Redirect + "?")
		}
		text = query
	}
	text, _, _ = strings.Cut(text, "#")
	answer, err := url.ParseQuery(text)
	if err != nil || answer.Get("state") == "" {
		return nil, errors.New("that is not the whole address that the browser ended on: it begins with " + c.o.Redirect + "?, and has code= and state= in it")
	}
	return answer, nil
}
