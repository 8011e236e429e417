// Package apikey keeps API keys of this machine's user, a workspace each, so that
// they stand in no file of another program: in the system's keyring, or else in a file
// that only the user can read. Beside each it writes down where it is and since when,
// so that a keyring is asked only for what is in it.
package apikey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flexie-mcp/internal/files"
	"flexie-mcp/internal/private"
)

// service is what our entries are under in a keyring; the user of each is the root of
// its workspace. It is another one than that of sign-ins.
const service = "flexie-mcp api key"

// Store are the keys in one state directory.
type Store struct {
	// Warn is told of what others could read, a sentence without its full stop; nil
	// tells nobody.
	Warn func(string)

	dir     string
	keyring bool
}

// Kept is what is known of a key without a look at it.
type Kept struct {
	Root      string    `json:"root"` // of the workspace's API
	InKeyring bool      `json:"in_keyring"`
	Since     time.Time `json:"since"`
	Aside     string    `json:"-"` // after Keep: where a damaged file is that it took the place of; "" if none was
	path      string
}

// Open gives the keys of a state directory, and makes nothing. Without keyring, those
// kept from now on go in files.
func Open(stateDir string, keyring bool) Store {
	if stateDir == "" {
		return Store{keyring: keyring}
	}
	return Store{dir: filepath.Join(stateDir, "keys"), keyring: keyring}
}

const (
	publicEnd = ".json"
	secretEnd = ".key"
)

// path is of what is kept of a workspace's key.
func (s Store) path(root, end string) string {
	sum := sha256.Sum256([]byte(root))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:8])+end)
}

// Keep keeps the key of a workspace, in place of the one that was kept. What says of
// that one where it is, and is damaged, is set aside.
func (s Store) Keep(ctx context.Context, root, key string) (Kept, error) {
	if s.dir == "" {
		return Kept{}, errors.New("there is no directory to keep a key in: set FLEXIE_STATE_DIR")
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return Kept{}, files.Cannot("write", s.dir, err)
	}
	if err := s.kind().Directory(s.dir); err != nil {
		return Kept{}, err
	}
	one := Kept{Root: root, Since: time.Now().UTC().Truncate(time.Second), path: s.path(root, secretEnd)}
	one.InKeyring = s.keyring && private.Put(ctx, service, root, key) == nil
	if !one.InKeyring {
		if err := s.write(one.path, []byte(key+"\n")); err != nil {
			return Kept{}, err
		}
	}
	var err error
	if one.Aside, err = s.setAside(root); err != nil {
		return Kept{}, err
	}
	public, err := json.MarshalIndent(one, "", "  ")
	if err != nil {
		return Kept{}, err
	}
	if err := s.write(s.path(root, publicEnd), append(public, '\n')); err != nil {
		return Kept{}, err
	}
	if one.InKeyring {
		return one, files.Remove(one.path)
	}
	return one, nil
}

// write puts a file there that only its owner can read, or nothing: there are disks on
// which everybody can.
func (s Store) write(path string, content []byte) error {
	if err := files.Replace(path, content, 0o600, nil); err != nil {
		return files.Cannot("write", path, err)
	}
	if err := s.kind().File(path); err != nil {
		return errors.Join(err, files.Remove(path))
	}
	return nil
}

// Find says where the key of a workspace is kept; for "", that of the only workspace
// that there is one of. The error is a *Damaged where that can't be read; a key that
// others can read is found, with why it may not be used.
func (s Store) Find(root string) (one Kept, found bool, err error) {
	if s.dir == "" {
		return one, false, nil
	}
	path := s.path(root, publicEnd)
	if root == "" {
		there, err := s.public()
		if err != nil || len(there) != 1 {
			return one, false, err
		}
		path = there[0]
	}
	one, err = s.read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Kept{}, false, nil
	case err != nil:
		return Kept{}, false, damagedAt(path, root, err)
	}
	return one, true, s.private(one)
}

// public are the files that say where a key is.
func (s Store) public() (paths []string, err error) {
	there, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, files.Cannot("read", s.dir, err)
	}
	for _, file := range there {
		if filepath.Ext(file.Name()) == publicEnd {
			paths = append(paths, filepath.Join(s.dir, file.Name()))
		}
	}
	return paths, nil
}

// read reads what says where a key is.
func (s Store) read(path string) (one Kept, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return one, files.Cannot("read", path, err)
	}
	if json.Unmarshal(text, &one) != nil || s.path(one.Root, publicEnd) != path {
		return Kept{}, fmt.Errorf("%s is damaged", path)
	}
	one.path = s.path(one.Root, secretEnd)
	return one, nil
}

// Key reads a key that is kept.
func (s Store) Key(ctx context.Context, one Kept) (string, error) {
	if one.InKeyring {
		return fromKeyring(ctx, one.Root)
	}
	text, err := os.ReadFile(one.path)
	if err != nil {
		return "", files.Cannot("read", one.path, err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

func fromKeyring(ctx context.Context, root string) (string, error) {
	key, err := private.Get(ctx, service, root)
	var unopened private.KeyringError
	switch {
	case errors.Is(err, private.ErrNotInKeyring):
		return "", fmt.Errorf("the API key that was kept in this system's keyring is not in it any more: set FLEXIE_API_KEY, and have flexie-mcp install keep it again")
	case errors.As(err, &unopened):
		return "", fmt.Errorf("the API key that is kept in this system's keyring can't be read: %w; %s", unopened.Unwrap(), unopened.Advice("set FLEXIE_API_KEY; install with FLEXIE_KEYRING=0 keeps it in a file"))
	}
	return key, err
}

// Where says in words where a key is.
func (one Kept) Where() string {
	if one.InKeyring {
		return "this system's keyring"
	}
	return one.path + ", which only you can read"
}

// Forget removes a key.
func (s Store) Forget(ctx context.Context, one Kept) error {
	if one.InKeyring {
		if err := private.Delete(ctx, service, one.Root); err != nil {
			return fmt.Errorf("the API key can't be taken out of this system's keyring: %w", err)
		}
	}
	path := s.path(one.Root, publicEnd)
	return errors.Join(files.Remove(s.path(one.Root, secretEnd)), files.Remove(path+asideEnd), files.Remove(path))
}

// kind is what is said of what others could read.
func (s Store) kind() private.Kind {
	return private.Kind{Name: "keys", Undo: "make the key anew in Flexie", Warn: s.Warn}
}

// private takes a key that is kept from all others, and says so.
func (s Store) private(one Kept) error {
	err := s.kind().Directory(s.dir)
	for _, end := range []string{publicEnd, secretEnd} {
		if err == nil {
			err = s.kind().File(s.path(one.Root, end))
		}
	}
	return err
}
