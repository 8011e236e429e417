package tools

import (
	"math"
	"runtime"
	"sync"
	"unique"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// mostShown is how many records are remembered for a caller.
	mostShown = 500

	// mostShownInAll is how much is remembered for all callers together, in bytes,
	// as if nobody had been shown the same.
	mostShownInAll = 64 << 20

	// mostShownShare is the part of it that one caller may have.
	mostShownShare = 8

	// aroundShown is about what it takes to remember a record, apart from it.
	aroundShown = 500
)

// ShownShelf is where what callers have been shown is kept, in bounded memory:
// what has not been looked at for longest goes first.
type ShownShelf struct {
	mu     sync.Mutex
	lately *simplelru.LRU[shownAt, int] // how many bytes each takes
	bytes  int
	most   int
}

// shownAt is one record as one caller was shown it.
type shownAt struct {
	to      *shownRecords
	address string
}

// shownRecords are those of one caller, by address: the values as JSON, a fifth of
// the memory. What several callers were shown is in memory once.
type shownRecords struct {
	byAddress *simplelru.LRU[string, unique.Handle[string]]
	bytes     int
}

// NewShownShelf is empty.
func NewShownShelf() *ShownShelf {
	return &ShownShelf{lately: newLRU[shownAt, int](math.MaxInt), most: mostShownInAll}
}

func newLRU[K comparable, V any](most int) *simplelru.LRU[K, V] {
	l, err := simplelru.NewLRU[K, V](most, nil)
	if err != nil {
		panic(err) // of a size below 1
	}
	return l
}

// Shown is the place of one more caller. What is in it ends with it.
func (s *ShownShelf) Shown() *Shown {
	mine := &shownRecords{byAddress: newLRU[string, unique.Handle[string]](math.MaxInt)}
	shown := &Shown{s, mine}
	runtime.AddCleanup(shown, s.clear, mine)
	return shown
}

func (s *ShownShelf) keep(to *shownRecords, address, values string) {
	handle, size := unique.Make(values), len(values)+len(address)+aroundShown
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(to, address)
	to.byAddress.Add(address, handle)
	s.lately.Add(shownAt{to, address}, size)
	s.bytes += size
	to.bytes += size
	for to.byAddress.Len() > mostShown || to.bytes > s.most/mostShownShare {
		oldest, _, _ := to.byAddress.GetOldest()
		s.drop(to, oldest)
	}
	for s.bytes > s.most {
		oldest, _, _ := s.lately.GetOldest()
		s.drop(oldest.to, oldest.address)
	}
}

// drop forgets a record, if it is there. The lock must be held.
func (s *ShownShelf) drop(to *shownRecords, address string) {
	at := shownAt{to, address}
	if size, ok := s.lately.Peek(at); ok {
		s.lately.Remove(at)
		to.byAddress.Remove(address)
		s.bytes -= size
		to.bytes -= size
	}
}

func (s *ShownShelf) forget(to *shownRecords, address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(to, address)
}

func (s *ShownShelf) get(to *shownRecords, address string) (values string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	handle, ok := to.byAddress.Get(address)
	if !ok {
		return "", false
	}
	s.lately.Get(shownAt{to, address})
	return handle.Value(), true
}

// all are the records of a caller, by address.
func (s *ShownShelf) all(of *shownRecords) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]string, of.byAddress.Len())
	for _, address := range of.byAddress.Keys() {
		values, _ := of.byAddress.Peek(address)
		all[address] = values.Value()
	}
	return all
}

// clear forgets a caller.
func (s *ShownShelf) clear(mine *shownRecords) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, address := range mine.byAddress.Keys() {
		s.drop(mine, address)
	}
}
