// Package telemetry is what an operator sees of the running program: metrics,
// traces, logs that belong together by a request id, and health. It knows
// nothing of Flexie and of MCP: its callers say what happened, in plain words
// and numbers.
//
// Nothing here fails a call, and nothing is written to standard output, which is
// the protocol's. No metric names a caller, a record or an argument; no trace
// has a query, a body or the text of an error, all of which are people's data.
//
// A nil *Metrics, *Tracing, *Span and *Access does nothing.
package telemetry
