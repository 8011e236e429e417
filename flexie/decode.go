package flexie

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"unicode/utf8"
)

// maxDepth bounds the nesting of an answer: no workspace nests deeper than a
// handful of levels, and a lying one must not exhaust the stack.
const maxDepth = 200

// DecodeJSON reads one JSON value, objects as *Object and numbers exact.
func DecodeJSON(data []byte) (any, error) {
	d := decoder{data: data}
	if len(data) < repeating {
		d.text = string(data)
	} else {
		d.keys, d.lately, d.seed = map[string]string{}, make([]any, 1024), maphash.MakeSeed()
	}
	v, err := d.value(0)
	if err == nil && d.next() != end {
		err = errNotJSON
	}
	if err == errNotJSON {
		return nil, syntaxError(data)
	}
	return v, err
}

// errNotJSON only says that data is not JSON: where, and why, is for encoding/json
// to tell.
var errNotJSON = errors.New("not JSON")

// repeating is from how many bytes on an answer is taken for a list, which says
// most things again and again. The texts of a shorter one are pieces of the whole.
const repeating = 16 << 10

// decoder takes and refuses what encoding/json does. It is several times as fast
// and keeps half as much memory.
type decoder struct {
	data []byte
	at   int
	text string            // data, if that is short
	keys map[string]string // each key once: a list repeats them in every record

	// Short texts and numbers read lately, by their hash: a list repeats most of
	// what it says in record after record, and each then takes memory once.
	lately []any
	seed   maphash.Seed

	// What the objects and arrays now open hold so far, the innermost last:
	// each gets just the room it needs once it is closed.
	members []member
	items   []any
}

func (d *decoder) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, d.tooDeep()
	}
	switch c := d.next(); c {
	case '{':
		return d.object(depth)
	case '[':
		return d.array(depth)
	case '"':
		return d.string()
	case 't':
		return true, d.word("true")
	case 'f':
		return false, d.word("false")
	case 'n':
		return nil, d.word("null")
	}
	return d.number()
}

// tooDeep is the error of what is nested too deep, unless it is not JSON anyway.
func (d *decoder) tooDeep() error {
	if !json.Valid(d.data) {
		return errNotJSON
	}
	return fmt.Errorf("nested more than %d levels deep", maxDepth)
}

func (d *decoder) object(depth int) (any, error) {
	mine := len(d.members)
	d.at++
	for more := d.next() != '}'; more; {
		m, err := d.member(depth)
		if err != nil {
			return nil, err
		}
		d.members = append(d.members, m)
		if more, err = d.more('}'); err != nil {
			return nil, err
		}
	}
	d.at++
	o := RoomFor(len(d.members) - mine)
	for _, m := range d.members[mine:] {
		o.Set(m.key, m.value)
	}
	d.members = d.members[:mine]
	return o, nil
}

func (d *decoder) member(depth int) (m member, err error) {
	if d.next() != '"' {
		return m, errNotJSON
	}
	if m.key, err = d.key(); err != nil {
		return m, err
	}
	if d.next() != ':' {
		return m, errNotJSON
	}
	d.at++
	m.value, err = d.value(depth + 1)
	return m, err
}

func (d *decoder) array(depth int) (any, error) {
	mine := len(d.items)
	d.at++
	for more := d.next() != ']'; more; {
		item, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		d.items = append(d.items, item)
		if more, err = d.more(']'); err != nil {
			return nil, err
		}
	}
	d.at++
	items := append([]any{}, d.items[mine:]...)
	d.items = d.items[:mine]
	return items, nil
}

// more goes past the comma behind an item, or reports that closing comes instead.
func (d *decoder) more(closing byte) (bool, error) {
	switch d.next() {
	case ',':
		d.at++
		return true, nil
	case closing:
		return false, nil
	}
	return false, errNotJSON
}

// end is what comes after the last byte.
const end = 0

// next skips white space and returns the byte there.
func (d *decoder) next() byte {
	for ; d.at < len(d.data); d.at++ {
		switch c := d.data[d.at]; c {
		case ' ', '\t', '\r', '\n':
		case end:
			return '?' // no JSON has it
		default:
			return c
		}
	}
	return end
}

// word goes past true, false or null.
func (d *decoder) word(w string) error {
	if !bytes.HasPrefix(d.data[d.at:], []byte(w)) {
		return errNotJSON
	}
	d.at += len(w)
	return nil
}

func (d *decoder) number() (any, error) {
	start := d.at
	for d.at < len(d.data) && inNumber[d.data[d.at]] {
		d.at++
	}
	raw := d.data[start:d.at]
	switch {
	case !isWhole(raw) && !json.Valid(raw):
		return nil, errNotJSON
	case d.text != "":
		return json.Number(d.text[start:d.at]), nil
	}
	return once[json.Number](d, raw), nil
}

// inNumber are the bytes that numbers are written with.
var inNumber = func() (all [256]bool) {
	for _, c := range []byte("+-.0123456789Ee") {
		all[c] = true
	}
	return all
}()

// isWhole reports whether a number is one of digits alone, as most are.
func isWhole[T []byte | json.Number](raw T) bool {
	for i := range len(raw) {
		if raw[i] < '0' || raw[i] > '9' {
			return false
		}
	}
	return len(raw) > 0 && (raw[0] != '0' || len(raw) == 1)
}

// longestShared is up to how many bytes a text is looked for among the late ones.
const longestShared = 64

// once is raw as a value: one read lately, if there is one.
func once[T string | json.Number](d *decoder, raw []byte) any {
	if len(raw) > longestShared {
		return T(raw)
	}
	place := &d.lately[maphash.Bytes(d.seed, raw)%uint64(len(d.lately))]
	if late, ok := (*place).(T); !ok || string(late) != string(raw) {
		*place = T(raw)
	}
	return *place
}

func (d *decoder) string() (any, error) {
	raw, plain, err := d.quoted()
	switch {
	case err != nil:
		return nil, err
	case !plain:
		return unquote(raw)
	case d.text != "":
		return d.text[d.at-len(raw)+1 : d.at-1], nil
	}
	return once[string](d, raw[1:len(raw)-1]), nil
}

func (d *decoder) key() (string, error) {
	raw, plain, err := d.quoted()
	switch {
	case err != nil:
		return "", err
	case !plain:
		return unquote(raw)
	case d.text != "":
		return d.text[d.at-len(raw)+1 : d.at-1], nil
	}
	key, ok := d.keys[string(raw)]
	if !ok {
		key = string(raw[1 : len(raw)-1])
		d.keys[string(raw)] = key
	}
	return key, nil
}

// quoted returns the next string as it is written, quotes included, and
// whether it is plain: what stands between them is the text itself.
func (d *decoder) quoted() (raw []byte, plain bool, err error) {
	start, ascii := d.at, true
	plain = true
	for d.at++; d.at < len(d.data); d.at++ {
		switch c := d.data[d.at]; {
		case c == '"':
			d.at++
			raw = d.data[start:d.at]
			return raw, plain && (ascii || utf8.Valid(raw)), nil
		case c == '\\':
			plain = false
			d.at++
		case c < ' ':
			return nil, false, errNotJSON
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, false, errNotJSON
}

// unquote reads a string that is not plain.
func unquote(raw []byte) (s string, err error) {
	if json.Unmarshal(raw, &s) != nil {
		return "", errNotJSON
	}
	return s, nil
}

// syntaxError says what is wrong with text that is not one JSON value.
func syntaxError(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	var v json.RawMessage
	switch err := d.Decode(&v); {
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	}
	return errors.New("more text follows the JSON value")
}
