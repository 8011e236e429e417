package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"
)

// service is what our entries are under in a keyring; the user of each is the
// root of its workspace.
const service = "flexie-mcp"

// mostInKeyring is the most that is put into one entry, in bytes: Windows takes
// 2,560, and macOS about 2,900.
const mostInKeyring = 2400

// keyringTime is how long a keyring may take: it may ask the person to open it.
const keyringTime = time.Minute

// keyringError is of a keyring that could not be used.
type keyringError struct{ cause error }

func (e keyringError) Error() string {
	return fmt.Sprintf("this system's keyring can't be used: %v", e.cause)
}

func (e keyringError) Unwrap() error { return e.cause }

// keepInKeyring keeps tokens, and looks whether they are there.
func keepInKeyring(ctx context.Context, root string, g Grant) error {
	text, err := json.Marshal(g)
	if err != nil {
		return err
	}
	if len(text) > mostInKeyring {
		return keyringError{keyring.ErrSetDataTooBig}
	}
	_, err = withKeyring(ctx, func() (string, error) {
		if err := keyring.Set(service, root, string(text)); err != nil {
			return "", err
		}
		kept, err := keyring.Get(service, root)
		if err == nil && kept != string(text) {
			err = errors.New("what it was given is not in it")
		}
		return "", err
	})
	return err
}

func readFromKeyring(ctx context.Context, root string) (g Grant, err error) {
	text, err := withKeyring(ctx, func() (string, error) { return keyring.Get(service, root) })
	if errors.Is(err, keyring.ErrNotFound) {
		return g, errNoTokens
	}
	if err != nil {
		return g, err
	}
	if json.Unmarshal([]byte(text), &g) != nil {
		return g, errors.New("what the keyring has of the sign-in is damaged")
	}
	return g, nil
}

func deleteFromKeyring(ctx context.Context, root string) error {
	_, err := withKeyring(ctx, func() (string, error) { return "", keyring.Delete(service, root) })
	if errors.Is(err, keyring.ErrNotFound) {
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
			return "", keyringError{a.err}
		}
		return a.text, nil
	case <-ctx.Done():
		return "", keyringError{errors.New("it does not answer")}
	}
}
