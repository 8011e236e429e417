package authserver

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// BenchmarkToken is what looking up an access token costs a request, among 10,000
// grants, and how much memory those take.
func BenchmarkToken(b *testing.B) {
	for name, o := range map[string]func(b *testing.B) store.Options{
		"memory":   func(*testing.B) store.Options { return store.Options{Memory: true} },
		"file":     func(b *testing.B) store.Options { return store.Options{Dir: b.TempDir()} },
		"postgres": func(b *testing.B) store.Options { return store.Options{Database: storetest.Postgres(b)} },
	} {
		b.Run(name, func(b *testing.B) {
			state := store.Open(o(b))
			defer state.Close()
			before := heap()
			s, token := granted(b, state, 10_000)
			grew := float64(heap()) - float64(before)
			for b.Loop() {
				_, ok, err := s.Grant(b.Context(), token, "/mcp")
				if err != nil || !ok {
					b.Fatal(err, ok)
				}
			}
			b.ReportMetric(grew/1024, "KB-heap")
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// granted is a server with so many grants, and a token of the last.
func granted(b *testing.B, state *store.State, n int) (*Server, string) {
	keys, err := NewKeys(bytes.Repeat([]byte{1}, 32))
	require.NoError(b, err)
	s, err := New(Options{PublicURL: "https://mcp.example.com", Store: state.Durable, Keys: keys, Access: "admin", Root: workspace})
	require.NoError(b, err)
	var last tokens
	for from := 0; from < n; from += 1000 {
		anna, err := s.keepPerson(b.Context(), workspace, Person{fmt.Sprint(from), "Anna"}, auth.NewSecret(annasKey))
		require.NoError(b, err)
		require.NoError(b, state.Durable.Do(b.Context(), func(t *store.Tx) error {
			for range 1000 {
				last = s.newTokens("write")
				c := coded{request{Client: client{ID: "c", Name: "Claude"}, Redirect: callback, Access: "write", Resource: s.issuer + "/mcp"}, anna.id}
				if err := s.keepGrant(t, newID(16), c, last); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return s, last.Access
}
