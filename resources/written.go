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
	return Written{g.text(), asItGoesOut(data)}
}

// asItGoesOut is JSON with HTML escaped, as mcp-go writes it, and so as it is counted.
func asItGoesOut(data []byte) []byte {
	if !bytes.ContainsAny(data, "<>&\u2028\u2029") {
		return data
	}
	var b bytes.Buffer
	b.Grow(len(data))
	json.HTMLEscape(&b, data)
	return b.Bytes()
}

// Cost is what both halves cost a model, in estimated tokens.
func (w Written) Cost() int { return Tokens(w.Text) + Tokens(string(w.Data)) }

// Fits reports whether both halves together cost at most so many tokens. No byte
// costs more than one, so most answers need not be counted.
func (w Written) Fits(tokens int) bool {
	return len(w.Text)+len(w.Data) <= tokens || w.Cost() <= tokens
}
