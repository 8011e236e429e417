package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// object is a JSON object that keeps its order: PHP's do, and a list keyed by
// id would lose the order of its results without it.
type object []member

type member struct {
	key   string
	value any
}

// with adds a member.
func (o object) with(key string, value any) object {
	return append(o, member{key, value})
}

// MarshalJSON lets an object be written by encoding/json as well.
func (o object) MarshalJSON() ([]byte, error) {
	w := newWriter()
	err := w.write(o)
	return w.buf.Bytes(), err
}

// respond writes an answer; nil is 204 and says nothing.
func respond(w http.ResponseWriter, status int, answer any) {
	if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	out := newWriter()
	if err := out.write(answer); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(out.buf.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(out.buf.Bytes()) // the caller may be gone: nothing is left to do then
}

// writer writes nested objects in one pass: encoding/json would go over a
// nested MarshalJSON's bytes again at each level.
type writer struct {
	buf bytes.Buffer
	enc *json.Encoder
}

func newWriter() *writer {
	w := &writer{}
	w.enc = json.NewEncoder(&w.buf)
	w.enc.SetEscapeHTML(false)
	return w
}

func (w *writer) write(v any) error {
	switch v := v.(type) {
	case object:
		return w.object(v)
	case []any:
		return w.array(v)
	default:
		err := w.enc.Encode(v)
		if n := w.buf.Len(); err == nil {
			w.buf.Truncate(n - 1) // the encoder's newline
		}
		return err
	}
}

func (w *writer) object(o object) error {
	w.buf.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			w.buf.WriteByte(',')
		}
		if err := w.write(m.key); err != nil {
			return err
		}
		w.buf.WriteByte(':')
		if err := w.write(m.value); err != nil {
			return err
		}
	}
	w.buf.WriteByte('}')
	return nil
}

func (w *writer) array(items []any) error {
	w.buf.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			w.buf.WriteByte(',')
		}
		if err := w.write(item); err != nil {
			return err
		}
	}
	w.buf.WriteByte(']')
	return nil
}
