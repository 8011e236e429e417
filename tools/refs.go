package tools

import (
	"context"

	"flexie-mcp/flexie"
)

// ref is an id, or a name that means just one. Its schema says string: clients
// refuse unions, and a number is taken for text that looks like one.
type ref string

// optional is the id that a ref means, nil if none was given. argument is how an
// error calls it.
func (r ref) optional(ctx context.Context, argument string, find func(context.Context, string) (flexie.ID, error)) (*flexie.ID, error) {
	if r == "" {
		return nil, nil
	}
	id, err := find(ctx, string(r))
	if err != nil {
		return nil, flexie.In(argument, err)
	}
	return &id, nil
}
