package clients

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Where is the machine and the user whose clients are meant.
type Where struct {
	OS      string   // as runtime.GOOS has it
	Environ []string // as os.Environ has it
	Dir     string   // the working directory
}

// errNoFile says that a client's file can't be known.
var errNoFile = errors.New("it is not known where its file is: say so with --file")

// File is the path of a client's file, whether it exists or not. Of its places, the
// first counts that names no variable which is not set; one with a * in it only where
// such a directory exists, and one with ? at its end only where the file does.
func (w Where) File(c Client) (string, error) {
	places, ok := c.Files[w.OS]
	if !ok {
		places = c.Files[all]
	}
	for _, place := range places {
		place, ifThere := strings.CutSuffix(place, "?")
		path := w.expand(place)
		if path == "" {
			continue
		}
		if strings.Contains(path, "*") {
			if path = existing(path); path == "" {
				continue
			}
		}
		if ifThere && !exists(path) {
			continue
		}
		return path, nil
	}
	return "", fmt.Errorf("%s: %w", c.Title, errNoFile)
}

// IsHere reports whether a client seems to be installed.
func (w Where) IsHere(c Client) bool {
	path, err := w.File(c)
	if err != nil {
		return false
	}
	if exists(path) {
		return true
	}
	if len(c.Signs) == 0 {
		return exists(filepath.Dir(path))
	}
	return slices.ContainsFunc(c.Signs, func(sign string) bool {
		path := w.expand(sign)
		return path != "" && exists(path)
	})
}

// expand puts in the variable that a place begins with; "" if it is not set.
func (w Where) expand(place string) string {
	if rest, ok := strings.CutPrefix(place, "./"); ok {
		return filepath.Join(w.Dir, filepath.FromSlash(rest))
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(place, "$"), "/")
	base := w.variable(name)
	if base == "" || strings.Contains(base, "://") {
		return ""
	}
	if !filepath.IsAbs(base) {
		base = filepath.Join(w.Dir, base)
	}
	return filepath.Join(base, filepath.FromSlash(rest))
}

// variable is an environment variable, or what stands for it where it is not set.
func (w Where) variable(name string) (value string) {
	for _, v := range w.Environ {
		if rest, ok := strings.CutPrefix(v, name+"="); ok {
			value = rest
		}
	}
	switch {
	case name == "HOME" && w.OS == "windows":
		return w.variable("USERPROFILE")
	case name == "XDG_CONFIG_HOME" && !filepath.IsAbs(value):
		if home := w.variable("HOME"); home != "" {
			return filepath.Join(home, ".config")
		}
		return ""
	}
	return value
}

// existing is the path that a pattern means: of the directories that fit, the first
// that has the file, else the first; "" if none fits.
func existing(pattern string) string {
	dirs, err := filepath.Glob(filepath.Dir(pattern))
	if err != nil || len(dirs) == 0 {
		return ""
	}
	for _, dir := range dirs {
		if path := filepath.Join(dir, filepath.Base(pattern)); exists(path) {
			return path
		}
	}
	return filepath.Join(dirs[0], filepath.Base(pattern))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
