package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"flexie-mcp/internal/apikey"
	"flexie-mcp/internal/config"
)

// withKeptKey has a key that install or init kept take the place of one that is set,
// where there is neither that nor a login. kept says where it is; its Root is "" where
// none was needed or found.
func (a *app) withKeptKey(s config.Settings) (_ config.Settings, kept apikey.Kept, err error) {
	if s.Key() != "" || s.Sandbox {
		return s, kept, nil
	}
	if _, found, err := a.loginsOf(s).Find(s.Root()); found || err != nil {
		return s, kept, nil // what is wrong with a login is said by whoever uses it
	}
	keys := a.keysOf(s)
	kept, found, err := keys.Find(s.Root())
	if err != nil || !found {
		return s, kept, failed(err)
	}
	key, err := keys.Key(context.Background(), kept)
	if err != nil {
		return s, kept, failed(err)
	}
	return s.WithKey(kept.Root, key), kept, nil
}

// keysOf are the keys that are kept, as commands with these settings see them.
func (a *app) keysOf(s config.Settings) apikey.Store {
	keys := apikey.Open(s.StateDir, s.Keyring)
	keys.Warn = func(text string) { a.warn(s, []string{text}) }
	return keys
}

// keepKey keeps a key for a workspace, so that no other program's file has to have it,
// and says where in words.
func (a *app) keepKey(ctx context.Context, s config.Settings, root, key string) (where string, err error) {
	kept, err := a.keysOf(s).Keep(ctx, root, key)
	if err != nil {
		return "", fmt.Errorf("the API key can't be kept: %w", err)
	}
	if kept.Aside != "" {
		a.warn(s, []string{"what was kept of a key before was damaged, and is now in " + kept.Aside})
	}
	return kept.Where(), nil
}

// keptWhere goes on about a key that was kept; "" of none.
func keptWhere(kept apikey.Kept) string {
	if kept.Root == "" {
		return ""
	}
	return ", which is kept in " + kept.Where()
}

// forgetKey removes the key that is kept for a workspace, or the only one there is.
func (a *app) forgetKey(ctx context.Context, s config.Settings) error {
	keys := apikey.Open(s.StateDir, s.Keyring) // without a word about modes
	kept, found, err := keys.Find(s.Root())
	var damaged *apikey.Damaged
	switch {
	case found: // also one that others can read
		err = keys.Forget(ctx, kept)
	case errors.As(err, &damaged):
		kept.Root, err = cmp.Or(damaged.Root, "a workspace"), keys.ForgetDamaged(ctx, damaged)
	case err == nil && s.Root() == "":
		return fmt.Errorf("of which workspace? Name it with --subdomain acme; no key, or more than one, is kept")
	case err == nil:
		err = fmt.Errorf("no API key is kept for %s", s.Root())
	}
	if err != nil {
		return failed(err)
	}
	fmt.Fprintf(a.Err, "flexie-mcp: the API key of %s is gone from this machine\n", kept.Root)
	return nil
}
