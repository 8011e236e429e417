package flexie

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// TestErrorsWithAGoodStatus: whatever their shape, they are no success, of a
// read or a write.
func TestErrorsWithAGoodStatus(t *testing.T) {
	for body, want := range map[string]string{
		`{"errors":{"email":["already used"]}}`:                            `invalid: Flexie refused what was sent (HTTP 200); email: "already used"`,
		`{"errors":{"email":"already used","name":{"blank":"is blank"}}}`:  `invalid: Flexie refused what was sent (HTTP 200); email: "already used"; name: "is blank"`,
		`{"errors":{"0":{"message":"Not you.","code":403}}}`:               `denied: "Not you" (HTTP 403)`,
		`{"errors":"Quota used up"}`:                                       `invalid: "Quota used up" (HTTP 200)`,
		`{"errors":["nope","nor this"]}`:                                   `invalid: "nope; nor this" (HTTP 200)`,
		`{"error":["nope"]}`:                                               `invalid: "nope" (HTTP 200)`,
		`{"error":{"email":["already used."]}}`:                            `invalid: Flexie refused what was sent (HTTP 200); email: "already used"`,
		`{"error":true,"message":"You may not"}`:                           `invalid: "You may not" (HTTP 200)`,
		`{"error":1,"message":"You may not"}`:                              `invalid: "You may not" (HTTP 200)`,
		`{"error":{"code":403}}`:                                           "denied: forbidden (HTTP 403)",
		`{"error":"Forbidden","code":403}`:                                 `denied: "Forbidden" (HTTP 403)`,
		`{"id":null,"error":{"message":"denied","code":403}}`:              `denied: "denied" (HTTP 403)`,
		`{"id":0,"errors":[{"message":"denied","code":"403"}]}`:            `denied: "denied" (HTTP 403)`,
		`{"code":403,"message":"Access denied"}`:                           `denied: "Access denied" (HTTP 403)`,
		`{"status":404,"title":"Not Found","detail":"There is no such"}`:   `not_found: "There is no such" (HTTP 404)`,
		`{"status":"error","message":"It is locked."}`:                     `invalid: "It is locked" (HTTP 200)`,
		`{"status":"FAILED"}`:                                              "invalid: Flexie answered that it did not succeed, and not why (HTTP 200)",
		`{"success":true,"error":{"message":"half of it failed"}}`:         `invalid: "half of it failed" (HTTP 200)`,
		`{"success":false,"errors":{"email":["already used","too long"]}}`: `invalid: Flexie refused what was sent (HTTP 200); email: "already used, too long"`,
	} {
		c := record(t, answering(200, body)).client(t)
		for name, do := range everySort {
			err := do(t.Context(), c)
			require.Error(t, err, "%s: %s", name, body)
			require.Equal(t, want, string(KindOf(err))+": "+err.Error(), "%s: %s", name, body)
			requireUncertain(t, err, false)
		}
	}
}

// everySort is a call of each sort.
var everySort = map[string]func(context.Context, *Client) error{
	"search": aRead, "filter": aSearch, "create": aWrite,
	"get": func(ctx context.Context, c *Client) error {
		_, err := c.Records(Contact, "").Get(ctx, 47)
		return err
	},
	"delete":      func(ctx context.Context, c *Client) error { return c.Records(Contact, "").Delete(ctx, 47) },
	"add to list": func(ctx context.Context, c *Client) error { return c.Records(Contact, "").AddToList(ctx, 3, 47) },
	"send": func(ctx context.Context, c *Client) error {
		_, err := c.SendEmail(ctx, 1, 0)
		return err
	},
}

func requireUncertain(t *testing.T, err error, want bool) {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, want, e.Uncertain, "uncertain: %v", err)
}

// TestNoErrors: fields and tables may be called as the members of errors are.
func TestNoErrors(t *testing.T) {
	for _, body := range []string{
		`{"id":47,"error":"x","errors":["y"],"status":"error","code":500,"message":"z","success":false}`,
		`{"id":"47","error":true,"errors":{"email":["already used"]}}`,
		`{"errors":{"3":{"id":3,"message":"Disk full","code":500}}}`,
		`{"total":1,"errors":[{"id":3,"message":"Disk full","code":500}]}`,
		`{"total":1,"errors":{"3":{"name":"Disk full"},"4":{"name":"Disk full"}}}`,
		`{"errors":{"id":3,"message":"Disk full"}}`,
		`{"error":{"fields":{"all":{"message":"Disk full","code":500}}}}`,
		`{"errors":{}}`, `{"errors":[]}`, `{"error":null}`, `{"error":""}`, `{"error":false,"status":"ok"}`, `{"error":0,"code":200,"message":"OK"}`,
		`{"total":1,"status":{"3":{"id":3}}}`, `{"code":{"id":3},"message":{"id":3}}`, `{"code":12,"message":"hello"}`,
		`{"success":0,"sentCount":0,"failedCount":3}`, `{"status":"failed","sentCount":0,"failedCount":3}`,
	} {
		v, err := DecodeJSON([]byte(body))
		require.NoError(t, err, body)
		require.False(t, saysError(v), body)
	}
}

