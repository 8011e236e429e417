package clients

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

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

	name   string              // of the entry
	replan func(*Change) error // plans the same for what file has now
}

// Install plans to put a server into a client's file; file is another path than the
// usual one, or "".
func (w Where) Install(c Client, file string, s Server) (Change, error) {
	change, err := w.open(c, file)
	if err != nil {
		return change, err
	}
	change.name = s.Name
	change.replan = func(change *Change) error { return change.planInstall(s) }
	err = change.replan(&change)
	return change, err
}

// planInstall makes no copy that has an entry of ours, since that may have a key.
func (c *Change) planInstall(s Server) (err error) {
	if c.after, err = c.Client.with(c.file.text, s); err != nil {
		return fmt.Errorf("%s: %w", c.Path, err)
	}
	c.Found = c.Client.has(c.file.text, s.Name)
	if c.Changes() && c.file.exists && !c.Client.holdsOurs(c.file.text) {
		c.backup = append([]byte{}, c.file.text...)
	}
	return nil
}

// Uninstall plans to take the entry of that name out of a client's file.
func (w Where) Uninstall(c Client, file, name string) (Change, error) {
	change, err := w.open(c, file)
	if err != nil {
		return change, err
	}
	change.name = name
	change.replan = (*Change).planUninstall
	err = change.replan(&change)
	return change, err
}

func (c *Change) planUninstall() (err error) {
	c.after = c.file.text
	if !c.file.exists {
		return nil
	}
	was := c.kept()
	if c.after, c.Found, err = c.Client.without(c.file.text, c.name, was); err != nil {
		return fmt.Errorf("%s: %w", c.Path, err)
	}
	c.same = was != nil && c.Found && bytes.Equal(c.after, was)
	if c.Found && !isLink(c.Path) && was == nil && c.Client.isAsMade(c.after) {
		c.gone, c.after = true, nil
	}
	return nil
}

// isAsMade reports whether a text is to the byte what is left of one that install wrote
// where there was nothing, after its entry was taken out.
func (c Client) isAsMade(text []byte) bool {
	made, err := c.with(nil, Server{Name: "flexie", Command: "flexie-mcp"})
	return err == nil && bytes.Equal(text, c.withoutOurs(made))
}

// holdsOurs reports whether a text has any entry that starts this program.
func (c Client) holdsOurs(text []byte) bool {
	_, body := cutMark(text)
	document, err := editors[c.Format].decode(body)
	if err != nil {
		return false
	}
	for _, at := range [][]string{c.At, c.Newer} {
		servers, _, _ := lookUp(document, at)
		for _, value := range servers {
			if server, ok := value.(map[string]any); ok && at != nil && c.isOurs(server) {
				return true
			}
		}
	}
	return false
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
// it was. If it was changed since it was read, the same is done to what it is now.
func (c *Change) Apply() error {
	if !c.Changes() {
		return nil
	}
	unlock, err := lock(c.file.path)
	if err != nil {
		return err
	}
	defer unlock()
	if err := c.refresh(); err != nil || !c.Changes() {
		return err
	}
	if err := c.file.mayChange(); err != nil {
		return err
	}
	if c.backup != nil {
		if err := replace(c.Backup(), c.backup, c.file.info); err != nil {
			return err
		}
	}
	finish := func() error { return c.file.write(c.after) }
	if c.gone {
		finish = c.file.remove
	}
	if err := finish(); err != nil {
		if c.backup != nil {
			_ = files.Remove(c.Backup()) // it is the same as the file
		}
		return err
	}
	if c.same {
		return files.Remove(c.Backup())
	}
	return nil
}

// refresh plans again, if the file is not what it was.
func (c *Change) refresh() error {
	now, err := look(c.Path)
	if err != nil {
		return err
	}
	if now.path != c.file.path {
		return changedMeanwhile(c.Path)
	}
	if c.file.isAs(now) {
		return nil
	}
	again := Change{Client: c.Client, Path: c.Path, file: now, name: c.name, replan: c.replan}
	if err := again.replan(&again); err != nil {
		return err
	}
	*c = again
	return nil
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
