package auth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
)

// TestAKeyIsShownToNobody, however an identity is printed, logged or encoded.
func TestAKeyIsShownToNobody(t *testing.T) {
	id, err := gate(t, auth.Options{Root: own}).Identify(request("/mcp", "X-Flexie-Api-Key", ownKey))
	require.NoError(t, err)
	require.Equal(t, ownKey, id.Key.Reveal())

	var said bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T", "%p"} {
		fmt.Fprintf(&said, verb+verb+verb+verb, id, &id, id.Key, &id.Key)
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&said, nil), slog.NewJSONHandler(&said, nil)} {
		slog.New(handler).Info("", "id", id, "at", &id, "key", id.Key, "keys", []auth.Secret{id.Key}, "byKey", map[auth.Secret]int{id.Key: 1})
	}
	for _, v := range []any{id, &id, id.Key, map[auth.Secret]int{id.Key: 1}} {
		encoded, err := json.Marshal(v)
		require.NoError(t, err)
		said.Write(encoded)
	}
	require.NotContains(t, said.String(), ownKey)
	require.NotContains(t, said.String(), fmt.Sprintf("%x", ownKey))
	require.Contains(t, said.String(), `"Key":"set, hidden"`)
	require.Equal(t, "not set", auth.Secret{}.String())
}
