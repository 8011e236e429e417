package apikey

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"flexie-mcp/internal/files"
	"flexie-mcp/internal/private"
)

// Damaged is the error of a key of which cannot be read where it is. It concerns no
// other.
type Damaged struct {
	File string
	Root string // of its workspace; "" if that is not known
	why  error
}

func (d *Damaged) Error() string {
	return fmt.Sprintf("%v: flexie-mcp install with FLEXIE_API_KEY set keeps the key again; flexie-mcp uninstall --forget-key%s removes it", d.why, workspaceFlag(d.Root))
}

func (d *Damaged) Unwrap() error { return d.why }

func damagedAt(path, root string, why error) *Damaged { return &Damaged{path, root, why} }

// workspaceFlag names a workspace on a command line; "" names none.
func workspaceFlag(root string) string {
	if rest, ok := strings.CutPrefix(root, "https://"); ok {
		if subdomain, ok := strings.CutSuffix(rest, ".flexie.io/api"); ok {
			return " --subdomain " + subdomain
		}
	}
	if root == "" {
		return ""
	}
	return " --base-url " + root
}

// asideEnd is what the name of a file ends in that was set aside.
const asideEnd = ".damaged"

// setAside moves what is damaged of a workspace's key out of the way, and says where
// to; "" if nothing is.
func (s Store) setAside(root string) (string, error) {
	path := s.path(root, publicEnd)
	if _, err := s.read(path); err == nil || errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err := os.Rename(path, path+asideEnd); err != nil {
		return "", files.Cannot("set aside", path, err)
	}
	return path + asideEnd, nil
}

// ForgetDamaged removes a damaged key. From a keyring, it is taken if it is known of
// which workspace it is, and a keyring can be had.
func (s Store) ForgetDamaged(ctx context.Context, d *Damaged) error {
	if s.keyring && d.Root != "" {
		_ = private.Delete(ctx, service, d.Root) // whether it has any is not known
	}
	begin := strings.TrimSuffix(d.File, publicEnd)
	return errors.Join(files.Remove(begin+secretEnd), files.Remove(d.File+asideEnd), files.Remove(d.File))
}
