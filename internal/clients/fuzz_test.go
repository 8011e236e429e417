package clients_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/clients"
)

// FuzzFiles: whatever is in a file, either it is left alone, or the entry is in it
// and can be taken out to the byte.
func FuzzFiles(f *testing.F) {
	for i, c := range clients.Clients {
		for _, end := range []string{".before", ".after"} {
			text, err := os.ReadFile(filepath.Join("testdata", c.ID+end))
			require.NoError(f, err)
			f.Add(uint8(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, before []byte) {
		c := clients.Clients[int(which)%len(clients.Clients)]
		after, err := clients.With(c, before, acme)
		if err != nil {
			return
		}
		again, err := clients.With(c, after, acme)
		require.NoError(t, err)
		require.Equal(t, string(after), string(again))
		out, found, err := clients.Without(c, after, "flexie", before)
		if err != nil || string(after) == string(before) {
			return
		}
		require.True(t, found)
		if _, had, _ := clients.Without(c, before, "flexie", nil); !had {
			require.Equal(t, string(before), string(out))
		}
	})
}
