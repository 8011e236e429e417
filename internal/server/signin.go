package server

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// ErrWrongKey is a key, or a token, that Flexie refuses.
var ErrWrongKey = errors.New("the key is refused by Flexie")

// Whose asks Flexie whose the credential is that somebody signs in with: the user's
// id and name. Nothing of it is kept. The error is ErrWrongKey where Flexie refuses
// it.
func (m *Members) Whose(ctx context.Context, root string, as flexie.Auth) (id, name string, err error) {
	m.mu.Lock()
	one, err := m.newMember(auth.Identity{Name: "sign-in", Caller: rand.Text(), Root: root, Key: auth.NewSecret(rand.Text()), Auth: as})
	m.mu.Unlock()
	if err != nil {
		return "", "", err
	}
	self, err := one.client.Self(ctx)
	if refused := new(flexie.Error); errors.As(err, &refused) && refused.Kind == flexie.Unauthorized {
		return "", "", ErrWrongKey
	}
	if err != nil {
		return "", "", err
	}
	return self.ID, userName(self), nil
}

// userName is what a user is called, as far as Flexie says.
func userName(user flexie.Record) string {
	text := func(names ...string) string {
		for _, name := range names {
			if s, ok := user.Values.Get(name).(string); ok && s != "" {
				return s
			}
		}
		return ""
	}
	if name := strings.TrimSpace(text("firstName", "first_name") + " " + text("lastName", "last_name")); name != "" {
		return name
	}
	return text("username", "email")
}

// Durable is where what must not be lost is kept.
func (w *Workspace) Durable() store.Store { return w.state.Durable }

// byScope is the check of a tool by what a person has allowed their assistant. It
// is none of what a caller is narrowed to: tools above it are listed, so that the
// assistant can ask for them. Calls that name such a tool are refused before, in a
// way that clients understand (http_scope.go); this is for what a call leads to.
func (a *asking) byScope(t tools.Tool) error {
	if a == nil || a.MayAccess(string(t.Level())) {
		return nil
	}
	return tools.NotAllowed(t.Name + " is not allowed here: the person has let this assistant " + a.Access + " at most; it can connect again and ask for flexie:" + string(t.Level()))
}
