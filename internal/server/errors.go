package server

import (
	"errors"

	"github.com/mark3labs/mcp-go/mcp"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
	"flexie-mcp/tools"
)

// WrongArguments is the kind of a call that was not made, since its arguments
// do not fit the tool.
const WrongArguments = "arguments"

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
	if kind := flexie.KindOf(err); kind != "" {
		return string(kind)
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

// ErrorKind is the kind of a failed call: WrongArguments, a flexie.ErrorKind,
// or "other".
func ErrorKind(r *mcp.CallToolResult) string {
	if r.Meta == nil {
		return ""
	}
	kind, _ := r.Meta.AdditionalFields[errorKindKey].(string)
	return kind
}
