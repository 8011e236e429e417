package flexie

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStatuses: each status has a kind, and only a server that fails, or a
// request that somebody gave up on, leaves it open whether a write happened.
func TestStatuses(t *testing.T) {
	for status, want := range map[int]struct {
		kind      ErrorKind
		uncertain bool
	}{
		400: {Invalid, false}, 401: {Unauthorized, false}, 402: {Invalid, false}, 403: {Denied, false}, 404: {NotFound, false},
		405: {Invalid, false}, 408: {Timeout, true}, 409: {Conflict, false}, 410: {NotFound, false}, 413: {Invalid, false},
		422: {Invalid, false}, 429: {Limited, false}, 499: {Lost, true},
		500: {Unavailable, true}, 501: {Unavailable, true}, 502: {Unavailable, true}, 503: {Unavailable, true}, 504: {Unavailable, true}, 520: {Unavailable, true},
	} {
		for _, body := range []string{``, `{}`, `{"error":{"message":"No","code":1}}`, `<html>No</html>`, `No`} {
			c := clientOf(t, func(r *http.Request) (*http.Response, error) {
				return respond(r, status, http.Header{}, strings.NewReader(body)), nil
			})
			for call, do := range map[string]func(context.Context, *Client) error{"read": aRead, "search": aSearch, "write": aWrite} {
				var e *Error
				require.ErrorAs(t, do(t.Context(), c), &e)
				require.Equal(t, want.kind, e.Kind, "%d %s", status, body)
				require.Equal(t, status, e.Status)
				require.Equal(t, want.uncertain && call == "write", e.Uncertain, "%d on a %s", status, call)
				require.NotEmpty(t, e.Message, "%d %s", status, body)
			}
		}
	}
}

// TestRetryAfter: both forms of the header, with any body.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC()
		for header, want := range map[string]time.Duration{
			"7":            7 * time.Second,
			"100000000000": 24 * time.Hour,
			"999999":       24 * time.Hour,
			now.Add(90 * time.Second).Format(http.TimeFormat):                  90 * time.Second,
			now.Add(1000 * time.Hour).Format(http.TimeFormat):                  24 * time.Hour,
			now.Add(-time.Hour).Format(http.TimeFormat):                        0,
			now.Add(time.Minute).Format("Monday, 02-Jan-06 15:04:05 ") + "GMT": time.Minute,
			"0": 0, "-5": 0, "soon": 0, "": 0, "1.5": 0, "99999999999999999999": 0,
		} {
			for _, body := range []string{"", "{}", "<html>"} {
				c := clientOf(t, func(r *http.Request) (*http.Response, error) {
					return respond(r, 429, http.Header{"Retry-After": {header}}, strings.NewReader(body)), nil
				})
				_, err := c.Self(t.Context())
				var e *Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, want, e.RetryAfter, header)
			}
		}
	})
}

func TestErrorText(t *testing.T) {
	for want, e := range map[string]Error{
		"no such field":            {Message: "no such field"},
		"no such field (HTTP 400)": {Message: "no such field", Status: 400},
		// A field's name within another word is no mention of it.
		`Invalid name (HTTP 400); id: "is missing"; name: "is too long, has a line break"`: {Message: "Invalid name", Status: 400,
			Fields: []FieldError{{"id", []string{"is missing"}}, {"name", []string{"is too long", "has a line break"}}}},
		`email: is taken (HTTP 400); email: "is spam"`: {Message: "email: is taken", Status: 400,
			Fields: []FieldError{{"email", []string{"is taken.", "is spam"}}, {"city", nil}}},
	} {
		require.Equal(t, want, e.Error())
	}
}

func TestKindOf(t *testing.T) {
	require.Equal(t, NotFound, KindOf(fmt.Errorf("reading: %w", &Error{Kind: NotFound})))
	require.Empty(t, KindOf(errors.New("other")))
	require.Empty(t, KindOf(nil))
}