// TestWritesAreConfirmed: a write was done if the answer says so; of any other
// answer it is not known.
func TestWritesAreConfirmed(t *testing.T) {
	const all = "create delete list send"
	for body, confirms := range map[string]string{
		``: all, `null`: all, `true`: all, `1`: all, `{"success":1}`: all, `{"success":true}`: all, `{"success":"1"}`: all,
		`{"status":"success"}`: all, `{"status":"OK","message":"Added"}`: all, `{"code":200,"message":"OK"}`: all,
		`{"id":47}`: all, `{"contact":{"id":"47"}}`: all, `[{"id":47}]`: all, `{"other":{"id":47}}`: all,
		`{"contact":{"id":null,"fields":{"all":{"email":"a@b.c"}}}}`: all, `{"fields":{"all":{"email":"a@b.c"}}}`: all,
		`{}`: "delete", `[]`: "delete", `{"contact":{"id":null,"email":"a@b.c"}}`: "delete",
		`{"sentCount":0}`:             "send",
		`{"deal":{"name":"Acme"}}`:    "create", // its own outer name
		`{"deal":{"message":"no"}}`:   "",
		`{"success":null}`:            "",
		`""`:                          "",
		`"Ok"`:                        "",
		`2`:                           "",
		`["x"]`:                       "",
		`{"fields":null}`:             "",
		`{"id":null}`:                 "delete",
		`{"id":0,"name":"x"}`:         "delete",
		`{"message":"Access denied"}`: "",
		`{"contact":null}`:            "",
		`{"contact":{}}`:              "",
		`{"total":0,"contacts":[]}`:   "",
		`{"hint":"x","more":{"a":1}}`: "",
		`<html><title>Login</title>`:  "",
	} {
		for name, call := range map[string]string{"create": "create", "delete": "delete", "list": "add to list", "send": "send"} {
			c := record(t, answering(200, body)).client(t)
			err := everySort[call](t.Context(), c)
			if strings.Contains(confirms, name) {
				require.NoError(t, err, "%s: %s", call, body)
				continue
			}
			require.Error(t, err, "%s: %s", call, body)
			require.Contains(t, []ErrorKind{Unreadable, Invalid}, KindOf(err), "%s: %s", call, body)
			if KindOf(err) == Unreadable {
				requireUncertain(t, err, true)
			}
		}
	}
	_, err := record(t, answering(200, `""`)).client(t).Records(Contact, "").Create(t.Context(), NewObject())
	require.EqualError(t, err, "Flexie took it, and answered something that can't be read (HTTP 200)")
}

// TestUncertainStatuses: somebody gave up on a write that was under way.
func TestUncertainStatuses(t *testing.T) {
	for _, status := range []int{408, 499} {
		for call, do := range everySort {
			err := do(t.Context(), record(t, answering(status, "")).client(t))
			requireUncertain(t, err, call != "search" && call != "filter" && call != "get")
		}
	}
}

// TestErrorTextsAreCleaned: what a server says goes into one line of a
// bearable length.
func TestErrorTextsAreCleaned(t *testing.T) {
	c := record(t, answering(400, `{"error":{"message":"\u001b[31mBad\r\n\tem\u200bail \u202e\u2028now\u0000.","code":400,"details":{"e\nmail\u2066":["is\n\nbad.","", " . "],"\u200b":"x"}}}`)).client(t)
	require.EqualError(t, aWrite(t.Context(), c), `"[31mBad email now" (HTTP 400); "e mail": "is bad"; "?": "x"`)

	c = clientOf(t, func(r *http.Request) (*http.Response, error) {
		var many strings.Builder
		for i := range 1000 {
			many.WriteString(`,"` + strings.Repeat("f", i+1) + `":["` + strings.Repeat("é", 100_000/(i+1)) + `"]`)
		}
		body := `{"error":{"message":"` + strings.Repeat("x", 20_000_000) + `","details":{"a":"b"` + many.String() + `}}}`
		return respond(r, 400, http.Header{}, strings.NewReader(body)), nil
	})
	err := aWrite(t.Context(), c)
	require.Less(t, utf8.RuneCountInString(err.Error()), 15_000)
	require.ErrorContains(t, err, strings.Repeat("x", 500)+`…" (HTTP 400); a: "b"; f: "é`)
	require.True(t, strings.HasSuffix(err.Error(), "; and 981 more"), err.Error()[len(err.Error())-100:])

	c = clientOf(t, canned([]byte(`{"errors":["`+strings.Repeat(`x","`, 1_000_000)+`"]}`)).RoundTrip)
	require.Less(t, len(aWrite(t.Context(), c).Error()), 1000)
}

// TestRootWithoutAPI: the likeliest slip with a base URL is named.
func TestRootWithoutAPI(t *testing.T) {
	r := record(t, answering(404, `<html><title>Not found</title>`))
	_, err := r.client(t).Self(t.Context())
	require.EqualError(t, err, `"Not found" (HTTP 404)`)
	_, err = r.client(t, func(o *Options) { o.BaseURL = strings.TrimSuffix(o.BaseURL, "/api") }).Self(t.Context())
	require.EqualError(t, err, `"Not found"; the base URL should end in /api (HTTP 404)`)
}

// TestGoneIsSaidByFlexieItself: a web server without its API has 404 pages too.
func TestGoneIsSaidByFlexieItself(t *testing.T) {
	for body, gone := range map[string]bool{
		`{"error":{"message":"Item was not found.","code":404}}`: true,
		`<html><title>404 Not Found</title></html>`:              false,
		"": false,
	} {
		_, err := record(t, answering(404, body)).client(t).Records(Contact, "").Get(t.Context(), 42)
		require.Equal(t, NotFound, KindOf(err))
		require.Equal(t, gone, IsGone(err), body)
	}
}
