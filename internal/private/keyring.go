package private

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// keyringTime is how long a keyring may take: it may ask the person to open it.
const keyringTime = time.Minute

// ErrNotInKeyring is the error of Get where there is no such entry.
var ErrNotInKeyring = keyring.ErrNotFound

// KeyringError is of a keyring that could not be used.
type KeyringError struct{ cause error }

func (e KeyringError) Error() string {
	return fmt.Sprintf("this system's keyring can't be used: %v", e.cause)
}

func (e KeyringError) Unwrap() error { return e.cause }

// Advice is what to do about it, as a command without its full stop, where instead is
// how to do without a keyring.
func (e KeyringError) Advice(instead string) string {
	if e.isThere() {
		return "unlock it, or " + instead
	}
	return "there seems to be none here, as over SSH or in cron: " + instead
}

// isThere reports whether something seems to have answered: macOS and Windows always
// have a keyring, and other systems where a session bus and a service are.
func (e KeyringError) isThere() bool {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" || errors.Is(e.cause, errSilent) {
		return true
	}
	text := strings.ToLower(e.cause.Error())
	return strings.Contains(text, "lock") || strings.Contains(text, "prompt") || strings.Contains(text, "dismissed")
}

var errSilent = errors.New("it does not answer")

// Put puts a secret into the keyring, and looks whether it is there.
func Put(ctx context.Context, service, user, secret string) error {
	_, err := withKeyring(ctx, func() (string, error) {
		if err := keyring.Set(service, user, secret); err != nil {
			return "", err
		}
		kept, err := keyring.Get(service, user)
		if err == nil && kept != secret {
			err = errors.New("what it was given is not in it")
		}
		return "", err
	})
	return err
}

// Get reads a secret. The error is a KeyringError, also where it is ErrNotInKeyring.
func Get(ctx context.Context, service, user string) (string, error) {
	return withKeyring(ctx, func() (string, error) { return keyring.Get(service, user) })
}

// Delete takes a secret out of the keyring, if it is there.
func Delete(ctx context.Context, service, user string) error {
	_, err := withKeyring(ctx, func() (string, error) { return "", keyring.Delete(service, user) })
	if errors.Is(err, ErrNotInKeyring) {
		return nil
	}
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
		if a.err != nil {
			return "", KeyringError{a.err}
		}
		return a.text, nil
	case <-ctx.Done():
		return "", KeyringError{errSilent}
	}
}
