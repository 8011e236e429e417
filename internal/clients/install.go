package clients

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"flexie-mcp/internal/files"
)

// Change is what is to be done to a client's file. Nothing is done before Apply.
type Change struct {
	Client Client
	Path   string // of the file, as the client knows it
	Found  bool   // the entry was there before

	file   snapshot
	after  []byte
	backup []byte // what is to be kept of before; nil for nothing
	gone   bool   // nothing is left that was not made by install: the file is removed
	same   bool   // the file is as the backup was, which is therefore of no more use
}

// Install plans to put a server into a client's file; file is another path than the
// usual one, or "".
func (w Where) Install(c Client, file string, s Server) (Change, error) {
	change, err := w.open(c, file)
	if err != nil {
		return change, err
	}
	if change.after, err = c.with(change.file.text, s); err != nil {
		return change, fmt.Errorf("%s: %w", change.Path, err)
	}
	change.Found = c.has(change.file.text, s.Name)
	if change.Changes() && change.file.exists && (!change.Found || !exists(change.Backup())) {
		change.backup = change.file.text
	}
	return change, nil
}

// Uninstall plans to take the entry of that name out of a client's file.
func (w Where) Uninstall(c Client, file, name string) (Change, error) {
	change, err := w.open(c, file)
	if err != nil {
		return change, err
	}
	change.after = change.file.text
	if !change.file.exists {
		return change, nil
	}
	was := change.kept()
	if change.after, change.Found, err = c.without(change.file.text, name, was); err != nil {
		return change, fmt.Errorf("%s: %w", change.Path, err)
	}
	change.same = was != nil && change.Found && bytes.Equal(change.after, was)
	if change.Found && !isLink(change.Path) && c.isAsMade(change.after) && (was == nil || c.hasOursAlone(was)) {
		change.gone, change.after = true, nil
		change.same = was != nil
	}
	return change, nil
}

// isAsMade reports whether a text is to the byte what is left of one that install wrote
// where there was nothing, after its entry was taken out.
func (c Client) isAsMade(text []byte) bool {
	made, err := c.with(nil, Server{Name: "flexie", Command: "flexie-mcp"})
	return err == nil && bytes.Equal(text, c.withoutOurs(made))
}

// hasOursAlone reports whether there is nothing but entries of ours in a text that
// install began.
func (c Client) hasOursAlone(text []byte) bool {
	rest := c.withoutOurs(text)
	return !bytes.Equal(rest, text) && c.isAsMade(rest)
}

// withoutOurs is a text less all entries that start this program, as far as they can be
// taken out.
func (c Client) withoutOurs(text []byte) []byte {
	_, body := cutMark(text)
	document, err := editors[c.Format].decode(body)
	if err != nil {
		return text
	}
	at := c.wayTo(document, "")
	servers, _, _ := lookUp(document, at[:len(at)-1])
	for name := range servers {
		if less, _, err := c.without(text, name, nil); err == nil {
			text = less
		}
	}
	return text
}

func (w Where) open(c Client, file string) (change Change, err error) {
	change = Change{Client: c, Path: file}
	if file == "" {
		if change.Path, err = w.File(c); err != nil {
			return change, err
		}
	}
	change.file, err = look(change.Path)
	return change, err
}

// kept is what the backup has; nil if there is none that can be read.
func (c Change) kept() []byte {
	if !exists(c.Backup()) {
		return nil
	}
	backup, err := read(c.Backup())
	if err != nil {
		return nil
	}
	return append([]byte{}, backup.text...)
}

// has reports whether a text has an entry of that name.
func (c Client) has(text []byte, name string) bool {
	_, body := cutMark(text)
	document, err := editors[c.Format].decode(body)
	if err != nil {
		return false
	}
	_, found, err := lookUp(document, c.wayTo(document, name))
	return err == nil && found
}

// starts is the program that the entry of that name starts, "" if there is none.
func (c Client) starts(text []byte, name string) string {
	_, body := cutMark(text)
	document, err := editors[c.Format].decode(body)
	if err != nil {
		return ""
	}
	entry, _, _ := lookUp(document, c.wayTo(document, name))
	switch command := entry["command"].(type) {
	case string:
		return command
	case []any: // with its arguments
		if len(command) > 0 {
			program, _ := command[0].(string)
			return program
		}
	}
	return ""
}

// Backup is the path of the copy beside the file: how that was before this server was
// put in.
func (c Change) Backup() string { return c.file.path + BackupEnd }

