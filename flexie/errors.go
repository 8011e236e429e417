package flexie

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ErrorKind says what sort of failure an Error is.
type ErrorKind string

// The kinds of failure.
const (
	Unauthorized ErrorKind = "unauthorized" // the credential is missing, wrong or expired (401)
	Denied       ErrorKind = "denied"       // the user may not do this (403)
	NotFound     ErrorKind = "not_found"    // no such record (404)
	Invalid      ErrorKind = "invalid"      // Flexie, or this client before sending, refused the input (400, 422 and the like)
	Conflict     ErrorKind = "conflict"     // it clashes with what is there (409)
	Limited      ErrorKind = "limited"      // too many requests (429)
	Unavailable  ErrorKind = "unavailable"  // Flexie or a proxy failed (5xx)
	Unreachable  ErrorKind = "unreachable"  // no connection: nothing was sent
	Lost         ErrorKind = "lost"         // the connection broke after sending (499 on the way)
	Timeout      ErrorKind = "timeout"      // no whole answer in time
	Cancelled    ErrorKind = "cancelled"    // the caller gave up
	Unreadable   ErrorKind = "unreadable"   // an answer came that is not what Flexie documents
)

// Error is any failure of a call to Flexie.
type Error struct {
	Kind    ErrorKind
	Status  int    // of the HTTP answer, or the code of an error that came as a 200; 0 if none came
	Message string // what happened, in one sentence without a full stop
	Fields  []FieldError

	// Problems are what was wrong with the input, each by itself, where this
	// client refused it before sending; Message then has them all.
	Problems []string

	// RetryAfter is how long Flexie asked to wait; 0 if it did not.
	RetryAfter time.Duration

	// Uncertain is set on a write that may have happened: it was sent, and no
	// answer that can be read says that it was not done.
	Uncertain bool

	own     bool          // it is an error of the API's, not of what stands before it
	beside  *Object       // the answer to a write, where it holds a record as well
	note    string        // what the settings have to do with it, a sentence without a full stop
	more    int           // fields that Flexie spoke of and that Fields leaves out
	lasting bool          // trying again soon would not help
	tries   int           // how often it was tried, if more than once
	took    time.Duration // for all tries
	cause   error
}

// FieldError is what Flexie said of one field of the input.
type FieldError struct {
	Field    string // its alias
	Messages []string
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	for _, f := range e.Fields {
		if said := e.unsaid(f.Messages); len(said) > 0 {
			fmt.Fprintf(&b, "; %s: %s", namedIn(f.Field), quotedWords(strings.Join(said, ", ")))
		}
	}
	if e.more > 0 {
		fmt.Fprintf(&b, "; and %d more", e.more)
	}
	if e.tries > 1 {
		fmt.Fprintf(&b, "; tried %d times in %s", e.tries, roughly(e.took))
	}
	if e.note != "" {
		b.WriteString(". " + e.note)
	}
	return b.String()
}

// roughly is a duration as precise as people want it.
func roughly(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Millisecond)
}

// unsaid are the messages that Message does not repeat already.
func (e *Error) unsaid(messages []string) (rest []string) {
	for _, m := range messages {
		if !strings.Contains(e.Message, inQuotes.Replace(strings.TrimRight(m, "."))) {
			rest = append(rest, m)
		}
	}
	return rest
}

func (e *Error) Unwrap() error { return e.cause }

// KindOf returns the kind of a call's error, "" if it is not an Error.
func KindOf(err error) ErrorKind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// IsGone reports whether Flexie itself says that there is no such thing. A web
// server that has no API just now, as while it is renewed, answers 404 as well.
func IsGone(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == NotFound && e.own
}

func invalidf(format string, args ...any) *Error {
	return &Error{Kind: Invalid, Message: fmt.Sprintf(format, args...)}
}

// mostProblems is how many problems an error tells of: a model mends a few at a
// time, and a workspace may have hundreds of required fields.
const mostProblems = 20

// refused is the error of input that is not sent for the problems it has, nil
// where there are none.
func refused(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	if more := len(problems) - mostProblems; more > 0 {
		problems = append(slices.Clone(problems[:mostProblems]), fmt.Sprintf("… and %d more", more))
	}
	return &Error{Kind: Invalid, Message: strings.Join(problems, "; "), Problems: problems}
}

// problemsOf are the problems of input that was refused before sending.
func problemsOf(err error) []string {
	var e *Error
	errors.As(err, &e)
	if e == nil {
		return nil
	}
	return e.Problems
}

func unreadable(status int, message string) *Error {
	return &Error{Kind: Unreadable, Status: status, Message: message}
}

// statusClientClosed is what nginx and its kin say where a client, or a proxy on
// the way, hung up before the answer.
const statusClientClosed = 499

// kindOfStatus maps the status of a failed answer. The page confirms 400, 404
// and 500. Assumption: error-statuses.
func kindOfStatus(status int) ErrorKind {
	switch status {
	case http.StatusUnauthorized:
		return Unauthorized
	case http.StatusForbidden:
		return Denied
	case http.StatusNotFound, http.StatusGone:
		return NotFound
	case http.StatusRequestTimeout:
		return Timeout
	case statusClientClosed:
		return Lost
	case http.StatusConflict:
		return Conflict
	case http.StatusTooManyRequests:
		return Limited
	}
	if status >= 500 {
		return Unavailable
	}
	return Invalid
}
