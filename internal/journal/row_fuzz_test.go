package journal

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
)

// FuzzRow: an entry with any texts comes back as it was, and a row that holds
// anything at all can be read, gives valid JSON, and does not keep others from
// being read.
func FuzzRow(f *testing.F) {
	f.Add("42", "Anna", []byte(`{"a":1}`), []byte(`[{"field":"a","from":1,"to":null}]`), int64(7))
	f.Add("", "\x00\xff", []byte(`{"a":`), []byte(`{"field":1}`), int64(-1))
	f.Add("done", "2026-13-45T99:00:00.000000Z", []byte("null"), []byte(`[null,[],{}]`), int64(0))
	f.Add("x", "y", []byte(`"\ud800"`), []byte(`[{"field":"a"}] trailing`), int64(1)<<62)
	j := newAt(options{Memory: true})
	f.Cleanup(func() { j.Close() })
	f.Fuzz(func(t *testing.T, a, b string, x, y []byte, n int64) {
		wholeRow(t, j, a, b, x, n)
		anyRow(t, j, a, b, x, y, n)
	})
}

func wholeRow(t *testing.T, j *Journal, a, b string, x []byte, n int64) {
	want := Entry{Workspace: a, Caller: b, User: a, Client: b, Tool: a, Endpoint: b, Act: a, Kind: b,
		Table: a, Record: b, Name: a, NoUndo: b, Note: a}
	if json.Valid(x) {
		want.Arguments, want.Before, want.After, want.Data = x, x, x, x
	}
	if n%2 == 0 {
		want.Changes = []Change{{Field: "f", From: json.Number("1e5"), To: n%3 == 0}}
	}
	id, err := j.Begin(ctx, want)
	require.NoError(t, err)
	got, err := j.Get(ctx, id)
	require.NoError(t, err)
	want.ID, want.Began, want.Outcome = id, got.Began, Pending
	require.Equal(t, want, got)
	require.NoError(t, j.End(ctx, id, Ending{Outcome: Done, Record: a, Name: b, After: x, Note: b}))
}

func anyRow(t *testing.T, j *Journal, a, b string, x, y []byte, n int64) {
	id, err := j.Begin(ctx, Entry{})
	require.NoError(t, err)
	require.NoError(t, j.End(ctx, id, Ending{Outcome: Unknown}))
	err = j.s.Do(ctx, func(t *store.Tx) error {
		_, err := t.Exec(`UPDATE change SET began = ?, ended = ?, outcome = ?, note = ?, undoes = ?, undone_by = ?,
		arguments = ?, changes = ?, data = ?, record_before = ?, record_after = ?, name = ?, workspace = ?, looker = ? WHERE id = ?`,
			b, x, a, n, a, n, x, y, string(y), string(x), n, float64(n)/3, y, b, id)
		return err
	})
	require.NoError(t, err)
	got, err := j.Get(ctx, id)
	require.NoError(t, err)
	for _, text := range []json.RawMessage{got.Arguments, got.Data, got.Before, got.After} {
		require.True(t, text == nil || json.Valid(text))
	}
	_, err = json.Marshal(got)
	require.NoError(t, err)
	require.Contains(t, []Outcome{Pending, Done, NotDone, Unknown}, got.Outcome)
	if !json.Valid(x) && len(x) > 0 {
		require.NotEmpty(t, got.NoUndo, "what is damaged is not put back")
	}
	_, _, err = j.List(ctx, Filter{Workspace: a})
	require.NoError(t, err)
	_, err = j.Orphans(ctx, a, b)
	require.NoError(t, err)
	if err := j.End(ctx, id, Ending{Outcome: Done}); err != nil {
		require.True(t, isAnswer(err), "%v", err)
	}
	inside(t, j, `DELETE FROM change`)
	j.forget(map[int64]Ending{id: {}})
}
