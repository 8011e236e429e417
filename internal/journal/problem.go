package journal

import (
	"errors"

	"flexie-mcp/internal/store"
)

// What a journal that can be used may answer.
var (
	ErrNotFound = errors.New("the journal has no such change")
	ErrEnded    = errors.New("the journal has the outcome of this change already")
	ErrUndone   = errors.New("the change is undone already, or is being undone, or may have been")
	ErrOthers   = errors.New("the change is being made by another process")
	ErrRepeats  = errors.New("the same change was begun just before")
)

// isAnswer tells an answer of the journal from a failure of it.
func isAnswer(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrEnded) || errors.Is(err, ErrUndone) ||
		errors.Is(err, ErrOthers) || errors.Is(err, ErrRepeats)
}

// Unusable tells whether an error is of a journal that can't be used.
func Unusable(err error) bool {
	var problem *store.Problem
	return errors.As(err, &problem)
}

// problem makes the error that a user sees. Answers of a journal that works
// stay what they are.
func (j *Journal) problem(what, more string, err error) error {
	if isAnswer(err) {
		return err
	}
	return store.NewProblem(j.s, what, more, err)
}
