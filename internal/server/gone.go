package server

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"flexie-mcp/flexie"
)

// goneGrace is how long a call that was cancelled is waited for. It is shorter
// than stopGrace, by whose end all answers must be out.
const goneGrace = 150 * time.Millisecond

// stillWriting is the answer of a call that was cancelled when it had sent a
// write, which goes on until it is known what came of it.
var stillWriting = &flexie.Error{Kind: flexie.Cancelled, Uncertain: true, Message: "The call was cancelled, or this server is ending, while Flexie was at it. It is NOT known whether it was done.\n" +
	"What was sent is still waited for, and recorded: look at list_changes, and at the record itself, before you try again."}

// whileAwaited runs a call that may write. Whoever has cancelled it does not wait
// for what it has sent, nor must the end of a connection: that goes on alone.
func (o Options) whileAwaited(ctx context.Context, run func() *mcp.CallToolResult) *mcp.CallToolResult {
	ended := make(chan ending, 1)
	go func() {
		var e ending
		defer func() {
			if e.panicked = recover(); e.panicked != nil {
				o.Log.ErrorContext(ctx, "a tool call panicked")
			}
			ended <- e
		}()
		e.result = run()
	}()
	select {
	case e := <-ended:
		return e.whole()
	case <-ctx.Done():
	}
	select {
	case e := <-ended:
		return e.whole()
	case <-time.After(goneGrace):
		return errorResult(stillWriting)
	}
}

// ending is how a call ended: by a result or a panic.
type ending struct {
	result   *mcp.CallToolResult
	panicked any
}

// whole is the result; a panic becomes one of whoever handles the request, who
// makes an error of it.
func (e ending) whole() *mcp.CallToolResult {
	if e.panicked != nil {
		panic(e.panicked)
	}
	return e.result
}
