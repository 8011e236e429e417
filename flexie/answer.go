package flexie

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// readAnswer decodes the body of an HTTP answer, or makes an Error of it.
func readAnswer(resp *http.Response, body []byte, write bool) (any, error) {
	status := resp.StatusCode
	if status >= 300 && status < 400 {
		return nil, redirected(resp)
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if len(body) == 0 {
		return emptyAnswer(status, write)
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

// emptyAnswer is what an empty body means: done, for a delete; for a read of
// something, that nothing came.
func emptyAnswer(status int, write bool) (any, error) {
	switch {
	case status >= 400:
		return nil, failure(&http.Response{StatusCode: status}, nil, "", write)
	case write || status == http.StatusNoContent:
		return nil, nil
	}
	return nil, unreadable(status, "Flexie answered with nothing at all")
}

func notJSON(status int, body []byte, err error, write bool) *Error {
	e := unreadable(status, fmt.Sprintf("the answer is not whole JSON: %v", err))
	if body[0] == '<' {
		e.Message = fmt.Sprintf("a web page came back instead of an answer (%s): is the base URL the API root, ending in /api?", pageText(body))
	}
	e.Uncertain = write
	return e
}

func redirected(resp *http.Response) *Error {
	to := "elsewhere"
	if location, err := url.Parse(resp.Header.Get("Location")); err == nil && location.Host != "" {
		to = "to " + location.Host
	}
	return unreadable(resp.StatusCode, fmt.Sprintf("the server redirects %s, which was not followed since it would carry your key along: check the subdomain or base URL", to))
}

// saysError reports whether an answer with a good status is an error all the
// same. Only the error shapes count: a workspace may well have a table or a
// field called "errors".
func saysError(answer any) bool {
	o, _ := answer.(*Object)
	if o == nil || o.Has("total") {
		return false
	}
	if e, ok := o.Get("error").(*Object); ok {
		return e.Has("message")
	}
	for _, item := range list(o.Get("errors")) {
		if e, ok := item.(*Object); ok && e.Has("message") && e.Has("code") {
			return true
		}
	}
	return false
}

// failure makes the Error of a failed answer: its body in any of the three
// shapes of error, or the text of a proxy's page.
func failure(resp *http.Response, answer any, page string, write bool) *Error {
	status := resp.StatusCode
	e := &Error{Status: status, RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	code := readError(answer, e)
	if status < 300 && code >= 400 {
		e.Status = code
	}
	e.Kind = kindOfStatus(e.Status)
	if e.Status < 300 {
		e.Kind = Invalid
	}
	// A server that fails may have acted first.
	e.Uncertain = write && e.Kind == Unavailable
	if e.Message == "" {
		e.Message = page
	}
	if e.Message == "" {
		e.Message = strings.ToLower(http.StatusText(status))
	}
	return e
}

// readError reads the three error bodies: {"error":{message,code}},
// {"errors":[{message,code,details}]} and OAuth's {"error","error_description"}.
// Assumption: error-shapes.
func readError(answer any, e *Error) (code int) {
	o, _ := answer.(*Object)
	if o == nil {
		return 0
	}
	if text, ok := o.Get("error").(string); ok {
		e.Message = firstNonEmpty(stringOf(o.Get("error_description")), stringOf(o.Get("message")), text)
		return 0
	}
	all := append(list(o.Get("errors")), o.Get("error"))
	var messages []string
	for _, item := range all {
		one, ok := item.(*Object)
		if !ok {
			continue
		}
		if m := stringOf(one.Get("message")); m != "" {
			messages = append(messages, strings.TrimRight(m, "."))
		}
		if n, err := strconv.Atoi(stringOf(one.Get("code"))); err == nil {
			code = n
		}
		e.Fields = append(e.Fields, readDetails(one.Get("details"))...)
	}
	if len(messages) == 0 {
		messages = append(messages, stringOf(o.Get("message")))
	}
	e.Message = strings.Join(messages, "; ")
	return code
}

func readDetails(details any) []FieldError {
	o, _ := details.(*Object)
	var fields []FieldError
	for field, said := range o.All() {
		f := FieldError{Field: field}
		for _, m := range list(said) {
			f.Messages = append(f.Messages, stringOf(m))
		}
		if len(f.Messages) == 0 {
			f.Messages = []string{stringOf(said)}
		}
		fields = append(fields, f)
	}
	return fields
}

// retryAfter reads both forms of the header: seconds, or a date.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 86400)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at).Round(time.Second))
	}
	return 0
}

var (
	pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	pageTag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

// pageText says in a few words what page, or other text, came back.
func pageText(body []byte) string {
	text := string(body[:min(len(body), 4096)])
	if m := pageTitle.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	text = strings.Join(strings.Fields(html.UnescapeString(pageTag.ReplaceAllString(text, " "))), " ")
	if runes := []rune(text); len(runes) > 120 {
		text = string(runes[:120]) + "…"
	}
	return strings.ToValidUTF8(text, "")
}

func firstNonEmpty(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
