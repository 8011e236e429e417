package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// script does steps in a session, and says what a model would say in the end.
type script struct {
	session *session
	taken   map[string]string
}

// play makes the calls of a script. A call that fails where it should not, or the
// reverse, is an error of the script, and no way to do the job wrongly.
func play(ctx context.Context, s *session, steps []Step, say string) (answer string, err error) {
	p := script{s, map[string]string{}}
	for i, step := range steps {
		if err := p.take(ctx, step); err != nil {
			return "", fmt.Errorf("step %d, %s: %w", i+1, step.Tool, err)
		}
	}
	return p.fill(say, func(s string) string { return s })
}

func (p script) take(ctx context.Context, step Step) error {
	arguments, err := p.fill(step.Arguments, quoted)
	if err != nil {
		return err
	}
	text, failed := p.session.call(ctx, step.Tool, json.RawMessage(arguments))
	if step.Confirm && !failed {
		code := codeOf(text)
		if code == "" {
			return fmt.Errorf("its answer is no preview:\n%s", text)
		}
		again := strings.TrimSuffix(strings.TrimSpace(arguments), "}") + `,"confirm":"` + code + `"}`
		text, failed = p.session.call(ctx, step.Tool, json.RawMessage(again))
	}
	switch {
	case step.Fails == "" && failed:
		return fmt.Errorf("it failed:\n%s", text)
	case step.Fails != "" && (!failed || !matches(step.Fails, text)):
		return fmt.Errorf("it should have failed with %q, and said:\n%s", step.Fails, text)
	}
	return p.keep(step.Take, text)
}

func (p script) keep(take map[string]string, text string) error {
	for name, pattern := range take {
		r, err := regexp.Compile(pattern)
		if err != nil {
			return err
		}
		found := r.FindStringSubmatch(text)
		if len(found) != 2 {
			return fmt.Errorf("%s is not found once by %q in its answer:\n%s", name, pattern, text)
		}
		p.taken[name] = found[1]
	}
	return nil
}

var placeholder = regexp.MustCompile(`\{\{(\w+)\}\}`)

// fill puts what was taken in its places.
func (p script) fill(text string, as func(string) string) (string, error) {
	var err error
	filled := placeholder.ReplaceAllStringFunc(text, func(place string) string {
		name := placeholder.FindStringSubmatch(place)[1]
		value, ok := p.taken[name]
		if !ok {
			err = fmt.Errorf("no step before took %s", name)
		}
		return as(value)
	})
	return filled, err
}

// quoted is a text as it stands in a JSON string.
func quoted(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(data[1 : len(data)-1])
}
