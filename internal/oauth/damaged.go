package oauth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"flexie-mcp/internal/files"
)

// Damaged is the error of a login of which cannot be read whose it is. It concerns
// no other.
type Damaged struct {
	File string
	Root string // of its workspace, by the file's name; "" if that does not tell
	why  error
}

func (d *Damaged) Error() string {
	if d.Root == "" {
		return fmt.Sprintf("%v: remove that file, or have flexie-mcp logout --all do it", d.why)
	}
	login := Login{Root: d.Root}.Command()
	logout := strings.Replace(login, " login ", " logout ", 1)
	return fmt.Sprintf("%v: %s signs in again and sets it aside; %s removes it", d.why, login, logout)
}

func (d *Damaged) Unwrap() error { return d.why }

// read reads the file that says whose a login is.
func (l *Logins) read(file string) (one Login, err error) {
	err = readJSON(file, &one)
	if err == nil && l.path(one.Root, publicEnd) != file {
		err = fmt.Errorf("%s is damaged", file)
	}
	return one, err
}

func damagedAt(file string, why error) *Damaged {
	return &Damaged{File: file, Root: rootOf(strings.TrimSuffix(filepath.Base(file), publicEnd)), why: why}
}

// rootOf is the workspace whose files begin with that name; "" if it is none that
// can be told.
func rootOf(begin string) string {
	end := strings.LastIndexByte(begin, '-')
	if end < 0 {
		return ""
	}
	host := begin[:end]
	if at := strings.LastIndexByte(host, '_'); at >= 0 {
		host = host[:at] + ":" + host[at+1:]
	}
	for _, root := range []string{"https://" + host + "/api", "http://" + host + "/api"} {
		if name(root) == begin {
			return root
		}
	}
	return ""
}

// asideEnd is what the name of a file ends in that was set aside.
const asideEnd = ".damaged"

// setAside moves the file of a damaged login out of the way, and says where to. Any
// other error stays.
func setAside(err error) (string, error) {
	var d *Damaged
	if !errors.As(err, &d) {
		return "", err
	}
	to := d.File + asideEnd
	if err := os.Rename(d.File, to); err != nil {
		return "", fmt.Errorf("cannot set %s aside: %w", d.File, files.Plain(err))
	}
	return to, nil
}

// ForgetDamaged removes a damaged login with its tokens, as Forget does a sound one.
func (l *Logins) ForgetDamaged(ctx context.Context, d *Damaged) error {
	if d.Root == "" {
		return files.Remove(d.File)
	}
	if l.keyring {
		_ = deleteFromKeyring(ctx, d.Root) // whether it has any is not known
	}
	return l.Forget(ctx, Login{Root: d.Root, Kept: InFile})
}
