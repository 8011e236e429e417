package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"flexie-mcp/flexie"
)

// failed makes the error of a request for tokens. It holds none of the tokens
// and secrets that were sent, whatever came back. Assumption: oauth-errors.
func (c *Client) failed(err error, sent ...string) error {
	sent = append(sent, c.o.Secret)
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return c.unanswered(err, sent)
	}
	status := refused.Response.StatusCode
	said := flexie.Saying(refused.ErrorDescription, sent...)
	if said == "" {
		said = flexie.Saying(refused.ErrorCode, sent...)
	}
	if said != "" {
		said = ": " + said
	}
	e := &flexie.Error{Status: status}
	switch {
	case refused.ErrorCode == "invalid_grant":
		e.Kind, e.Message = flexie.SignedOut, takesNoMore+said
	case refused.ErrorCode == "invalid_client", refused.ErrorCode == "unauthorized_client", status == http.StatusUnauthorized:
		e.Kind, e.Message = flexie.Unauthorized, "Flexie does not know this client id and secret"+said+"; they stand in Flexie under Settings / API Credentials, and go in FLEXIE_OAUTH_CLIENT_ID and FLEXIE_OAUTH_CLIENT_SECRET"
	case status >= 300 && status < 400:
		e.Kind, e.Message = flexie.Unreadable, "the workspace redirects its sign-in elsewhere, which was not followed: it would carry tokens away; check the subdomain or base URL"
	case status == http.StatusNotFound:
		e.Kind, e.Message = flexie.NotFound, c.host+" has no sign-in at /oauth2/token: check the subdomain or base URL"
	case status == http.StatusTooManyRequests:
		e.Kind, e.Message = flexie.Limited, "Flexie gives no more tokens for now; try again in a minute"
	case status >= 500:
		e.Kind, e.Message = flexie.Unavailable, "Flexie could not give tokens"+said+"; try again in a minute"
	case status >= 400:
		e.Kind, e.Message = flexie.Invalid, "Flexie refused to give tokens"+said
	default:
		e.Kind, e.Message = flexie.Unreadable, "Flexie's answer holds no tokens that could be read"+said
	}
	return e
}

// notRedeemed is the error of a code that was not turned into tokens: what Flexie
// does not take is then the answer, and there is no sign-in yet.
func notRedeemed(err error) error {
	var e *flexie.Error
	if errors.As(err, &e) && e.Kind == flexie.SignedOut {
		e.Message = "Flexie does not take the answer to the sign-in" + strings.TrimPrefix(e.Message, takesNoMore) + "; run flexie-mcp login again"
	}
	return err
}

// takesNoMore begins what is said of a refresh token that is dead.
const takesNoMore = "Flexie does not take the sign-in any more"

// unanswered is the error where no answer came that could be read.
func (c *Client) unanswered(err error, sent []string) error {
	var address *url.Error
	e := &flexie.Error{Kind: flexie.Unreadable, Message: "Flexie's answer holds no tokens that could be read"}
	switch {
	case errors.Is(err, context.Canceled):
		e.Kind, e.Message = flexie.Cancelled, "the request for tokens was cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Message = flexie.Timeout, fmt.Sprintf("%s gave no tokens in time", c.host)
	case errors.As(err, &address):
		e.Kind, e.Message = flexie.Unreachable, fmt.Sprintf("no tokens could be had from %s: %s", c.host, flexie.Because(address.Err, sent...))
	}
	return e
}
