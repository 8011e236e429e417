package flexie

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// This file tells answers that are errors from answers that are not, and reads
// what they say.

// saysError reports whether an answer with a good status is an error all the
// same. A workspace may well have a table or a field called "error", "errors",
// "status" or "success"; but records have ids, and errors none.
func saysError(answer any) bool {
	switch answer := answer.(type) {
	case bool:
		return !answer
	case json.Number:
		return answer == "0"
	case *Object:
		return !hasID(answer) && (failed(answer) || isError(answer.Get("error")) || isError(answer.Get("errors")))
	}
	return false
}

// hasID reports whether an object is a record that is there: null and 0 are the
// ids of none.
func hasID(o *Object) bool {
	id := stringOf(o.Get("id"))
	return id != "" && id != "0" && id != "false"
}

// failed reports whether an answer says beside its data, if any, that it had no
// success. One that counts what was sent says more than that.
func failed(o *Object) bool {
	if o.Has("sentCount") {
		return false
	}
	noSuccess := o.Has("success") && o.Get("success") != nil && !truthy(o.Get("success"))
	_, hasCode := errorCode(o)
	return noSuccess || failedStatuses[strings.ToLower(stringOf(o.Get("status")))] || hasCode && messageOf(o) != ""
}

var failedStatuses = map[string]bool{"error": true, "fail": true, "failed": true, "failure": true}

// errorCode is the HTTP status that an error carries in its body.
func errorCode(o *Object) (int, bool) {
	for _, name := range []string{"code", "status"} {
		if n, err := strconv.Atoi(stringOf(o.Get(name))); err == nil && n >= 400 && n < 600 {
			return n, true
		}
	}
	return 0, false
}

// messageOf is the text that says what went wrong, by any of its names.
func messageOf(o *Object) string {
	for _, name := range []string{"error_description", "message", "detail", "title"} {
		if text, _ := o.Get(name).(string); text != "" {
			return text
		}
	}
	return ""
}

// isError reports whether the value of "error" or "errors" is one: a text, a
// flag, a description, what is said by field, or a list of these.
func isError(v any) bool {
	switch v := v.(type) {
	case string:
		return v != ""
	case bool, json.Number:
		return stringOf(v) != "0" && stringOf(v) != "false"
	case []any:
		return slices.ContainsFunc(v, isError)
	case *Object:
		return describesError(v) || saidByField(v)
	}
	return false
}

func describesError(o *Object) bool {
	return !hasID(o) && !o.Has("fields") && (isText(o.Get("message")) || stringOf(o.Get("code")) != "")
}

// saidByField reports whether an object holds what is said of each field. What
// is keyed by numbers and not an error is a list, of a table called "errors".
func saidByField(o *Object) bool {
	if hasID(o) || o.Has("fields") {
		return false
	}
	for key, said := range o.All() {
		inner, _ := said.(*Object)
		switch {
		case isText(said), slices.ContainsFunc(list(said), isError), describesError(inner), !isNumber(key) && saidByField(inner):
			return true
		}
	}
	return false
}

func isText(v any) bool {
	text, _ := v.(string)
	return text != ""
}

