package oauth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"flexie-mcp/internal/files"
)

// Logins are the sign-ins of this machine's user, one a workspace, in a directory
// of the state directory: of each a file that says whose it is, a lock, and the
// tokens if no keyring has them.
type Logins struct {
	// Warn is told of what others could read, a sentence without its full stop; nil
	// tells nobody.
	Warn func(string)

	dir     string
	keyring bool
}

// OpenLogins gives those in a state directory. It makes nothing yet. Without
// keyring, what is kept from now on goes in files.
func OpenLogins(stateDir string, keyring bool) *Logins {
	l := &Logins{keyring: keyring}
	if stateDir != "" {
		l.dir = filepath.Join(stateDir, "logins")
	}
	return l
}

const (
	publicEnd   = ".login.json"
	tokensEnd   = ".tokens.json"
	renewingEnd = ".renewing.json"
	lockEnd     = ".lock"
	defaultFile = "default"
)

// name is what the files of a workspace's login begin with.
func name(root string) string {
	host := "workspace"
	if u, err := url.Parse(root); err == nil {
		host = strings.NewReplacer(":", "_", "[", "", "]", "").Replace(u.Host)
	}
	sum := sha256.Sum256([]byte(root))
	return host + "-" + hex.EncodeToString(sum[:4])
}

func (l *Logins) path(root, end string) string { return filepath.Join(l.dir, name(root)+end) }

// All are the logins there are, the default first and the others by workspace, and
// those that can't be read.
func (l *Logins) All() (all []Login, damaged []*Damaged, err error) {
	found, err := l.publicFiles()
	if err != nil {
		return nil, nil, err
	}
	byDefault := l.defaultRoot()
	for _, file := range found {
		one, err := l.read(file)
		if err != nil {
			damaged = append(damaged, damagedAt(file, err))
			continue
		}
		one.Default = one.Root == byDefault
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Login) int { return cmp.Compare(a.Root, b.Root) })
	known := slices.ContainsFunc(all, func(one Login) bool { return one.Default }) ||
		slices.ContainsFunc(damaged, func(d *Damaged) bool { return d.File == l.path(byDefault, publicEnd) })
	if !known && len(all) > 0 {
		all[0].Default = true
	}
	slices.SortStableFunc(all, func(a, b Login) int { return -compareBool(a.Default, b.Default) })
	return all, damaged, nil
}

// publicFiles are those that say whose a login is.
func (l *Logins) publicFiles() (found []string, err error) {
	there, err := os.ReadDir(l.dir)
	if l.dir == "" || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, files.Cannot("read", l.dir, err)
	}
	for _, one := range there {
		if strings.HasSuffix(one.Name(), publicEnd) {
			found = append(found, filepath.Join(l.dir, one.Name()))
		}
	}
	return found, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// Find is the login at a workspace; for "" the default one. The error is a *Damaged
// where it can't be read; one that others can read is found, with why it may not be
// used.
func (l *Logins) Find(root string) (one Login, found bool, err error) {
	all, damaged, err := l.All()
	for _, one := range all {
		if one.Root == root || root == "" && one.Default {
			return one, true, l.private(one)
		}
	}
	if root == "" && len(all) > 0 {
		root = l.defaultRoot() // which is one of the damaged
	}
	for _, d := range damaged {
		if root == "" || d.File == l.path(root, publicEnd) {
			return Login{}, false, d
		}
	}
	return Login{}, false, err
}

func (l *Logins) defaultRoot() string {
	text, _ := os.ReadFile(filepath.Join(l.dir, defaultFile))
	return strings.TrimSpace(string(text))
}

// MakeDefault makes the login at a workspace the one of whoever names none.
func (l *Logins) MakeDefault(root string) error {
	return writeFile(filepath.Join(l.dir, defaultFile), []byte(root+"\n"))
}

// Ready finds out, before anybody is asked to sign in, whether what that gives
// could be kept: the directory can be written, by nobody else, and has room.
func (l *Logins) Ready() error { return l.ready(2 * room) }

// ready writes so many bytes, and removes them again.
func (l *Logins) ready(bytes int) error {
	if l.dir == "" {
		return errors.New("there is no directory to keep a sign-in in: set FLEXIE_STATE_DIR")
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return cannotWrite(l.dir, err)
	}
	if err := l.kind().Directory(l.dir); err != nil {
		return err
	}
	probe := filepath.Join(l.dir, "probe")
	if err := writeFile(probe, make([]byte, bytes)); err != nil {
		return err
	}
	return errors.Join(l.kind().File(probe), os.Remove(probe))
}

