package flexie

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readAnswer decodes the body of an HTTP answer, or makes an Error of it.
func readAnswer(resp *http.Response, body []byte, write bool) (any, error) {
	status := resp.StatusCode
	if status >= 300 && status < 400 {
		return nil, redirected(resp, write)
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if len(body) == 0 {
		return nil, emptyAnswer(resp, write)
	}
	answer, err := DecodeJSON(body)
	switch {
	case err != nil && status >= 400:
		return nil, failure(resp, nil, pageText(body), write)
	case err != nil:
		return nil, notJSON(status, body, err, write)
	case status >= 400 || saysError(answer):
		return nil, failure(resp, answer, "", write)
	}
	return answer, nil
}

// emptyAnswer is what an empty body means: done, for a write; for a read, that
// nothing came.
func emptyAnswer(resp *http.Response, write bool) error {
	switch {
	case resp.StatusCode >= 400:
		return failure(resp, nil, "", write)
	case write || resp.StatusCode == http.StatusNoContent:
		return nil
	}
	return unreadable(resp.StatusCode, "Flexie answered with nothing at all")
}

func notJSON(status int, body []byte, err error, write bool) *Error {
	e := unreadable(status, fmt.Sprintf("the answer is not whole JSON: %v", err))
	if body[0] == '<' {
		e.Message = fmt.Sprintf("a web page came back instead of an answer (%s): is the base URL the API root, ending in /api?", firstNonEmpty(pageText(body), "it has no text"))
	}
	e.Uncertain = write
	return e
}

// redirected makes the Error of a redirect that sameHostReads did not follow.
// Only "see other" says that a write was done first.
func redirected(resp *http.Response, write bool) *Error {
	to := "elsewhere"
	if location, err := url.Parse(resp.Header.Get("Location")); err == nil && location.Host != "" {
		to = "to " + location.Host
	}
	e := unreadable(resp.StatusCode, fmt.Sprintf("the server redirects %s, which was not followed: it would carry your key along, or do a write twice; check the subdomain or base URL", to))
	e.Uncertain = write && resp.StatusCode == http.StatusSeeOther
	return e
}

// saysError reports whether an answer with a good status is an error all the
// same. A workspace may well have a table or a field called "error", "errors"
// or "success"; but records have ids, and errors none.
func saysError(answer any) bool {
	switch answer := answer.(type) {
	case bool:
		return !answer
	case json.Number:
		return answer == "0"
	case *Object:
		return !answer.Has("id") && (failed(answer) || isError(answer.Get("error")) || anyError(list(answer.Get("errors"))))
	}
	return false
}

// failed reports whether an answer says that it had no success. One that counts
// what was sent says more than that.
func failed(o *Object) bool {
	return o.Has("success") && !truthy(o.Get("success")) && !o.Has("sentCount")
}

func isError(v any) bool {
	if text, ok := v.(string); ok {
		return text != ""
	}
	o, _ := v.(*Object)
	return o.Has("message") && !o.Has("id")
}

func anyError(items []any) bool {
	return slices.ContainsFunc(items, isError)
}

// failure makes the Error of a failed answer: its body in any of the three
// shapes of error, or the text of a proxy's page.
func failure(resp *http.Response, answer any, page string, write bool) *Error {
	e := &Error{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	code := readError(answer, e)
	if e.Status < 300 && code >= 400 && code < 600 {
		e.Status = code
	}
	e.Kind = kindOfStatus(e.Status)
	// A server that fails may have acted first.
	e.Uncertain = write && e.Kind == Unavailable
	e.Message = firstNonEmpty(e.Message, page)
	switch {
	case e.Message != "":
	case e.Status < 300:
		e.Message = "Flexie answered that it did not succeed, and not why"
	default:
		e.Message = firstNonEmpty(strings.ToLower(http.StatusText(e.Status)), "Flexie refused it, and did not say why")
	}
	return e
}

// readError reads the three error bodies: {"error":{message,code}},
// {"errors":[{message,code,details}]} and OAuth's {"error","error_description"}.
// Assumption: error-shapes.
func readError(answer any, e *Error) (code int) {
	e.Message, _ = answer.(string)
	o, _ := answer.(*Object)
	text, isText := o.Get("error").(string)
	switch {
	case isText:
		e.Message = firstNonEmpty(stringOf(o.Get("error_description")), stringOf(o.Get("message")), text)
	case o != nil:
		code = readErrors(o, e)
	}
	e.Message = strings.TrimRight(e.Message, ".")
	return code
}

func readErrors(o *Object, e *Error) (code int) {
	e.Fields = readDetails(o.Get("errors")) // some are keyed by field
	var messages []string
	for _, item := range append(slices.Clone(list(o.Get("errors"))), o.Get("error")) {
		one, _ := item.(*Object)
		if m := firstNonEmpty(stringOf(one.Get("message")), stringOf(item)); m != "" {
			messages = append(messages, strings.TrimRight(m, "."))
		}
		if n, err := strconv.Atoi(stringOf(one.Get("code"))); err == nil {
			code = n
		}
		e.Fields = append(e.Fields, readDetails(one.Get("details"))...)
	}
	e.Message = firstNonEmpty(strings.Join(messages, "; "), stringOf(o.Get("message")))
	return code
}

// readDetails reads what is said of each field: a text, or several.
func readDetails(details any) []FieldError {
	o, _ := details.(*Object)
	var fields []FieldError
	for field, said := range o.All() {
		fields = append(fields, FieldError{field, textsIn(said)})
	}
	return fields
}

// textsIn gathers the texts of a value, however it nests them.
func textsIn(v any) (texts []string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			texts = append(texts, textsIn(item)...)
		}
	case *Object:
		for _, item := range v.All() {
			texts = append(texts, textsIn(item)...)
		}
	case nil:
	default:
		texts = append(texts, stringOf(v))
	}
	return texts
}

// longestWait is the most that a server is believed to ask for.
const longestWait = 24 * time.Hour

// retryAfter reads both forms of the header: seconds, or a date.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, 1<<30))*time.Second, longestWait)
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(0, time.Until(at).Round(time.Second)), longestWait)
	}
	return 0
}

var (
	pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	pageTag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

// pageText says in a few words what page, or other text, came back.
func pageText(body []byte) string {
	text := strings.ToValidUTF8(string(body[:min(len(body), 4096)]), "")
	if m := pageTitle.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	text = strings.Join(strings.Fields(html.UnescapeString(pageTag.ReplaceAllString(text, " "))), " ")
	if runes := []rune(text); len(runes) > 120 {
		text = string(runes[:120]) + "…"
	}
	return text
}

func firstNonEmpty(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
