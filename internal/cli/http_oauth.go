package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/authserver"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// letSignIn has people sign in at the server's public address, if it has one. It
// is called before the gate is made, which is to know of it.
func (s *serverOf) letSignIn(ctx context.Context, settings config.Settings, w *server.Workspace, log *slog.Logger) error {
	if settings.PublicURL == "" {
		return nil
	}
	keys, err := encryptionKeys(settings, w)
	if err != nil {
		return err
	}
	access, toolsets := signInOffer(settings)
	upstream, err := s.flexieCredentials(settings)
	if err != nil {
		return err
	}
	root, _ := w.Own()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // to which the library of the authorization server tells its addresses
	s.signIn, err = authserver.New(authserver.Options{
		PublicURL: settings.PublicURL, Store: w.Durable(), Keys: keys, Access: access, Toolsets: toolsets, Root: root,
		Always:    auth.Narrowing{Toolsets: []string{"discover"}, Tools: []string{"get_current_user", "list_changes", "undo_change"}},
		Workspace: func(name string) (string, error) { return s.gates.now.Load().Workspace(name) },
		Flexie:    upstream,
		Check: func(ctx context.Context, root string, as flexie.Auth) (authserver.Person, error) {
			id, name, err := s.members.Whose(ctx, root, as)
			if errors.Is(err, server.ErrWrongKey) {
				err = authserver.ErrWrongKey
			}
			return authserver.Person{ID: id, Name: name}, err
		},
		IntrospectionSecret: settings.IntrospectionSecret, Log: log,
	})
	if err != nil {
		return err
	}
	slog.SetDefault(slog.New(asInfo{log.Handler()})) // and this is what it tells of requests
	s.gateBy.Grants, s.gateBy.Log = s.signIn, log
	go s.signIn.Tidy(ctx)
	return nil
}

// flexieCredentials are those by which people sign in at Flexie; none where the
// operator has none, or the workspace is in this process, where no browser gets to.
func (s *serverOf) flexieCredentials(settings config.Settings) (authserver.Credentials, error) {
	id, secret := settings.OAuthClientID, settings.ClientSecret()
	switch {
	case settings.Sandbox || id == "" && secret == "":
		return authserver.Credentials{}, nil
	case id == "":
		return authserver.Credentials{}, errors.New("oauth_client_secret is set, and oauth_client_id is not: people sign in at Flexie by both, or paste a key without")
	case secret == "":
		return authserver.Credentials{}, errors.New("oauth_client_id is set, and oauth_client_secret is not: people sign in at Flexie by both, or paste a key without")
	}
	return authserver.Credentials{ID: id, Secret: secret, Transport: func(root string) http.RoundTripper { return s.members.Transport(root) }}, nil
}

// howToSignIn is how people do, as the operator is told at the start; "" if they can't.
func howToSignIn(s config.Settings) string {
	if s.PublicURL == "" {
		return ""
	}
	if s.OAuthClientID != "" && !s.Sandbox {
		if redirect, err := authserver.RedirectAt(s.PublicURL); err == nil {
			return "people sign in at Flexie; the redirect address of the API credential there has to be " + redirect
		}
	}
	text := "people sign in at " + s.PublicURL + " with a Flexie key that they paste"
	if s.Sandbox {
		return text + ", such as " + sandbox.SalesKey
	}
	return text + "; with oauth_client_id and oauth_client_secret, they would at Flexie"
}

// askFlexie tells the operator if people seem not to be able to sign in at Flexie,
// as where the redirect address there is another.
func (s *serverOf) askFlexie(ctx context.Context, log *slog.Logger) {
	if s.signIn == nil {
		return
	}
	if err := s.signIn.AskFlexie(ctx); err != nil && ctx.Err() == nil {
		log.WarnContext(ctx, "people may not be able to sign in", "problem", err)
	}
}

// renewalGrace is how long the end of the program waits for renewals under way. It
// is longer than Flexie should take.
const renewalGrace = 10 * time.Second

// endSignIn waits for what would be lost.
func (s *serverOf) endSignIn() {
	if s.signIn != nil {
		s.signIn.Close(renewalGrace)
	}
}

// asInfo logs as information what a library warns of: that a client asked wrongly
// is nothing for the operator to do.
type asInfo struct{ slog.Handler }

func (h asInfo) Enabled(ctx context.Context, level slog.Level) bool {
	return h.Handler.Enabled(ctx, calmer(level))
}

func (h asInfo) Handle(ctx context.Context, r slog.Record) error {
	r.Level = calmer(r.Level)
	return h.Handler.Handle(ctx, r)
}

func calmer(level slog.Level) slog.Level {
	if level == slog.LevelWarn {
		return slog.LevelInfo
	}
	return level
}

// publicHost is the host of the public address, without its port.
func publicHost(s config.Settings) string {
	u, err := url.Parse(s.PublicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// over serves what is the authorization server's, and all else as it was served.
func (s *serverOf) over(next http.Handler) http.Handler {
	if s.signIn == nil {
		return next
	}
	return s.signIn.Handler(next)
}

// offerSignIn has people who sign in from now on be offered what the settings let
// anybody.
func (s *serverOf) offerSignIn(settings config.Settings) {
	if s.signIn != nil {
		access, toolsets := signInOffer(settings)
		_ = s.signIn.Change(access, toolsets) // which takes what settings can be
	}
}

// signInOffer is what people can let their assistants do.
func signInOffer(s config.Settings) (access string, toolsets []string) {
	access = s.Access
	if s.ReadOnly {
		access = string(tools.AccessRead)
	}
	picked, err := chosen(s)
	if err != nil {
		return access, nil // the settings were checked before
	}
	reached := map[string]bool{}
	for _, t := range tools.Reachable(picked) {
		reached[t.Toolset] = true
	}
	for _, name := range tools.Toolsets() {
		if reached[name] && name != "core" && name != "discover" { // which are no areas of a workspace
			toolsets = append(toolsets, name)
		}
	}
	return access, toolsets
}

// encryptionKeys are those of the settings, or one that is made in the state
// directory.
func encryptionKeys(s config.Settings, w *server.Workspace) (keys authserver.Keys, err error) {
	switch {
	case s.EncryptionKey != "":
		if keys, err = authserver.ParseKeys(s.EncryptionKey); err != nil {
			err = fmt.Errorf("encryption_key: %w", err)
		}
		return keys, err
	case s.EncryptionKeyFile != "":
		text, err := os.ReadFile(s.EncryptionKeyFile)
		if err == nil {
			keys, err = authserver.ParseKeys(string(text))
		}
		if err != nil {
			err = fmt.Errorf("encryption_key_file: %w", err)
		}
		return keys, err
	case s.DatabaseURL != "":
		// In the database it would lie beside what it encrypts, and in a directory it
		// would be another for each server.
		return authserver.Keys{}, errors.New("public_url and database_url are set, and encryption_key is not: give all servers the same, made with openssl rand -base64 32, in encryption_key or encryption_key_file")
	}
	key, err := w.Durable().Secret(context.Background(), "encryption", authserver.NewKey())
	if err != nil {
		return authserver.Keys{}, err
	}
	return authserver.NewKeys(key)
}
