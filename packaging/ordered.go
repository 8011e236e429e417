package packaging

import (
	"bytes"
	"encoding/json"
	"strings"
)

// ordered is a JSON object whose members keep their order, in which a form shows them.
type ordered[V any] []member[V]

type member[V any] struct {
	key   string
	value V
}

func (o ordered[V]) with(key string, value V) ordered[V] {
	return append(o, member[V]{key, value})
}

// MarshalJSON writes the object.
func (o ordered[V]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{m.key, m.value} {
			if j > 0 {
				b.WriteByte(':')
			}
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if err := e.Encode(part); err != nil {
				return nil, err
			}
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// variableOf is the environment variable of a setting.
func variableOf(key string) string { return "FLEXIE_" + strings.ToUpper(key) }