// Keep keeps a new login with its tokens, in place of the one that was there. It
// fills in where they are and the Badge. The first login is the default.
func (l *Logins) Keep(ctx context.Context, one Login, g Grant) (Login, error) {
	if err := l.ready(0); err != nil { // without the room, which it is about to take
		return Login{}, err
	}
	unlock, err := l.lock(ctx, one.Root)
	if err != nil {
		return Login{}, err
	}
	defer unlock()
	if err := l.succeed(ctx, &one, g); err != nil {
		return Login{}, err
	}
	if err := l.unmark(one.Root); err != nil {
		return Login{}, err
	}
	one.Default = l.defaultRoot() == one.Root
	if all, damaged, _ := l.All(); len(all) == 1 && len(damaged) == 0 {
		one.Default = true
		err = l.MakeDefault(one.Root)
	}
	return one, err
}

// succeed puts a login in the place of the one before: of the same user it keeps the
// Badge, and of one that is damaged the file. A user who is not known is nobody's
// successor, and gets a new one: what was done with the old one may be somebody else's.
func (l *Logins) succeed(ctx context.Context, one *Login, g Grant) error {
	before, had, err := l.Find(one.Root)
	if !had {
		if one.Aside, err = setAside(err); err != nil {
			return err
		}
	}
	one.Badge = rand.Text() + rand.Text()
	if had && one.UserID != "" && before.UserID == one.UserID && before.Badge != "" {
		one.Badge = before.Badge
	}
	one.Kept = InFile
	if l.keyring {
		one.Kept = InKeyring
	}
	if *one, err = l.keepTokens(ctx, *one, g); err != nil {
		return err
	}
	if one.Kept == InFile && (had && before.Kept == InKeyring || one.Aside != "" && l.keyring) {
		_ = deleteFromKeyring(ctx, one.Root)
	}
	return nil
}

// keepTokens puts the tokens where the login has them, and then writes down where
// that is: what a keyring can't take goes in a file.
func (l *Logins) keepTokens(ctx context.Context, one Login, g Grant) (Login, error) {
	if one.Kept == InKeyring && keepInKeyring(ctx, one.Root, g) != nil {
		one.Kept = InFile
	}
	if one.Kept == InFile {
		g.About = "Tokens of flexie-mcp login, readable as they are: this system's keyring does not have them. Whoever reads this file can act as you in Flexie. flexie-mcp logout removes it."
		if err := writeJSON(l.path(one.Root, tokensEnd), g); err != nil {
			return one, err
		}
	}
	if err := writeJSON(l.path(one.Root, publicEnd), one); err != nil {
		return one, err
	}
	if one.Kept == InKeyring {
		if err := files.Remove(l.path(one.Root, tokensEnd)); err != nil {
			return one, err
		}
	}
	return one, nil
}

// Tokens reads the tokens of a login.
func (l *Logins) Tokens(ctx context.Context, one Login) (Grant, error) {
	if one.Kept == InKeyring {
		return readFromKeyring(ctx, one.Root)
	}
	var g Grant
	err := readJSON(l.path(one.Root, tokensEnd), &g)
	if errors.Is(err, fs.ErrNotExist) {
		return g, errNoTokens
	}
	return g, err
}

// errNoTokens says that there is a login and its tokens are gone.
var errNoTokens = errors.New("the tokens of the sign-in are not where they were kept")

// Forget removes the login at a workspace with its tokens. Another one becomes
// the default if it was that. Flexie is not told. Assumption: oauth-logout.
func (l *Logins) Forget(ctx context.Context, one Login) error {
	unlock, err := l.lock(ctx, one.Root)
	if err != nil {
		return err
	}
	defer unlock()
	var left error
	if one.Kept == InKeyring {
		if err := deleteFromKeyring(ctx, one.Root); err != nil {
			left = fmt.Errorf("%w; the tokens stay in it, under flexie-mcp", err)
		}
	}
	for _, end := range []string{tokensEnd, renewingEnd, publicEnd + asideEnd, publicEnd} {
		if err := files.Remove(l.path(one.Root, end)); err != nil {
			return err
		}
	}
	if l.defaultRoot() == one.Root {
		return errors.Join(left, files.Remove(filepath.Join(l.dir, defaultFile)))
	}
	return left
}

// lockRetry is how often it is looked whether another process is done.
const lockRetry = 20 * time.Millisecond

// lock keeps other processes, and other goroutines, from the tokens of a
// workspace. It ends with the process, however that ends.
func (l *Logins) lock(ctx context.Context, root string) (unlock func(), err error) {
	lock := flock.New(l.path(root, lockEnd), flock.SetPermissions(0o600))
	ok, err := lock.TryLockContext(ctx, lockRetry)
	if err == nil && ok {
		return func() { _ = lock.Unlock() }, nil
	}
	if ctx.Err() != nil {
		return nil, errors.New("another process of this program has been at the sign-in for too long; try again")
	}
	return nil, cannotWrite(l.path(root, lockEnd), err)
}

// readJSON reads a file of ours. Its errors hold nothing of what is in it.
func readJSON(path string, to any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return files.Cannot("read", path, err)
	}
	if json.Unmarshal(text, to) != nil {
		return fmt.Errorf("%s is damaged", path)
	}
	return nil
}

func writeJSON(path string, what any) error {
	text, err := json.MarshalIndent(what, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(text, '\n'))
}
