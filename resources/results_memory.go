package resources

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// memoryShelf keeps results for as long as the process lives.
type memoryShelf struct {
	Bounds
	mu    sync.Mutex
	kept  map[string]*list.Element // by id
	age   *list.List               // oldest first, of result
	bytes int64
	now   func() time.Time
}

type result struct {
	id, caller string
	pages      []string
	bytes      int64
	until      time.Time
}

func newMemoryShelf(b Bounds) *memoryShelf {
	return &memoryShelf{Bounds: b, kept: map[string]*list.Element{}, age: list.New(), now: time.Now}
}

func (s *memoryShelf) Keep(_ context.Context, id, caller string, pages []string) error {
	kept := result{id: id, caller: caller, pages: pages}
	for _, page := range pages {
		kept.bytes += int64(len(page))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	kept.until = s.now().Add(s.Last)
	s.kept[id] = s.age.PushBack(kept)
	s.bytes += kept.bytes
	s.dropOld()
	s.dropOf(caller)
	for s.bytes > s.InAll && s.age.Len() > 1 {
		s.drop(s.age.Front())
	}
	return nil
}

// dropOld drops those whose time is over.
func (s *memoryShelf) dropOld() {
	for oldest := s.age.Front(); oldest != nil && s.now().After(oldest.Value.(result).until); oldest = s.age.Front() {
		s.drop(oldest)
	}
}

// dropOf drops what is too much of a caller, but not the newest.
func (s *memoryShelf) dropOf(caller string) {
	number, bytes := 0, int64(0)
	for e := s.age.Back(); e != nil; {
		one := e
		e = e.Prev()
		kept := one.Value.(result)
		if kept.caller != caller {
			continue
		}
		number++
		bytes += kept.bytes
		if number > s.Number || bytes > s.Bytes && number > 1 {
			s.drop(one)
		}
	}
}

func (s *memoryShelf) Page(_ context.Context, id, caller string, page int) (string, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropOld()
	element := s.kept[id]
	if element == nil || element.Value.(result).caller != caller {
		return "", 0, nil
	}
	pages := element.Value.(result).pages
	if page > len(pages) {
		return "", len(pages), nil
	}
	return pages[page-1], len(pages), nil
}

func (s *memoryShelf) drop(e *list.Element) {
	old := s.age.Remove(e).(result)
	delete(s.kept, old.id)
	s.bytes -= old.bytes
}
