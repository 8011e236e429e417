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
	"time"

	"github.com/zalando/go-keyring"
)

// service is what our entries are under in a keyring; the user of each is the root of
// its workspace. It is another one than that of sign-ins.
const service = "flexie-mcp api key"

// keyringTime is how long a keyring may take: it may ask the person to open it.
const keyringTime = time.Minute

// Store are the keys in one state directory.
type Store struct {
	dir     string
	keyring bool
}

// Kept is what is known of a key without a look at it.
type Kept struct {
	Root      string    `json:"root"` // of the workspace's API
	InKeyring bool      `json:"in_keyring"`
	Since     time.Time `json:"since"`
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

// Keep keeps the key of a workspace, in place of the one that was kept.
func (s Store) Keep(ctx context.Context, root, key string) (Kept, error) {
	if s.dir == "" {
		return Kept{}, errors.New("there is no directory to keep a key in: set FLEXIE_STATE_DIR")
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return Kept{}, cannot("write", s.dir, err)
	}
	one := Kept{Root: root, Since: time.Now().UTC().Truncate(time.Second), path: s.path(root, secretEnd)}
	one.InKeyring = s.keyring && putInKeyring(ctx, root, key) == nil
	if !one.InKeyring {
		if err := write(one.path, []byte(key+"\n")); err != nil {
			return Kept{}, err
		}
	}
	public, err := json.MarshalIndent(one, "", "  ")
	if err != nil {
		return Kept{}, err
	}
	if err := write(s.path(root, publicEnd), append(public, '\n')); err != nil {
		return Kept{}, err
	}
	if one.InKeyring {
		return one, remove(one.path)
	}
	return one, nil
}

// Find says where the key of a workspace is kept; for "", that of the only workspace
// that there is one of.
func (s Store) Find(root string) (one Kept, found bool, err error) {
	all, err := s.All()
	if root == "" && len(all) == 1 {
		return all[0], true, err
	}
	for _, one := range all {
		if root != "" && one.Root == root {
			return one, true, nil
		}
	}
	return Kept{}, false, err
}

// All are those that are kept.
func (s Store) All() (all []Kept, err error) {
	if s.dir == "" {
		return nil, nil
	}
	files, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, cannot("read", s.dir, err)
	}
	for _, file := range files {
		if filepath.Ext(file.Name()) != publicEnd {
			continue
		}
		path := filepath.Join(s.dir, file.Name())
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, cannot("read", path, err)
		}
		var one Kept
		if json.Unmarshal(text, &one) != nil || one.Root == "" {
			return nil, fmt.Errorf("%s is damaged: remove the file, and set the API key again", path)
		}
		one.path = s.path(one.Root, secretEnd)
		all = append(all, one)
	}
	return all, nil
}

// Key reads a key that is kept.
func (s Store) Key(ctx context.Context, one Kept) (string, error) {
	if one.InKeyring {
		key, err := withKeyring(ctx, func() (string, error) { return keyring.Get(service, one.Root) })
		if err != nil {
			return "", fmt.Errorf("the API key that is kept in this system's keyring can't be read: %w; unlock it, or set FLEXIE_API_KEY", err)
		}
		return key, nil
	}
	text, err := os.ReadFile(one.path)
	if err != nil {
		return "", cannot("read", one.path, err)
	}
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	return string(text), nil
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
		_, err := withKeyring(ctx, func() (string, error) { return "", keyring.Delete(service, one.Root) })
		if err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return fmt.Errorf("the API key can't be taken out of this system's keyring: %w", err)
		}
	}
	return errors.Join(remove(s.path(one.Root, secretEnd)), remove(s.path(one.Root, publicEnd)))
}

// putInKeyring keeps a key, and looks whether it is there.
func putInKeyring(ctx context.Context, root, key string) error {
	_, err := withKeyring(ctx, func() (string, error) {
		if err := keyring.Set(service, root, key); err != nil {
			return "", err
		}
		kept, err := keyring.Get(service, root)
		if err == nil && kept != key {
			err = errors.New("what it was given is not in it")
		}
		return "", err
	})
	return err
}

// withKeyring waits for a keyring, which knows no end of its own.
func withKeyring(ctx context.Context, do func() (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, keyringTime)
	defer cancel()
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := do()
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		return a.text, a.err
	case <-ctx.Done():
		return "", errors.New("it does not answer")
	}
}

// write puts a file that only its owner can read in the place of what was there:
// whole, or not at all.
func write(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // of mode 0600
	if err != nil {
		return cannot("write", path, err)
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return cannot("write", path, err)
	}
	return nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cannot("remove", path, err)
	}
	return nil
}

// cannot says what could not be done, without the name of the system call.
func cannot(do, path string, err error) error {
	if of := new(fs.PathError); errors.As(err, &of) {
		err = of.Err
	}
	return fmt.Errorf("cannot %s %s: %w", do, path, err)
}
