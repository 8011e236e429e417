package resources

import (
	"bytes"
	"encoding/json"

	"flexie-mcp/flexie"
)

// Written is an answer in both of its halves, as they go out.
type Written struct {
	Text string
	Data json.RawMessage // what Structured is as JSON
}

// Write writes both halves.
func (a Answer) Write() Written {
	g := a.guarded()
	data, err := flexie.EncodeJSON(g.structured())
	if err != nil {
		panic(err) // text and lists of text can always be written
	}
	var escaped bytes.Buffer
	escaped.Grow(len(data))
	json.HTMLEscape(&escaped, data) // as it goes out, and so as it is counted
	return Written{g.text(), escaped.Bytes()}
}

// Cost is what both halves cost a model, in estimated tokens.
func (w Written) Cost() int { return Tokens(w.Text) + Tokens(string(w.Data)) }
