package clients

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Diff is the change of the entry as a unified diff. Nothing else of the file is in it,
// and of the entry no value that may be a secret: both may hold keys of others.
func (c Change) Diff() string {
	if !c.Changes() {
		return ""
	}
	before, wayBefore := c.Client.own(c.file.text, c.name)
	after, wayAfter := c.Client.own(c.after, c.name)
	from := c.Client.shown(wayBefore, before, nil)
	to := c.Client.shown(wayAfter, after, before)
	switch {
	case before == nil && c.Client.hasServers(c.file.text):
		from = c.Client.around(wayAfter, to)
	case after == nil && c.Client.hasServers(c.after):
		to = c.Client.around(wayBefore, from)
	}
	return udiff.Unified(c.Path, c.Path, from, to)
}

// own is the entry of that name in a text, nil if there is none, and where it stands.
func (c Client) own(text []byte, name string) (there map[string]any, at []string) {
	_, body := cutMark(text)
	document, err := editors[c.Format].decode(body)
	if err != nil {
		return nil, nil
	}
	at = c.wayTo(document, name)
	there, _, _ = lookUp(document, at)
	return there, at
}

func (c Client) hasServers(text []byte) bool {
	_, body := cutMark(text)
	document, err := editors[c.Format].decode(body)
	if err != nil {
		return false
	}
	at := c.wayTo(document, "")
	_, found, err := lookUp(document, at[:len(at)-1])
	return found && err == nil
}

// shown is a file with nothing but an entry; was is that of before, nil for none.
func (c Client) shown(at []string, there, was map[string]any) string {
	if there == nil {
		return ""
	}
	text, err := editors[c.Format].put(nil, at, c.masked(there, was))
	if err != nil {
		return ""
	}
	return string(text)
}

// around is what is shown of a file but for the entry itself.
func (c Client) around(at []string, shown string) string {
	lines := slices.Collect(strings.Lines(shown))
	top, bottom := 0, 0
	switch c.Format {
	case JSON:
		top, bottom = len(at), len(at)
	case YAML:
		top = len(at) - 1
	}
	if len(lines) < top+bottom {
		return ""
	}
	return strings.Join(slices.Concat(lines[:top], lines[len(lines)-bottom:]), "")
}

// masked is an entry with only those values that can be no secret.
func (c Client) masked(there, was map[string]any) (e entry) {
	for _, key := range c.order(there) {
		value, before := there[key], was[key]
		if env, ok := value.(map[string]any); ok && key == c.Shape.Env {
			inner := entry{}
			old, _ := before.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(env)) {
				inner = append(inner, field{key: name, value: maskedOf(name, env[name], old[name])})
			}
			e = append(e, field{key: key, value: inner})
			continue
		}
		e = append(e, field{key: key, value: maskedOf(key, value, before)})
	}
	return e
}

// order is how the keys of an entry are shown: as install writes them, then the others,
// and what has names below at the end.
func (c Client) order(there map[string]any) []string {
	first := []string{"source", "type", "command", "args", c.Shape.Env}
	keys := slices.Sorted(maps.Keys(there))
	rank := func(key string) int {
		switch at := slices.Index(first, key); {
		case key == c.Shape.Env:
			return len(first) + 1
		case at >= 0:
			return at
		}
		return len(first)
	}
	slices.SortStableFunc(keys, func(a, b string) int { return rank(a) - rank(b) })
	return keys
}

// reference is a value that names a variable, which is no secret.
var reference = regexp.MustCompile(`^(\$\{[A-Za-z_]\w*\}|\$\{env:\w+\}|\{env:\w+\})$`)

// open are the keys and variables whose values are no secrets.
var open = regexp.MustCompile(`^(source|type|FLEXIE_(SUBDOMAIN|SANDBOX|SANDBOX_DIALECT|SANDBOX_FILE|CONFIG|STATE_DIR|API_KEY_FILE|TOOLSETS|TOOLS|EXCLUDE_TOOLS|ACCESS|READ_ONLY|HIDE_FORBIDDEN|CONFIRM|CUSTOM_TABLES|ANSWER_TOKENS|TIMEOUT|KEYRING))$`)

// maskedOf is what is shown of a value; was is that of before, nil for none.
func maskedOf(key string, value, was any) any {
	switch v := value.(type) {
	case string:
		if open.MatchString(key) || reference.MatchString(v) || key == "command" && isProgram(v) || key == "FLEXIE_BASE_URL" && !strings.ContainsAny(v, "@?") {
			return v
		}
	case bool:
		return fmt.Sprint(v)
	case []any:
		shown := []string{}
		for i, word := range texts(value) {
			if i > 0 || key != "command" || !isProgram(word) {
				word = hidden(word, was)
			}
			shown = append(shown, word)
		}
		if len(shown) == len(v) {
			return shown
		}
	}
	return hidden(value, was)
}

// isProgram reports whether a command is this program, without arguments.
func isProgram(command string) bool {
	base := command[strings.LastIndexAny(command, `/\`)+1:]
	return isUs(command) && !strings.ContainsAny(base, " =") && !strings.Contains(command, "=")
}

// hidden stands for a value; that it is another one than before can be seen.
func hidden(value, was any) string {
	if _, isList := was.([]any); was != nil && !isList && fmt.Sprint(value) != fmt.Sprint(was) {
		return "… (another)"
	}
	return "…"
}
