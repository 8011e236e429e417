package auth

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
)

// How long another command that writes the same file is waited for.
const (
	lockTime  = 5 * time.Second
	lockRetry = 20 * time.Millisecond
)

// AddToken issues a token, and makes the file if there is none. It fills in ID,
// Hash and Created. The text of the token is given back, and kept nowhere.
func AddToken(path string, t Token, now time.Time) (Token, string, error) {
	text := newToken()
	t.Hash, t.Created = writeHash(hashOf(text)), now.UTC().Truncate(time.Second)
	err := changeTokens(path, true, func(tokens []Token) ([]Token, error) {
		named := func(other Token) bool { return other.Name == t.Name || other.ID == t.Name }
		if slices.ContainsFunc(tokens, named) {
			return nil, fmt.Errorf("there is a token %q already: revoke it first, or choose another name", t.Name)
		}
		t.ID = newID(tokens)
		return append(tokens, t), nil
	})
	return t, text, err
}

// newID is one that no token has, nor has for a name.
func newID(tokens []Token) string {
	for {
		random := make([]byte, 4)
		rand.Read(random)
		id := hex.EncodeToString(random)
		if !slices.ContainsFunc(tokens, func(t Token) bool { return t.ID == id || t.Name == id }) {
			return id
		}
	}
}

// RevokeToken takes a token out of the file, by its name or id, and gives it back.
func RevokeToken(path, word string) (Token, error) {
	var gone Token
	err := changeTokens(path, false, func(tokens []Token) ([]Token, error) {
		at := slices.IndexFunc(tokens, func(t Token) bool { return t.Name == word || t.ID == word })
		if at < 0 {
			return nil, fmt.Errorf("there is no token with the name or id %q in %s: flexie-mcp token list has them", short(word), path)
		}
		gone = tokens[at]
		return slices.Delete(tokens, at, at+1), nil
	})
	return gone, err
}

// changeTokens reads the file, and writes it with the tokens that change gives.
// One command at a time does: two at once would lose what one of them wrote.
func changeTokens(path string, create bool, change func([]Token) ([]Token, error)) error {
	file, err := behindLinks(path)
	if err != nil {
		return err
	}
	if create {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return fmt.Errorf("the directory of %s can't be made: %w", path, err)
		}
	}
	unlock, err := lockFile(file)
	if err != nil {
		return fmt.Errorf("%s can't be written: %w", path, err)
	}
	defer unlock()
	tokens, err := ReadTokens(file)
	if err != nil && !(create && errors.Is(err, fs.ErrNotExist)) {
		return err
	}
	if tokens, err = change(tokens); err != nil {
		return err
	}
	content, err := encodeTokens(tokens)
	if err != nil {
		return err
	}
	if len(content) > maxTokens {
		return fmt.Errorf("%s would become too large to be read: revoke tokens that nobody uses", path)
	}
	if err := replace(file, content); err != nil {
		return fmt.Errorf("%s can't be written, and is as it was: %w", path, err)
	}
	return nil
}

// behindLinks is the file that a path leads to: what is replaced must be that,
// and not the link to it.
func behindLinks(path string) (string, error) {
	file, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return "", fmt.Errorf("%s is a link to a file that does not exist: make that, or remove the link", path)
	}
	return path, nil
}

// lockFile keeps others from writing. The lock is a file of its own, since the
// one it is about is replaced; it ends with the process, however that ends.
func lockFile(path string) (unlock func(), err error) {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockTime)
	defer cancel()
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	if ok, err := lock.TryLockContext(ctx, lockRetry); errors.Is(err, context.DeadlineExceeded) || err == nil && !ok {
		return nil, errors.New("another command is writing it: try again")
	} else if err != nil {
		return nil, err
	}
	return func() { _ = lock.Close() }, nil
}

// replace puts a file in the place of another, whole or not at all. It keeps who
// may read it: the server may run as another user than whoever issues tokens.
func replace(path string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // only its owner can read it
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if before, err := os.Stat(path); err == nil {
		keepOwner(temp, before)
		if err := temp.Chmod(before.Mode().Perm()); err != nil {
			return errors.Join(err, temp.Close())
		}
	}
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
