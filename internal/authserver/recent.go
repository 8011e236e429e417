package authserver

import (
	"sync"

	"flexie-mcp/internal/store"
)

// mostRecent is how many tokens are known without reading: those of more people
// than work at the same time.
const mostRecent = 2000

// recent are tokens as they were read while the store was at one version, so that
// a call costs no reading as long as nothing has changed. Their hashes are the keys,
// and what they hold of Flexie's is encrypted as in the store.
type recent struct {
	mu      sync.Mutex
	version store.Version
	tokens  map[string]bearer
}

func (r *recent) get(v store.Version, hash string) (b bearer, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v != r.version {
		return b, false
	}
	b, ok = r.tokens[hash]
	return b, ok
}

// keep keeps what was read after the store was at a version.
func (r *recent) keep(v store.Version, hash string, b bearer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v != r.version || len(r.tokens) >= mostRecent {
		r.version, r.tokens = v, map[string]bearer{}
	}
	r.tokens[hash] = b
}
