package server

import (
	"fmt"
	"log/slog"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/oauth"
)

// withLogin has the login of this machine's user take the place of a key, where
// none is set: that to the workspace of the settings, or the default one. Its
// tokens are read when they are first needed.
func withLogin(s config.Settings, log *slog.Logger) (config.Settings, *oauth.Source, error) {
	if s.Key() != "" || s.Sandbox {
		return s, nil, nil
	}
	logins := oauth.OpenLogins(s.StateDir, s.Keyring)
	logins.Warn = func(text string) { log.Warn(text) }
	one, found, err := logins.Find(s.Root())
	if err != nil {
		return s, nil, notSetUp(fmt.Sprintf("The login of flexie-mcp can't be read: %v.", err))
	}
	if !found {
		return s, nil, nil
	}
	source := logins.Source(one, oauth.SourceOptions{ID: s.OAuthClientID, Secret: s.ClientSecret(), Log: log})
	return s.WithLogin(one.Root, one.Badge), source, nil
}

// authBy is the credential of a login, or a key where there is none.
func authBy(login *oauth.Source, key string) flexie.Auth {
	if login == nil {
		return flexie.APIKey(key)
	}
	return login
}

// authOf is the credential of a caller with that key: the badge of the login
// stands for what it is of, at its workspace alone.
func (w *Workspace) authOf(root, key string) flexie.Auth {
	if root == w.options.BaseURL && key == w.ownKey {
		return authBy(w.login, key)
	}
	return flexie.APIKey(key)
}

// Renewing reports whether the tokens of the login are being renewed.
func (w *Workspace) Renewing() bool { return w.login != nil && w.login.Renewing() }
