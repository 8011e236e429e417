package authserver

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// places are where grants are kept.
var places = map[string]func(b *testing.B) store.Options{
	"memory":   func(*testing.B) store.Options { return store.Options{Memory: true} },
	"file":     func(b *testing.B) store.Options { return store.Options{Dir: b.TempDir()} },
	"postgres": func(b *testing.B) store.Options { return store.Options{Database: storetest.Postgres(b)} },
}

// BenchmarkToken is what looking up an access token costs a request, among 10,000
// grants.
func BenchmarkToken(b *testing.B) {
	for name, o := range places {
		b.Run(name, func(b *testing.B) {
			state := store.Open(o(b))
			defer state.Close()
			s, all := granted(b, state, 10_000)
			token := all[len(all)-1]
			for b.Loop() {
				_, ok, err := s.Grant(b.Context(), token, "/mcp")
				if err != nil || !ok {
					b.Fatal(err, ok)
				}
			}
		})
	}
}

// BenchmarkGrants is how much more memory the process has once 10,000 grants were
// made and each of them was used, SQLite's own included. What is freed may be used
// again by the next: run one place at a time.
func BenchmarkGrants(b *testing.B) {
	for name, o := range places {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				state := store.Open(o(b))
				_, _ = granted(b, state, 1) // so that it is open
				before := resident(b)
				s, all := granted(b, state, 10_000)
				for _, token := range all {
					_, ok, err := s.Grant(b.Context(), token, "/mcp")
					if err != nil || !ok {
						b.Fatal(err, ok)
					}
				}
				b.ReportMetric((resident(b)-before)/(1<<20), "MiB-resident")
				require.NoError(b, state.Close())
			}
		})
	}
}

// resident is how much memory the process has, in bytes, once Go has given back
// what it can.
func resident(b *testing.B) (bytes float64) {
	debug.FreeOSMemory()
	all, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("only Linux tells: ", err)
	}
	var size, pages float64
	_, err = fmt.Sscan(string(all), &size, &pages)
	require.NoError(b, err)
	return pages * float64(os.Getpagesize())
}

// granted is a server with so many grants more, a hundred a person, and the
// access token of each.
func granted(b *testing.B, state *store.State, n int) (*Server, []string) {
	keys, err := NewKeys(bytes.Repeat([]byte{1}, 32))
	require.NoError(b, err)
	s, err := New(Options{PublicURL: "https://mcp.example.com", Store: state.Durable, Keys: keys, Access: "admin", Root: workspace})
	require.NoError(b, err)
	var all []string
	for len(all) < n {
		anna, err := s.keepPerson(b.Context(), workspace, Person{fmt.Sprint(len(all)), "Anna"}, kindKey, annasKey)
		require.NoError(b, err)
		require.NoError(b, state.Durable.Do(b.Context(), func(t *store.Tx) error {
			for range min(100, n-len(all)) {
				gets := s.newTokens("write")
				c := coded{request{Client: shown{ID: "c", Name: "Claude"}, Redirect: callback, Access: "write", Resource: s.issuer + "/mcp"}, anna.id, ""}
				if err := s.keepGrant(t, newID(16), c, gets); err != nil {
					return err
				}
				all = append(all, gets.Access)
			}
			return nil
		}))
	}
	return s, all
}
