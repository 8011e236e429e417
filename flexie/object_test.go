package flexie

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func keysOf(o *Object) (keys []string) {
	for key := range o.All() {
		keys = append(keys, key)
	}
	return keys
}

// TestObjectKeepsOrder: small, and large enough to need an index.
func TestObjectKeepsOrder(t *testing.T) {
	for _, n := range []int{0, 1, fewMembers, fewMembers + 1, 500} {
		o := NewObject()
		var want []string
		for i := range n {
			key := fmt.Sprint(n - i)
			want = append(want, key)
			o.Set(key, i)
		}
		for i, key := range want {
			require.Equal(t, i, o.Get(key))
			o.Set(key, -i) // keeps its place
		}
		require.Equal(t, n, o.Len())
		require.Equal(t, want, keysOf(o))
		for i, key := range want {
			require.True(t, o.Has(key))
			require.Equal(t, -i, o.Get(key))
		}
		require.False(t, o.Has("0"))
		require.Nil(t, o.Get("0"))
	}
}

// TestNoObject: reading from one that is not there finds nothing.
func TestNoObject(t *testing.T) {
	var o *Object
	require.Nil(t, o.Get("a"))
	require.False(t, o.Has("a"))
	require.Zero(t, o.Len())
	require.Empty(t, keysOf(o))
	require.Equal(t, `{"a":null}`, shown(t, map[string]any{"a": o}))
}

func TestObjectStopsWhenToldTo(t *testing.T) {
	for key := range object(t, `{"a":1,"b":2}`).All() {
		require.Equal(t, "a", key)
		break
	}
}

// TestMarshal: HTML stays readable on the wire; a null, and none, are told apart.
func TestMarshal(t *testing.T) {
	o := object(t, `{"b":"<b>&</b>","a":[1.0,{"<z>":null,"y":{}},[]],"n":null}`)
	o.Set("nested", (*Object)(nil))
	data, err := EncodeJSON(o)
	require.NoError(t, err)
	require.Equal(t, `{"b":"<b>&</b>","a":[1.0,{"<z>":null,"y":{}},[]],"n":null,"nested":null}`, string(data))

	_, err = EncodeJSON(json.Number("1,5"))
	require.Error(t, err)
	o.Set("bad", []any{json.Number("1,5")})
	_, err = json.Marshal(o)
	require.Error(t, err)
}
