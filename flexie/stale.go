package flexie

import (
	"context"
	"errors"
	"maps"
	"reflect"
)

// This file is for fields that somebody has changed in Flexie since they were
// read: what is refused may be right by now, or may never be again.

// refusedByFlexie reports whether Flexie itself took offence at the input, as it
// does at a field it does not know.
func refusedByFlexie(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == Invalid && e.Status != 0
}

// searchAfresh reads the fields again and, if the query means something else by
// them, searches once more. sent is the query that was refused.
func (r Records) searchAfresh(ctx context.Context, q, sent Query, types map[string]string, refusal error) (Page, error) {
	if _, err := r.Fields(ctx); err != nil {
		return Page{}, refusal
	}
	again, now, err := r.resolve(ctx, q)
	switch {
	case err != nil:
		return Page{}, err // names what is no longer there
	case reflect.DeepEqual(again, sent) && maps.Equal(now, types):
		return Page{}, refusal
	}
	return r.search(ctx, again, now)
}

// written makes a write. One that Flexie refuses is not repeated, but the
// fields are read again, so that the next one is checked by what they are now.
func (r Records) written(ctx context.Context, write call) (Record, error) {
	record, err := r.c.written(ctx, write, r.oneNames()...)
	switch {
	case err == nil:
		r.c.knowledge.used(r.kind, r.table)
	case refusedByFlexie(err):
		_, _ = r.Fields(ctx) // the refusal says enough
	}
	return record, err
}
