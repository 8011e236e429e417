package oauth

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
)

// What others may not have of a file, and of the directory.
const (
	anything = fs.FileMode(0o077)
	writing  = fs.FileMode(0o022)
)

// chmod changes a mode, for tests that have it fail.
var chmod = os.Chmod

// private takes what is kept of a login from all others, and says so. Where that
// can't be done, it may not be used, as ssh does it with a key.
func (l *Logins) private(one Login) error {
	err := l.privateDirectory()
	for _, end := range []string{publicEnd, tokensEnd} {
		if err == nil {
			err = l.privateFile(l.path(one.Root, end))
		}
	}
	return err
}

func (l *Logins) privateDirectory() error {
	before, after := l.take(l.dir)
	switch {
	case after&writing != 0:
		return fmt.Errorf("others can change %s (mode %04o), so it is not used: have chmod 700 take that from them, or keep sign-ins elsewhere by FLEXIE_STATE_DIR", l.dir, after)
	case after != before:
		l.warn("others could look into %s (mode %04o), and now can't: it has mode %04o", l.dir, before, after)
	}
	return nil
}

func (l *Logins) privateFile(path string) error {
	before, after := l.take(path)
	switch {
	case after&anything != 0:
		return fmt.Errorf("others can read %s (mode %04o), so it is not used: have chmod 600 take that from them, or keep sign-ins elsewhere by FLEXIE_STATE_DIR", path, after)
	case after != before:
		l.warn("others could read %s (mode %04o), and now can't: it has mode %04o. If somebody may have, end the sign-in in Flexie and log in again", path, before, after)
	}
	return nil
}

// take has others lose what they may do with a file or directory, and gives its
// mode before and after; 0 where that can't be told, or is not in a mode.
func (l *Logins) take(path string) (before, after fs.FileMode) {
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

// Mode is the mode of the file with the tokens of a login, in octal; "" where there
// is none.
func (l *Logins) Mode(one Login) string {
	mode, err := modeOf(l.path(one.Root, tokensEnd))
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%04o", mode)
}

func (l *Logins) warn(format string, values ...any) {
	if l.Warn != nil {
		l.Warn(fmt.Sprintf(format, values...))
	}
}
