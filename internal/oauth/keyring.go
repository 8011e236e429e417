package oauth

import (
	"context"
	"encoding/json"
	"errors"

	"flexie-mcp/internal/private"
)

// service is what our entries are under in a keyring; the user of each is the
// root of its workspace.
const service = "flexie-mcp"

// mostInKeyring is the most that is put into one entry, in bytes: Windows takes
// 2,560, and macOS about 2,900.
const mostInKeyring = 2400

var errTooBig = errors.New("a keyring may not take that much")

// keepInKeyring keeps tokens, and looks whether they are there.
func keepInKeyring(ctx context.Context, root string, g Grant) error {
	text, err := json.Marshal(g)
	if err != nil {
		return err
	}
	if len(text) > mostInKeyring {
		return errTooBig
	}
	return private.Put(ctx, service, root, string(text))
}

func readFromKeyring(ctx context.Context, root string) (g Grant, err error) {
	text, err := private.Get(ctx, service, root)
	if errors.Is(err, private.ErrNotInKeyring) {
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
	return private.Delete(ctx, service, root)
}
