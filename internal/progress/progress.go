// Package progress lets what takes many steps say how far it is, without knowing
// who listens.
package progress

import "context"

// Step is how far something is.
type Step struct {
	Done, Total int    // in whatever is counted; Total is 0 where nobody knows
	Message     string // in a few words of ours, with nothing of Flexie's
}

type key struct{}

// With has tell called at each step of what runs under the context. It may be
// called by several goroutines at the same time, and should be quick.
func With(ctx context.Context, tell func(Step)) context.Context {
	return context.WithValue(ctx, key{}, tell)
}

// Tell says how far it is, if anybody listens.
func Tell(ctx context.Context, s Step) {
	if tell, _ := ctx.Value(key{}).(func(Step)); tell != nil {
		tell(s)
	}
}