// BacksUp reports whether Apply makes that copy.
func (c Change) BacksUp() bool { return c.backup != nil }

// Removes reports whether Apply removes the file, which install made and which has
// nothing else.
func (c Change) Removes() bool { return c.gone }

// Changes reports whether there is anything to do.
func (c Change) Changes() bool { return !bytes.Equal(c.file.text, c.after) }

// Apply makes the copy, and then changes the file. Where it fails, the file is what
// it was.
func (c Change) Apply() error {
	if !c.Changes() {
		return nil
	}
	if c.backup != nil && c.file.info.Mode().Perm()&0o200 != 0 {
		if err := replace(c.Backup(), c.backup, c.file.info); err != nil {
			return err
		}
	}
	finish := func() error { return c.file.write(c.after) }
	if c.gone {
		finish = c.file.remove
	}
	if err := finish(); err != nil {
		return err
	}
	if c.same {
		return files.Remove(c.Backup())
	}
	return nil
}

// Diff is the change as a unified diff, without what looks like a secret: that of
// other servers may stand around it.
func (c Change) Diff() string {
	if !c.Changes() {
		return ""
	}
	return hideSecrets(udiff.Unified(c.Path, c.Path, string(c.file.text), string(c.after)))
}

// secretLine is an assignment to a name that secrets have; its second part is hidden.
var secretLine = regexp.MustCompile(`(?i)((?:key|token|secret|passw[a-z]*|authorization|credentials?|bearer)[\w.-]*["']?\s*[:=,]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|(?:(?:Bearer|Basic)\s+)?[^\s,}\]"'{\[][^\s,}\]]*)`)

// reference is a value that names a variable, which is no secret.
var reference = regexp.MustCompile(`^["']?(\$\{?[\w:]+\}?|\{env:\w+\})["']?$`)

func hideSecrets(text string) string {
	return secretLine.ReplaceAllStringFunc(text, func(found string) string {
		parts := secretLine.FindStringSubmatch(found)
		if reference.MatchString(parts[2]) || strings.HasPrefix(strings.ToUpper(parts[1]), "KEY_FILE") {
			return found
		}
		return parts[1] + `"…"`
	})
}

// Snippet is what to paste into a client's file by hand: a whole one, with nothing
// else in it.
func (c Client) Snippet(s Server) (string, error) {
	text, err := c.with(nil, s)
	return string(text), err
}

// Found is what is known of a client on this machine.
type Found struct {
	Client Client
	Here   bool   // it seems to be installed
	Path   string // of its file; "" if that can't be known
	Has    bool   // the entry is in it
	Starts string // the program that the entry starts; "" if that can't be known
	Err    error  // why that can't be told
}

// List looks for every client, and for the entry of that name.
func (w Where) List(name string) (list []Found) {
	for _, c := range Clients {
		f := Found{Client: c, Here: w.IsHere(c)}
		change, err := w.Uninstall(c, "", name)
		f.Path, f.Has, f.Err = change.Path, change.Found, err
		f.Starts = c.starts(change.file.text, name)
		if errors.Is(err, errNoFile) {
			f.Err = nil
		}
		list = append(list, f)
	}
	return list
}

// Program is the path under which this program is to be started: the one it was
// started by, where that leads to the same file, since package managers keep such a
// link in place when they bring a newer version. found is os.Executable's answer,
// called is os.Args[0], and lookPath finds a name on the PATH.
func Program(found, called string, lookPath func(string) (string, error)) (string, error) {
	if path, err := lookPath(called); err == nil {
		a, errA := os.Stat(path)
		b, errB := os.Stat(found)
		if errA == nil && errB == nil && os.SameFile(a, b) {
			found = path
		}
	}
	if absolute, err := filepath.Abs(found); err == nil {
		found = absolute
	}
	parts := strings.FieldsFunc(found, func(r rune) bool { return r == '/' || r == '\\' })
	switch {
	case slices.ContainsFunc(parts, func(part string) bool { return strings.HasPrefix(part, "go-build") }):
		return "", fmt.Errorf("%s was made by go run, and will be gone: build it with go install or go build, or name the program with --command", found)
	case slices.Contains(parts, "_npx"):
		return "", fmt.Errorf("%s is in npx's cache, which is emptied: npm install -g flexie-mcp first, or name the program with --command", found)
	}
	return found, nil
}
