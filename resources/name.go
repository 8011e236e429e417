package resources

import "flexie-mcp/flexie"

// Name is what a record is called, on one line; "" if it has no name.
func Name(r flexie.Record) string { return new(taken).line(nameOf(r.Values), maxCell) }

// PlainName is the same with what is hidden in it, as Plain is.
func PlainName(r flexie.Record) string { return Plain(nameOf(r.Values), maxCell) }
