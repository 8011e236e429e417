package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

//go:embed jobs/*.toml
var files embed.FS

// Job is what a user of a CRM asks for, and how to tell whether it was done.
type Job struct {
	Name string `toml:"-"`    // of its file
	Kind string `toml:"kind"` // what sort of work it is
	Ask  string `toml:"ask"`  // as the user says it

	// Replies are what the user says when asked back, in turn.
	Replies []string `toml:"replies"`

	// The settings of the server.
	Toolsets []string `toml:"toolsets"`
	Access   string   `toml:"access"`
	Confirm  string   `toml:"confirm"`

	Before  []Request `toml:"before"`  // what the workspace is like, beside its seed
	Earlier []Step    `toml:"earlier"` // what was done before through the server

	Changes []Change `toml:"change"` // all that must have changed; nothing else may
	Answer  Answer   `toml:"answer"`

	Script   []Step    `toml:"script"` // does it
	Say      string    `toml:"say"`    // what the script answers in the end
	Mistakes []Mistake `toml:"mistake"`
}

// Request goes to the sandbox's REST API, by its administrator.
type Request struct {
	Method string `toml:"method"`
	Path   string `toml:"path"`
	Body   string `toml:"body"`
}

// Change is what must have become of an item. Its name is that of its kind in the
// sandbox's database and its id, like deal/2; KIND/new is one that was made, and
// RELATION/PARENT/CHILD is a member of a list.
type Change struct {
	Item   string         `toml:"item"`
	Fields map[string]any `toml:"fields"` // what they must hold; a text that begins with ~ is a regular expression
	May    []string       `toml:"may"`    // fields that may be others too, since they follow
	Gone   bool           `toml:"gone"`
	Made   bool           `toml:"made"` // for a member of a list

	// SameAs is for a relation without its child, RELATION/PARENT: its members are now
	// those of this other one.
	SameAs string `toml:"same_as"`
}

// Answer is what must and must not stand in what the user is told: regular
// expressions, small and capital letters alike.
type Answer struct {
	Holds []string `toml:"holds"`
	Lacks []string `toml:"lacks"`
}

// Step is a call of a tool.
type Step struct {
	Tool      string            `toml:"tool"`
	Arguments string            `toml:"arguments"` // JSON; {{name}} is what a step before took
	Take      map[string]string `toml:"take"`      // by name, a regular expression whose first group is kept of the answer
	Confirm   bool              `toml:"confirm"`   // the answer is a preview: make the call again with its code
	Fails     string            `toml:"fails"`     // the error that it must end with, as a regular expression
}

// Mistake is a script that does the job wrongly. Caught is what the checks must say
// of it, as a regular expression.
type Mistake struct {
	Name   string `toml:"name"`
	Script []Step `toml:"script"`
	Say    string `toml:"say"`
	Caught string `toml:"caught"`
}

// Load reads the jobs.
func Load() (all []*Job, err error) {
	names, err := fs.Glob(files, "jobs/*.toml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		j, err := read(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		j.Name = strings.TrimSuffix(path.Base(name), ".toml")
		all = append(all, j)
	}
	return all, nil
}

func read(data []byte) (*Job, error) {
	j := &Job{Toolsets: []string{"core"}, Access: "admin", Confirm: "auto"}
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(j); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return nil, errors.New(strict.String())
		}
		return nil, err
	}
	j.Ask = strings.TrimSpace(j.Ask)
	return j, j.check()
}

// check finds what would make a job judge nothing, or not what was meant.
func (j *Job) check() error {
	patterns := append(append([]string{}, j.Answer.Holds...), j.Answer.Lacks...)
	for _, m := range j.Mistakes {
		patterns = append(patterns, m.Caught)
	}
	for _, p := range patterns {
		if _, err := regexp.Compile(p); err != nil {
			return err
		}
	}
	switch {
	case j.Ask == "" || j.Kind == "":
		return errors.New("it has no ask, or no kind")
	case len(j.Changes) == 0 && len(j.Answer.Holds) == 0:
		return errors.New("nothing would be checked: it has neither a change nor an answer")
	case len(j.Mistakes) == 0:
		return errors.New("it has no mistake, by which its checks are checked")
	}
	return nil
}
