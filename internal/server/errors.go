package server

import (
	"context"
	"errors"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/store"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
	"flexie-mcp/tools"
)

// WrongArguments is the kind of a call that was not made, since its arguments
// do not fit the tool.
const WrongArguments = "arguments"

// Kinds of calls that ended without an error of Flexie's or of whoever made them.
const (
	declined = "declined" // the user said no
	noState  = "no_state" // the journal can't be used
)

// kindOf names an error's kind for the log, where its text, which may hold
// people's data, has no place.
func kindOf(err error) string {
	var arguments *schema.ArgumentError
	if errors.As(err, &arguments) {
		return WrongArguments
	}
	var notAllowed tools.NotAllowed
	if errors.As(err, &notAllowed) {
		return "not_allowed"
	}
	switch kind := flexie.KindOf(err); {
	case kind != "":
		return string(kind)
	case errors.Is(err, tools.ErrDeclined):
		return declined
	case journal.Unusable(err):
		return noState
	}
	return "other"
}

// errorKindKey is where a failed call carries its kind, for programs: models
// read the text.
const errorKindKey = "flexie-mcp/error-kind"

func errorResult(err error) *mcp.CallToolResult {
	r := mcp.NewToolResultError(resources.Harmless(err.Error()))
	r.Meta = &mcp.Meta{AdditionalFields: map[string]any{errorKindKey: kindOf(err)}}
	return r
}

// failed is the result of a call that failed. To people who don't run the server
// it does not say where its database is, nor what that said: the log does.
func (o Options) failed(ctx context.Context, err error) *mcp.CallToolResult {
	var problem *store.Problem
	if askingOf(ctx) == nil || !errors.As(err, &problem) {
		return errorResult(err)
	}
	o.Log.WarnContext(ctx, "the state can't be used", "reason", problem)
	return errorResult(&reworded{strings.Replace(err.Error(), problem.Error(), problem.Public(), 1), err})
}

// reworded is an error in other words.
type reworded struct {
	text string
	error
}

func (r *reworded) Error() string { return r.text }
func (r *reworded) Unwrap() error { return r.error }

// ErrorKind is the kind of a failed call: WrongArguments, a flexie.ErrorKind,
// or "other".
func ErrorKind(r *mcp.CallToolResult) string {
	if r.Meta == nil {
		return ""
	}
	kind, _ := r.Meta.AdditionalFields[errorKindKey].(string)
	return kind
}
