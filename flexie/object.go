package flexie

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
)

// Object is a JSON object that keeps the order of its keys.
//
// The order carries meaning: Flexie answers a sorted search with an object
// keyed by record id, and lists a record's fields as people arranged them.
//
// A value is nil, bool, string, json.Number (so that ids and amounts stay
// exact), []any or *Object.
type Object struct {
	members []member
	places  map[string]int // of keys in members; nil while there are few
}

type member struct {
	key   string
	value any
}

// fewMembers is up to how many members are found faster, and kept in less
// memory, without a map. Most objects of an answer are that small.
const fewMembers = 48

// NewObject makes an empty object.
func NewObject() *Object { return &Object{} }

// RoomFor makes an empty object that n members fit in.
func RoomFor(n int) *Object { return &Object{members: make([]member, 0, n)} }

func (o *Object) place(key string) int {
	if o == nil {
		return -1
	}
	if o.places != nil {
		if i, ok := o.places[key]; ok {
			return i
		}
		return -1
	}
	for i := range o.members {
		if o.members[i].key == key {
			return i
		}
	}
	return -1
}

// Get returns the value under key, nil where there is none.
func (o *Object) Get(key string) any {
	if i := o.place(key); i >= 0 {
		return o.members[i].value
	}
	return nil
}

// Has reports whether there is a value, null included, under key.
func (o *Object) Has(key string) bool { return o.place(key) >= 0 }

// Set puts value under key, at the end if the key is new.
func (o *Object) Set(key string, value any) {
	if i := o.place(key); i >= 0 {
		o.members[i].value = value
		return
	}
	o.members = append(o.members, member{key, value})
	switch n := len(o.members); {
	case o.places != nil:
		o.places[key] = n - 1
	case n > fewMembers:
		o.places = make(map[string]int, 2*n)
		for i, m := range o.members {
			o.places[m.key] = i
		}
	}
}

// Len is the number of keys.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.members)
}

// All goes through keys and values in order.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if o == nil {
			return
		}
		for _, m := range o.members {
			if !yield(m.key, m.value) {
				return
			}
		}
	}
}

// MarshalJSON writes the object in its own order.
func (o *Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := writeJSON(&b, o)
	return b.Bytes(), err
}

// EncodeJSON writes JSON with HTML as it is: notes and replies stay readable.
func EncodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	err := writeJSON(&b, v)
	return b.Bytes(), err
}

func writeJSON(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case *Object:
		if v != nil {
			return writeObject(b, v)
		}
	case []any:
		return writeArray(b, v)
	case string:
		return writeString(b, v)
	case nil:
		b.WriteString("null")
		return nil
	case bool:
		b.WriteString(strconv.FormatBool(v))
		return nil
	case json.Number:
		if isWhole(v) { // others are looked at by the encoder
			b.WriteString(string(v))
			return nil
		}
	}
	return encodeTo(b, v)
}

func writeString(b *bytes.Buffer, s string) error {
	if !isPlain(s) {
		return encodeTo(b, s)
	}
	b.WriteByte('"')
	b.WriteString(s)
	b.WriteByte('"')
	return nil
}

func encodeTo(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	b.Truncate(len(bytes.TrimRight(b.Bytes(), "\n")))
	return err
}

// isPlain reports whether a text is written in JSON as it is. Most are, and an
// encoder for each takes longer than all else.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}

func writeObject(b *bytes.Buffer, o *Object) error {
	b.Grow(32 * len(o.members)) // about as much as they take
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeString(b, m.key); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := writeJSON(b, m.value); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func writeArray(b *bytes.Buffer, items []any) error {
	b.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeJSON(b, item); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}
