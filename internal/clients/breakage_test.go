package clients_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/clients"
)

// TestManyAtOnce: what is told to have been put in is in, and the same for taking out.
func TestManyAtOnce(t *testing.T) {
	w, _ := home(t, "linux")
	c := named(t, "cursor")
	path := file(t, w, c)
	write(t, path, "{ \"a\": 1 } // end")
	const many = 20
	each := func(do func(name string) (clients.Change, error)) {
		var group sync.WaitGroup
		problems := make([]error, many)
		for i := range many {
			group.Go(func() {
				change, err := do(fmt.Sprintf("n%d", i))
				if err == nil {
					err = change.Apply()
				}
				problems[i] = err
			})
		}
		group.Wait()
		for _, err := range problems {
			require.NoError(t, err)
		}
	}
	each(func(name string) (clients.Change, error) {
		s := acme
		s.Name = name
		return w.Install(c, "", s)
	})
	for i := range many {
		require.Contains(t, text(t, path), fmt.Sprintf(`"n%d":{`, i))
	}
	require.Equal(t, "{ \"a\": 1 } // end", text(t, path+clients.BackupEnd))
	each(func(name string) (clients.Change, error) { return w.Uninstall(c, "", name) })
	require.Equal(t, "{ \"a\": 1 } // end", text(t, path))
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

// TestErrorsQuoteNothing of a file that may hold keys of others.
func TestErrorsQuoteNothing(t *testing.T) {
	for text, id := range map[string]string{
		"{\"a\": ghp_secret}": "cursor", "{\"a\": \"secret\\q\"}": "cursor", "{'secret': 1}": "cursor", "{\"a\": 1 secret": "cursor",
		"{\"secret\": 1, \"secret\": 2,,": "cursor", "{\"a\": truesecret}": "cursor", "{\"a\": 1secret}": "cursor",
		"secret = 1\nsecret = 2\n": "codex", "a = secret\n": "codex", "a = 'secret\n": "codex", "a = 12secret\n": "codex", "[secret]\n[secret]\n": "codex",
		"a: *secret\n": "librechat", "secret: 1\nsecret: 2\n": "librechat", "a: !!int secret\n": "librechat", "a: \"\\secret\"\n": "librechat",
		"? {a: secret}\n: 1\n": "librechat", "a: 'secret\n": "librechat", "%secret\na: 1\n": "librechat",
	} {
		w, _ := home(t, "linux")
		c := named(t, id)
		path := file(t, w, c)
		write(t, path, text)
		_, err := w.Install(c, path, acme)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "secret")
		require.NotContains(t, err.Error(), "panic")
	}
}

// TestDiffsShowTheEntryAlone: around it, and in it, stand secrets under any name.
func TestDiffsShowTheEntryAlone(t *testing.T) {
	for id, before := range map[string]string{
		"cursor":    `{"mcpServers": {"other": {"url": "https://u:secret@x", "args": ["secret"], "pat": "secret"}, "flexie": {"command": "/old/flexie-mcp", "x": {"y": "secret"}, "env": {"FLEXIE_API_KEY": "secret", "PAT": "secret"}}}}`,
		"codex":     "[mcp_servers.other]\npat = \"\"\"\nsecret\n\"\"\"\n[mcp_servers.flexie]\ncommand = '/old/flexie-mcp'\nargs = ['--api-key', 'secret']\nenv = { FLEXIE_API_KEY = 'secret' }\n",
		"librechat": "mcpServers:\n  other:\n    pat: |\n      secret\n  flexie:\n    command: /old/flexie-mcp\n    note: |\n      secret\n    env:\n      FLEXIE_API_KEY: secret\n",
	} {
		t.Run(id, func(t *testing.T) {
			w, _ := home(t, "linux")
			c := named(t, id)
			path := file(t, w, c)
			write(t, path, before)
			in, err := w.Install(c, path, acme)
			require.NoError(t, err)
			require.Contains(t, in.Diff(), "/usr/local/bin/flexie-mcp")
			require.Contains(t, in.Diff(), "-")
			require.Contains(t, in.Diff(), "FLEXIE_API_KEY")
			require.NotContains(t, in.Diff(), "secret")
			require.NotContains(t, in.Diff(), "other")
			s := acme
			s.Name = "second"
			s.Env = []clients.Variable{{Name: "FLEXIE_API_KEY", Value: "secret"}}
			in, err = w.Install(c, path, s)
			require.NoError(t, err)
			require.Contains(t, in.Diff(), "+")
			require.NotContains(t, in.Diff(), "secret")
			out, err := w.Uninstall(c, path, "flexie")
			require.NoError(t, err)
			require.Contains(t, out.Diff(), "/old/flexie-mcp")
			require.NotContains(t, out.Diff(), "secret")
		})
	}
}

// TestTwoNames: the copy stays that of before the first, and taking both out brings it
// back, also with a key in the first.
func TestTwoNames(t *testing.T) {
	w, _ := home(t, "linux")
	c := named(t, "cursor")
	path := file(t, w, c)
	before := "{ \"mcpServers\": {  } }"
	write(t, path, before)
	withKey, second := acme, acme
	withKey.Env = []clients.Variable{{Name: "FLEXIE_API_KEY", Value: "very-secret"}}
	second.Name = "second"
	for _, s := range []clients.Server{withKey, second, acme} {
		install(t, w, c, "", s)
		require.Equal(t, before, text(t, path+clients.BackupEnd))
	}
	for _, name := range []string{"flexie", "second"} {
		out, err := w.Uninstall(c, "", name)
		require.NoError(t, err)
		require.NoError(t, out.Apply())
	}
	require.Equal(t, before, text(t, path))
	require.NoFileExists(t, path+clients.BackupEnd)
}

// TestToTheByte: comments at odd places stay, and what is not a number is no obstacle.
func TestToTheByte(t *testing.T) {
	for before, id := range map[string]string{
		"a: 1\nmcpServers: {} # mine\nb: 2\n": "librechat", "\ufeffmcpServers: {} # mine": "librechat", "mcpServers:   {}   # mine\r\n": "librechat",
		"x: .nan\n": "librechat", "x = nan\n": "codex", "x = [nan]\n": "codex",
		"{} // mine": "cursor", "// mine": "cursor", "// mine\n": "cursor", "/* mine */": "cursor", "\ufeff// mine\r\n": "cursor",
	} {
		w, _ := home(t, "linux")
		c := named(t, id)
		path := file(t, w, c)
		write(t, path, before)
		install(t, w, c, path, acme)
		require.Contains(t, text(t, path), "acme")
		without, found, err := clients.Without(c, []byte(text(t, path)), "flexie", nil)
		require.NoError(t, err)
		require.True(t, found)
		if id != "codex" && before != "x: .nan\n" {
			require.Contains(t, string(without), "mine", before)
		}
		out, err := w.Uninstall(c, path, "flexie")
		require.NoError(t, err)
		require.NoError(t, out.Apply())
		require.Equal(t, before, text(t, path))
	}
}

// TestADiskThatIsFull between the copy and the file leaves no copy.
func TestADiskThatIsFull(t *testing.T) {
	w, dir := home(t, "linux")
	c := named(t, "cursor")
	path := filepath.Join(dir, "c.json")
	write(t, path, "{}")
	change, err := w.Install(c, path, acme)
	require.NoError(t, err)
	full := errors.New("no space left on device")
	clients.FailToWrite(t, path, full)
	require.ErrorIs(t, change.Apply(), full)
	require.Equal(t, "{}", text(t, path))
	require.NoFileExists(t, path+clients.BackupEnd)
}