// failure makes the Error of a failed answer: its body in any of the shapes of
// error, or what is said of a proxy's page.
func failure(resp *http.Response, answer any, page string, write bool) *Error {
	e := &Error{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	if code := readError(answer, e); e.Status < 300 && code > 0 {
		e.Status = code
	}
	e.Kind = kindOfStatus(e.Status)
	_, e.own = answer.(*Object)
	e.Uncertain = write && mayHaveActed(e.Status) && !saysBusy(e)
	if o, _ := answer.(*Object); write && resp.StatusCode < 300 && holdsRecord(o) {
		e.Uncertain, e.beside = true, o
	}
	e.Message = firstNonEmpty(quotedWords(e.Message), page)
	switch {
	case e.Message != "":
	case e.Status == statusClientClosed:
		e.Message = "a proxy gave up on it before Flexie answered"
	case e.Status < 300 && len(e.Fields) > 0:
		e.Message = "Flexie refused what was sent"
	case e.Status < 300:
		e.Message = "Flexie answered that it did not succeed, and not why"
	default:
		e.Message = firstNonEmpty(plainStatus[e.Status], strings.ToLower(http.StatusText(e.Status)), "Flexie refused it, and did not say why")
	}
	return e
}

// holdsRecord reports whether there is a record beside what an answer complains
// of: it was done then, in part at least, or is shown as it is.
func holdsRecord(o *Object) bool {
	for name, v := range o.All() {
		if inner := only(v); name != "error" && name != "errors" && inner != nil && hasID(inner) {
			return true
		}
	}
	return false
}

// mayHaveActed reports whether a failure leaves it open what was done: a server
// that fails may have acted first, and so may one whose answer nobody waited for.
func mayHaveActed(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status == statusClientClosed
}

// saysBusy reports whether a server that fails says when to come back: it has
// not begun then. Assumption: busy-means-undone.
func saysBusy(e *Error) bool {
	return e.Status == http.StatusServiceUnavailable && e.RetryAfter > 0
}

// plainStatus says in words what a status means that came without any.
var plainStatus = map[int]string{
	http.StatusBadRequest:            "Flexie did not understand what was sent, and did not say why",
	http.StatusUnauthorized:          "Flexie did not accept the credential",
	http.StatusNotFound:              "there is nothing of that address or id",
	http.StatusRequestTimeout:        "Flexie gave up waiting for the request",
	http.StatusConflict:              "it clashes with what Flexie holds",
	http.StatusRequestEntityTooLarge: "it is too large for Flexie",
	http.StatusUnprocessableEntity:   "Flexie refused what was sent, and did not say why",
	http.StatusTooManyRequests:       "Flexie has had too many requests",
	http.StatusBadGateway:            "a proxy got no answer from Flexie that it could pass on",
	http.StatusServiceUnavailable:    "Flexie is not available for now",
	http.StatusGatewayTimeout:        "a proxy waited too long for Flexie's answer",
}

// readError reads the error bodies: {"error":{message,code}},
// {"errors":[{message,code,details}]} and OAuth's {"error","error_description"},
// and what others make of them: texts, flags, texts by field, and message and
// code without any of these around them. Assumption: error-shapes.
func readError(answer any, e *Error) (code int) {
	e.Message, _ = answer.(string)
	if o, ok := answer.(*Object); ok {
		code = readErrors(o, e)
	}
	e.Message = said(e.Message)
	return code
}

func readErrors(o *Object, e *Error) (code int) {
	code, _ = errorCode(o)
	var messages []string
	for _, item := range append(errorsIn(o.Get("errors")), errorsIn(o.Get("error"))...) {
		text, _ := item.(string)
		one, _ := item.(*Object)
		if n, ok := errorCode(one); ok {
			code = n
		}
		if m := said(firstNonEmpty(messageOf(one), text)); m != "" && len(messages) < mostProblems {
			messages = append(messages, m)
		}
		if describesError(one) {
			e.addDetails(one.Get("details"))
		} else {
			e.addDetails(one)
		}
	}
	e.Message = strings.Join(messages, "; ")
	// A text under "error" is the name of a kind of error where there is more.
	if e.Message == "" || isText(o.Get("error")) {
		e.Message = firstNonEmpty(messageOf(o), e.Message)
	}
	return code
}

// errorsIn are the errors that a value holds: itself, or each of a list, be it
// keyed by number.
func errorsIn(v any) []any {
	switch v := v.(type) {
	case []any:
		return slices.Clone(v)
	case *Object:
		if keyedByID(v) {
			var items []any
			for _, item := range v.All() {
				items = append(items, item)
			}
			return items
		}
	}
	return []any{v}
}

// What a server says goes into one message, so there is an end to it: in runes,
// and for one field in texts.
const (
	longestSaid = 500
	mostSaid    = 5
)

// addDetails adds what is said of each field: a text, or several.
func (e *Error) addDetails(details any) {
	o, _ := details.(*Object)
	for field, about := range o.All() {
		if len(e.Fields) == mostProblems {
			e.more++
			continue
		}
		e.Fields = append(e.Fields, FieldError{firstNonEmpty(clean(field, longest), "?"), textsIn(about, nil)})
	}
}

// textsIn gathers the first texts of a value, however it nests them.
func textsIn(v any, texts []string) []string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			texts = textsIn(item, texts)
		}
	case *Object:
		for _, item := range v.All() {
			texts = textsIn(item, texts)
		}
	default:
		if len(texts) == mostSaid {
			break
		}
		if text := said(stringOf(v)); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// quotedWords are a server's own words, between quotes that they can't end: they
// are data, as all that comes from Flexie.
func quotedWords(said string) string {
	if said == "" {
		return ""
	}
	return `"` + inQuotes.Replace(said) + `"`
}

// inQuotes replaces what ends a quotation or looks as if it did, and what could
// make a tag or a link.
var inQuotes = strings.NewReplacer(
	`"`, "'", "“", "'", "”", "'", "„", "'", "‟", "'", "«", "'", "»", "'", "″", "'", "〝", "'", "〞", "'", "＂", "'", "`", "'",
	"<", "‹", ">", "›", "＜", "‹", "＞", "›", "﹤", "‹", "﹥", "›", "![", "! [", "](", "] (",
)

// namedIn is the name of a field or a host in an error: quoted unless it is one
// word.
func namedIn(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("_-.:", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return quotedWords(name)
	}
	return name
}

// said is what a server says, as a part of a sentence.
func said(text string) string {
	return strings.TrimRight(clean(text, longestSaid), ". ")
}

// clean makes one line of a text from elsewhere, of at most so many runes and
// without what can't be seen: it could steer a terminal, or hide words.
func clean(text string, most int) string {
	var b strings.Builder
	runes, space := 0, false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			space = runes > 0
			continue
		case !unicode.IsPrint(r):
			continue
		case runes >= most:
			return b.String() + "…"
		case space:
			b.WriteByte(' ')
			runes++
		}
		b.WriteRune(r)
		runes, space = runes+1, false
	}
	return b.String()
}
