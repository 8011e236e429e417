package journal

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAListCanBeBrief: what is large in it is left out, and what is not is there.
func TestAListCanBeBrief(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		j := open(t, o)
		long := strings.Repeat(`é"\`, 20_000)
		record, err := json.Marshal(map[string]string{"background": long})
		require.NoError(t, err)
		begin(t, j, Entry{
			Before: record, After: record, Arguments: record, Data: json.RawMessage(`{"list":3}`), Name: "Ana",
			Changes: []Change{{"city", "Bonn", "Berlin"}, {"background", "", long}, {"zip", "1", "2"}},
		})
		small := Entry{Before: json.RawMessage(`{"a":1}`), Changes: []Change{{"city", "Bonn", "Berlin"}}}
		begin(t, j, small)

		found, total, err := j.List(ctx, Filter{Brief: true})
		require.NoError(t, err)
		require.Equal(t, 2, total)
		require.Equal(t, small.Changes, found[0].Changes)
		require.JSONEq(t, `{"a":1}`, string(found[0].Before))
		require.False(t, found[0].Brief)

		e := found[1]
		require.True(t, e.Brief)
		require.Equal(t, "Ana", e.Name)
		require.Empty(t, e.NoUndo, "it is not damaged")
		require.Nil(t, e.Before)
		require.Nil(t, e.After)
		require.Nil(t, e.Arguments)
		require.JSONEq(t, `{"list":3}`, string(e.Data))
		require.Len(t, e.Changes, 2)
		require.Equal(t, Change{"city", "Bonn", "Berlin"}, e.Changes[0])
		require.Equal(t, "background", e.Changes[1].Field)
		to, _ := e.Changes[1].To.(string)
		require.True(t, strings.HasPrefix(long, strings.TrimSuffix(to, "…")) && len(to) > 1000, "%.40q", to)

		whole, _, err := j.List(ctx, Filter{})
		require.NoError(t, err)
		require.Equal(t, long, whole[1].Changes[1].To)
		require.False(t, whole[1].Brief)
	})
}

func TestTheBeginningOfChanges(t *testing.T) {
	for text, want := range map[string][]Change{
		`[{"field":"a","from":null,"to":"x"},{"field":"b","from":"lo`: {{"a", nil, "x"}, {"b", "lo…", "…"}},
		`[{"field":"b","from":"say \"to\": ","to":"long\u00`:          {{"b", `say "to": `, "long…"}},
		`[{"field":"b","from":12`:                                     {{"b", nil, "…"}},
		`[{"field":"b","from":null,"to":["x`:                          {{"b", nil, "…"}},
		`[{"fie`:                                                      nil,
		`[`:                                                           nil,
		`nonsense`:                                                    nil,
	} {
		require.Equal(t, want, beginning([]byte(text)), text)
	}
}

// TestABriefListTakesLittleMemory however large what it lists is.
func TestABriefListTakesLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("one case after the other, at length")
	}
	j := open(t, options{Dir: t.TempDir()})
	text := strings.Repeat("x", 4<<20)
	record, err := json.Marshal(map[string]string{"text": text})
	require.NoError(t, err)
	for range 5 {
		begin(t, j, Entry{Arguments: record, After: record, Changes: []Change{{"text", nil, text}}})
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err = j.List(ctx, Filter{Brief: true})
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
}
