package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// failure is an answer that says no.
type failure struct {
	status  int
	message string
	details problems
	header  http.Header
}

func (f *failure) Error() string { return f.message }

// problems are what is wrong with a request, by field.
type problems map[string][]string

func (p problems) add(alias, format string, args ...any) {
	p[alias] = append(p[alias], fmt.Sprintf(format, args...))
}

// err is all problems in one failure, or nil when there are none.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	var lines []string
	for _, alias := range slices.Sorted(maps.Keys(p)) {
		lines = append(lines, alias+": "+strings.Join(p[alias], " "))
	}
	return &failure{status: http.StatusBadRequest, message: strings.Join(lines, "; "), details: p}
}

func (p problems) answer() object {
	var o object
	for _, alias := range slices.Sorted(maps.Keys(p)) {
		o = o.with(alias, p[alias])
	}
	return o
}

func badRequest(format string, args ...any) error {
	return &failure{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &failure{status: http.StatusNotFound, message: fmt.Sprintf(format, args...)}
}

// fail writes an error in the workspace's dialect.
func (s *Sandbox) fail(w http.ResponseWriter, err error) {
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{status: http.StatusInternalServerError, message: "Something went wrong on our side: " + err.Error()}
	}
	for name, values := range f.header {
		w.Header()[name] = values
	}
	respond(w, f.status, s.dialect.failure(f))
}
