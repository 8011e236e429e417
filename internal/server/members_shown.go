package server

import (
	"github.com/hashicorp/golang-lru/v2"

	"flexie-mcp/tools"
)

// mostAskedBy is how many things that one caller asks by have a memory of what they
// were shown; the one that has not asked for longest begins anew.
const mostAskedBy = 32

// shownTo is what one caller was shown, apart by what they asked by: an assistant
// has not seen what another one has read, and would overwrite it unseen. A nil one
// keeps nothing. It is safe for concurrent use.
type shownTo struct {
	shelf *tools.ShownShelf
	parts *lru.Cache[string, *tools.Shown]
}

func newShownTo(shelf *tools.ShownShelf) *shownTo {
	parts, err := lru.New[string, *tools.Shown](mostAskedBy)
	if err != nil {
		panic(err) // of a size below 1
	}
	return &shownTo{shelf, parts}
}

// forget is for what was changed at another server by what was asked by there: it
// would be taken for somebody else's change. What others have seen stays.
func (s *shownTo) forget(credential, address string) {
	if s == nil {
		return
	}
	if shown, ok := s.parts.Peek(credential); ok {
		shown.Forget(address)
	}
}

// by is the memory of what is asked by.
func (s *shownTo) by(credential string) *tools.Shown {
	if s == nil {
		return nil
	}
	if shown, ok := s.parts.Get(credential); ok {
		return shown
	}
	fresh := s.shelf.Shown()
	if earlier, ok, _ := s.parts.PeekOrAdd(credential, fresh); ok {
		return earlier
	}
	return fresh
}
