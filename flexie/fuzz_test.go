package flexie

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzShapes: whatever Flexie answers, each sort of call ends soon, with what it
// asked for or an *Error.
func FuzzShapes(f *testing.F) {
	for _, seed := range []string{
		`{"total":"2","contacts":{"7":{"id":7},"3":{"id":3}}}`, `[{"id":1}]`, `{"contact":{"id":42,"fields":{"core":{"email":{"alias":"email","value":"x"}}}}}`,
		`{"errors":[{"code":404,"message":"no","details":{"a":["b"]}}]}`, `{"success":false}`, `{"error":"x","code":"500"}`, `[]`, `{}`, `null`, `"x"`, `7`, ``,
		`<html><title>502</title></html>`, `{"total":-1,"contacts":[null,[],{}]}`, `{"fields":[{"alias":"a","type":"select","properties":{"list":"a|b"}}]}`,
		`{"timezone":"Europe/Belgrade","id":1}`, `{"id":{"id":{"id":1}}}`, `{"permissions":{"a":true}}`, "{\"\xff\":\"\xed\xa0\x80\"}", `{"total":1e400,"contacts":[{"id":1e400}]}`,
	} {
		for i, status := range []int{200, 404, 503} {
			f.Add(uint8(i), status, "application/json", []byte(seed))
		}
	}
	shapes, err := filepath.Glob("testdata/shapes/*")
	require.NoError(f, err)
	for i, shape := range shapes {
		body, err := os.ReadFile(shape)
		require.NoError(f, err)
		f.Add(uint8(i), 200, "text/html", body)
	}
	f.Fuzz(func(t *testing.T, which uint8, status int, contentType string, body []byte) {
		if status < 200 || status > 599 {
			status = 200
		}
		c, err := New(Options{BaseURL: "https://acme.flexie.io/api", Auth: APIKey(testKey), Timeout: 5 * time.Second, Transport: always{status, contentType, body}})
		require.NoError(t, err)
		err = calls[int(which)%len(calls)](WithNames(t.Context()), c)
		if err == nil {
			return
		}
		var told *Error
		require.True(t, errors.As(err, &told), "%T: %v", err, err)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.NotEmpty(t, err.Error())
		require.NotRegexp(t, misprint, err.Error())
	})
}

// misprint is what fmt makes of a format that does not fit its arguments. A "%!"
// alone may be Flexie's own text.
var misprint = regexp.MustCompile(`%!\w?\((MISSING|NOVERB|EXTRA|BADINDEX|BADWIDTH|BADPREC|PANIC|[*\w.]+=)`)

// calls are one of each sort.
var calls = []func(context.Context, *Client) error{
	func(ctx context.Context, c *Client) error {
		_, err := c.Records(Contact, "").Search(ctx, Query{Search: "x"})
		return err
	},
	func(ctx context.Context, c *Client) error {
		_, err := c.Records(Contact, "").Search(ctx, Query{OrderBy: "name", Filters: []Filter{{Field: "name", Op: "is", Value: "x"}}})
		return err
	},
	func(ctx context.Context, c *Client) error { _, err := c.Records(Deal, "").Get(ctx, 42); return err },
	func(ctx context.Context, c *Client) error { _, err := c.Records(Lead, "").Fields(ctx); return err },
	func(ctx context.Context, c *Client) error {
		values := NewObject()
		values.Set("name", "x")
		_, err := c.Records(CustomRecord, "things").Update(ctx, 42, values)
		return err
	},
	func(ctx context.Context, c *Client) error { return c.Records(Account, "").Delete(ctx, 42) },
	func(ctx context.Context, c *Client) error { _, err := c.Records(Contact, "").Lists(ctx); return err },
	func(ctx context.Context, c *Client) error { _, err := c.CaseReplies(ctx, CaseRef{ID: 1}); return err },
	func(ctx context.Context, c *Client) error { _, err := c.Self(ctx); return err },
	func(ctx context.Context, c *Client) error { _, err := c.Task(ctx, 1); return err },
}

// always is a Flexie that answers everything the same.
type always struct {
	status      int
	contentType string
	body        []byte
}

func (a always) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {a.contentType}},
		Body: io.NopCloser(bytes.NewReader(a.body)), Request: r,
	}, nil
}
