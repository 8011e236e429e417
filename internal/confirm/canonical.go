package confirm

import (
	"bytes"
	"encoding/json"
	"io"
)

// Canonical is the one text of all JSON that says the same: keys in order, the
// last of each, no spaces, numbers as they are written, {} for none at all.
// What is no JSON stays as it is. Whoever acts on what was confirmed should act
// on this text, since other readers of JSON may see more in keys that come twice.
func Canonical(arguments []byte) string {
	if len(bytes.TrimSpace(arguments)) == 0 {
		return "{}"
	}
	var value any
	d := json.NewDecoder(bytes.NewReader(arguments))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return string(arguments)
	}
	if _, err := d.Token(); err != io.EOF {
		return string(arguments)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return string(arguments)
	}
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}
