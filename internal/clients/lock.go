package clients

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"

	"flexie-mcp/internal/files"
)

// How long one change waits for another one of the same file.
const (
	lockWait  = 30 * time.Second
	lockRetry = 10 * time.Millisecond
)

// lock keeps other commands of this user from changing a file, until unlock. Nothing is
// left beside that file: what is locked is one of the temporary directory.
func lock(path string) (unlock func(), err error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("flexie-mcp-%d", os.Getuid()))
	if err := ownDirectory(dir); err != nil {
		return nil, fmt.Errorf("it can't be locked: %w; set TMPDIR to a directory of your own", files.Cannot("use", dir, err))
	}
	sum := sha256.Sum256([]byte(realPath(path)))
	l := flock.New(filepath.Join(dir, fmt.Sprintf("%x.lock", sum[:8])), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	switch _, err := l.TryLockContext(ctx, lockRetry); {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%s is being changed by another flexie-mcp for more than %s: end that, and try again", path, lockWait)
	case err != nil:
		return nil, files.Cannot("lock", l.Path(), err)
	}
	return func() { _ = l.Unlock() }, nil
}

// ownDirectory makes a directory in which nobody else can put a link in our way.
func ownDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir(), runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return errors.New("others can write there")
	}
	return nil
}

// realPath is a path without links, as far as it exists.
func realPath(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if found, err := filepath.EvalSymlinks(path); err == nil {
		return found
	}
	above := filepath.Dir(path)
	if above == path {
		return path
	}
	return filepath.Join(realPath(above), filepath.Base(path))
}
