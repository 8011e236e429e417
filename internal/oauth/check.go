package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"flexie-mcp/flexie"
)

// mostPage is the most of a page that is read, in bytes.
const mostPage = 64 << 10

var tag = regexp.MustCompile(`(?s)<(style|script).*?</(style|script)>|<[^>]*>`)

// Check asks the workspace whether it would let this program begin a sign-in:
// whether the client id is known, and the redirect address the one that is entered
// beside it. nil is a yes, as far as can be told. Assumption: oauth-check.
func (c *Client) Check(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Begin(true).Address, nil)
	if err != nil {
		return err
	}
	res, err := c.http.Do(r)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err
		}
		return fmt.Errorf("%s can't be reached for a sign-in: %s", c.host, flexie.Because(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostPage))
	if err != nil {
		return nil // it began to answer, and a browser may see the rest
	}
	to, err := res.Location()
	switch {
	case res.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s has no sign-in at /oauth2/authorize: check the subdomain or base URL", c.host)
	case err == nil && strings.HasPrefix(to.String(), c.o.Redirect+"?") && to.Query().Get("error") != "":
		return c.refusedToBegin(res.StatusCode, to.Query().Get("error")+" "+to.Query().Get("error_description"))
	case res.StatusCode >= 400 && res.StatusCode < 500:
		return c.refusedToBegin(res.StatusCode, tag.ReplaceAllString(string(body), " "))
	}
	return nil
}

func (c *Client) refusedToBegin(status int, words string) error {
	said := flexie.Saying(words, c.o.Secret)
	if said != "" {
		said = ": " + said
	}
	return fmt.Errorf("%s seems to refuse the sign-in (HTTP %d)%s; under Settings / API Credentials the client id must be that of FLEXIE_OAUTH_CLIENT_ID, and the redirect address exactly %s", c.host, status, said, c.o.Redirect)
}
