package flexie

import (
	"bytes"
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

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
	if strings.ContainsFunc(string(k), unicode.IsControl) {
		return &Error{Kind: Unauthorized, Message: "the API key holds a line break or another control character: copy it again; nothing was sent"}
	}
	r.Header.Set("Apikey", string(k)) // apikey, as net/http writes it
	return nil
}

// secrets are a request's credentials, in each form in which a server may repeat
// them: as they are, and as JSON, HTML, addresses and our own quotations write them.
type secrets []string

func secretsOf(header http.Header, more ...string) (all secrets) {
	for _, secret := range append(more, header.Get("apikey"), strings.TrimPrefix(header.Get("Authorization"), "Bearer ")) {
		if !isSecret(secret) {
			continue
		}
		if isWrittenAsItIs(secret) {
			all = append(all, secret)
			continue
		}
		plain, _ := EncodeJSON(secret)
		escaped, _ := json.Marshal(secret)
		for _, form := range []string{secret, inQuotes.Replace(secret), inner(plain), inner(escaped), html.EscapeString(secret), url.QueryEscape(secret), url.PathEscape(secret)} {
			all = append(all, form, strings.ReplaceAll(form, "/", `\/`), strings.ReplaceAll(form, "+", `\u002b`), strings.NewReplacer("/", `\/`, "+", `\u002b`).Replace(form))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// isWrittenAsItIs reports whether a text has one form everywhere, as keys of
// letters and digits do.
func isWrittenAsItIs(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// isSecret tells what Flexie makes up from words, such as the sandbox's keys:
// to cut those out would damage what the workspace holds, and protect nothing.
func isSecret(s string) bool {
	mixed := strings.ContainsAny(s, "0123456789") && strings.ContainsFunc(s, unicode.IsLetter)
	return len(s) >= 16 || len(s) >= 8 && mixed
}

// inner is a JSON string without its quotes.
func inner(quoted []byte) string { return string(quoted[1 : len(quoted)-1]) }

// censor takes the credentials out of what a server said.
func (all secrets) censor(text string) string {
	for _, s := range all {
		text = strings.ReplaceAll(text, s, censored)
	}
	return text
}

// censorBody does so before any of an answer is read, cut or decoded.
func (all secrets) censorBody(body []byte) []byte {
	for _, s := range all {
		if bytes.Contains(body, []byte(s)) {
			body = bytes.ReplaceAll(body, []byte(s), []byte(censored))
		}
	}
	return body
}

// censorError does so with all that an Error says, and what it wraps: a text may
// hold a credential only once it is decoded.
func (all secrets) censorError(err error) error {
	e, ok := err.(*Error)
	if !ok || len(all) == 0 {
		return err
	}
	e.Message = all.censor(e.Message)
	for i := range e.Problems {
		e.Problems[i] = all.censor(e.Problems[i])
	}
	for i := range e.Fields {
		e.Fields[i].Field = all.censor(e.Fields[i].Field)
		for j := range e.Fields[i].Messages {
			e.Fields[i].Messages[j] = all.censor(e.Fields[i].Messages[j])
		}
	}
	if e.cause != nil && all.censor(e.cause.Error()) != e.cause.Error() {
		e.cause = errors.New(all.censor(e.cause.Error()))
	}
	return e
}

const censored = "(credential)"
