package clients

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Server is what a client is to start.
type Server struct {
	Name    string // of its entry
	Command string // the absolute path of the program
	Env     []Variable
	KeyFrom string // the variable whose value the client is to give as FLEXIE_API_KEY; "" for none
}

// Variable is one of the environment that the server is started with.
type Variable struct {
	Name, Value string
	Gone        bool // it is taken out, if it is there
}

// keyVariable is what a key is handed over in.
const keyVariable = "FLEXIE_API_KEY"

// entry is what is written of a server, in order.
type entry []field

type field struct {
	key   string
	value any  // a string, a []string, or an entry
	gone  bool // it is taken out, if it is there
	once  bool // it is written only where there is none
}

// entryOf is the entry of a server at a client. Of what is there already it keeps
// all that is not its own business: arguments after ours, variables it does not
// name, and what the client or the user has added.
func (c Client) entryOf(s Server, there map[string]any) (entry, error) {
	env, handsOn, err := c.environment(s, there)
	if err != nil {
		return nil, err
	}
	var e entry
	if c.Shape.Source != "" {
		e = append(e, field{key: "source", value: c.Shape.Source, once: there != nil})
	}
	if c.Shape.Type != "" {
		e = append(e, field{key: "type", value: c.Shape.Type})
	}
	if c.Shape.OneList {
		e = append(e, field{key: "command", value: append([]string{s.Command}, argumentsOf(there["command"], true)...)})
	} else {
		kept := runsUs(there)
		e = append(e, field{key: "command", value: s.Command}, field{key: "args", value: []string{}, once: kept})
	}
	if handsOn != nil {
		e = append(e, *handsOn)
	}
	return append(e, field{key: c.Shape.Env, value: env}), nil
}

// environment is what is written of the variables, and the list of those that the
// client hands on, nil where that stays as it is.
func (c Client) environment(s Server, there map[string]any) (env entry, handsOn *field, err error) {
	for _, v := range s.Env {
		if v.Name == keyVariable && s.KeyFrom != "" {
			continue
		}
		env = append(env, field{key: v.Name, value: v.Value, gone: v.Gone})
	}
	switch {
	case s.KeyFrom == "":
		return env, nil, nil
	case c.KeyRef != "":
		return append(env, field{key: keyVariable, value: fmt.Sprintf(c.KeyRef, s.KeyFrom)}), nil, nil
	case c.HandsOn == "":
		return nil, nil, fmt.Errorf("%s can't put an environment variable into its settings: sign in with flexie-mcp login, or leave --key-env out, and the key is kept outside of its file", c.Title)
	case s.KeyFrom != keyVariable:
		return nil, nil, fmt.Errorf("%s hands on variables under their own name alone: put the key in %s, and use --key-env without a name", c.Title, keyVariable)
	}
	list := texts(there[c.HandsOn])
	for _, name := range list {
		if name == keyVariable {
			return append(env, field{key: keyVariable, gone: true}), nil, nil
		}
	}
	return append(env, field{key: keyVariable, gone: true}), &field{key: c.HandsOn, value: append(list, keyVariable)}, nil
}

// argumentsOf are the arguments in a command that is one list, after a program that
// is ours.
func argumentsOf(command any, oneList bool) []string {
	list := texts(command)
	if !oneList || len(list) == 0 || !isUs(list[0]) {
		return nil
	}
	return list[1:]
}

// runsUs reports whether the command of an entry is this program itself, so that its
// arguments are ours.
func runsUs(there map[string]any) bool {
	command, _ := there["command"].(string)
	return isUs(command)
}

func isUs(command string) bool {
	base := command[strings.LastIndexAny(command, `/\`)+1:]
	return strings.HasPrefix(strings.ToLower(filepath.Base(base)), "flexie-mcp")
}

// isOurs reports whether an entry is one of this program, whoever wrote it: by its
// command, its arguments or its variables.
func (c Client) isOurs(there map[string]any) bool {
	words := append(texts(there["command"]), texts(there["args"])...)
	if command, ok := there["command"].(string); ok {
		words = append(words, command)
	}
	for _, word := range words {
		if isUs(word) {
			return true
		}
	}
	env, _ := there[c.Shape.Env].(map[string]any)
	for name := range env {
		if strings.HasPrefix(name, "FLEXIE_") {
			return true
		}
	}
	return false
}

// texts are the strings of a list; nil if it is none.
func texts(value any) (list []string) {
	items, _ := value.([]any)
	for _, item := range items {
		text, ok := item.(string)
		if !ok {
			return nil
		}
		list = append(list, text)
	}
	return list
}

// fits reports whether a value is already what a field wants.
func fits(have any, there bool, f field) bool {
	if f.gone {
		return !there
	}
	if !there {
		if e, ok := f.value.(entry); ok {
			return len(e.present()) == 0
		}
		return false
	}
	if f.once {
		return true
	}
	switch want := f.value.(type) {
	case string:
		return have == want
	case []string:
		items, ok := have.([]any)
		return ok && len(items) == len(want) && strings.Join(texts(have), "\x00") == strings.Join(want, "\x00")
	case entry:
		table, ok := have.(map[string]any)
		return ok && want.fitsAll(table)
	}
	return false
}

func (e entry) fitsAll(table map[string]any) bool {
	for _, f := range e {
		have, there := table[f.key]
		if !fits(have, there, f) {
			return false
		}
	}
	return true
}

// present are the fields that a new entry has.
func (e entry) present() (kept entry) {
	for _, f := range e {
		if inner, ok := f.value.(entry); ok {
			if len(inner.present()) == 0 {
				continue
			}
			f.value = inner.present()
		}
		if !f.gone {
			kept = append(kept, f)
		}
	}
	return kept
}

// goneLast is an entry in the order in which it is written to one that is there: a
// table is not to be without anything in between.
func (e entry) goneLast() entry {
	sorted := slices.Clone(e)
	slices.SortStableFunc(sorted, func(a, b field) int {
		switch {
		case a.gone == b.gone:
			return 0
		case a.gone:
			return 1
		}
		return -1
	})
	return sorted
}
