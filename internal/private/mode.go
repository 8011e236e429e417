// Package private keeps from others what only this machine's user may have: files, by
// their modes, and what is in the system's keyring.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
)

// What others may not have of a file, and of a directory.
const (
	anything = fs.FileMode(0o077)
	writing  = fs.FileMode(0o022)
)

// chmod changes a mode, for tests that have it fail.
var chmod = os.Chmod

// Kind is a kind of secrets, for what is said of them.
type Kind struct {
	Name string // of more than one, like "sign-ins"
	Undo string // what to do if somebody may have read one, as a command without its full stop

	// Warn is told of what others could read, a sentence without its full stop; nil
	// tells nobody.
	Warn func(string)
}

// Directory takes a directory from all others, and says so. The error is of one that
// others can change still: what is in it may not be used, as ssh does it with keys.
func (k Kind) Directory(path string) error {
	before, after := take(path)
	switch {
	case after&writing != 0:
		return fmt.Errorf("others can change %s (mode %04o), so it is not used: have chmod 700 take that from them, or keep %s elsewhere by FLEXIE_STATE_DIR", path, after, k.Name)
	case after != before:
		k.warn("others could look into %s (mode %04o), and now can't: it has mode %04o", path, before, after)
	}
	return nil
}

// File takes a file from all others, and says so. The error is of one that others can
// read still, and which may not be used. One that is not there is private.
func (k Kind) File(path string) error {
	before, after := take(path)
	switch {
	case after&anything != 0:
		return fmt.Errorf("others can read %s (mode %04o), so it is not used: have chmod 600 take that from them, or keep %s elsewhere by FLEXIE_STATE_DIR", path, after, k.Name)
	case after != before:
		k.warn("others could read %s (mode %04o), and now can't: it has mode %04o. If somebody may have, %s", path, before, after, k.Undo)
	}
	return nil
}

// take has others lose what they may do with a file or directory, and gives its
// mode before and after; 0 where that can't be told, or is not in a mode.
func take(path string) (before, after fs.FileMode) {
	before, err := modeOf(path)
	if err != nil || before&anything == 0 {
		return before, before
	}
	_ = chmod(path, before&^anything)
	after, _ = modeOf(path)
	return before, after
}

// modeOf is what the owner and others may do with a file. Windows has that in no
// mode: there, it is what the directory of the user gives to nobody else.
func modeOf(path string) (fs.FileMode, error) {
	if runtime.GOOS == "windows" {
		return 0, errors.ErrUnsupported
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Mode().Perm(), nil
}

// Mode is the mode of a file in octal; "" where there is none.
func Mode(path string) string {
	mode, err := modeOf(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%04o", mode)
}

func (k Kind) warn(format string, values ...any) {
	if k.Warn != nil {
		k.Warn(fmt.Sprintf(format, values...))
	}
}

// OnChmod has f change modes until end is called, for tests: there are disks on which
// no mode can be changed.
func OnChmod(f func(string, fs.FileMode) error) (end func()) {
	chmod = f
	return func() { chmod = os.Chmod }
}
