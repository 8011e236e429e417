package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

var ctx = context.Background()

const windows = runtime.GOOS == "windows"

const acme = "https://acme.flexie.io/api"

// noon is when the clock of a test begins.
var noon = time.Date(2026, 11, 24, 10, 52, 0, 0, time.UTC)

// clock is one that stands unless moved.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// options are those of a journal and of its store.
type options struct {
	Dir       string
	Memory    bool
	Database  string
	KeepFor   time.Duration
	KeepBytes int64
	Now       func() time.Time
	Log       *slog.Logger
	Patience  time.Duration
}

// newAt is a journal with a store of its own, as a process has it.
func newAt(o options) *Journal {
	s := store.Open(store.Options{Dir: o.Dir, Memory: o.Memory, Database: o.Database, Now: o.Now, Log: o.Log, Patience: o.Patience})
	return New(Options{Store: s.Durable, KeepFor: o.KeepFor, KeepBytes: o.KeepBytes, Now: o.Now, Log: o.Log})
}

// inside runs statements in the store of a journal.
func inside(t testing.TB, j *Journal, statements ...string) {
	t.Helper()
	require.NoError(t, j.s.Do(ctx, func(t *store.Tx) error {
		for _, s := range statements {
			if _, err := t.Exec(s); err != nil {
				return err
			}
		}
		return nil
	}))
}

// lapse ends the leases of those who have begun changes, where they have such.
func lapse(t testing.TB, o options) {
	t.Helper()
	if o.Database != "" {
		storetest.Lapse(t, o.Database)
	}
}

// open is a journal that is closed after the test.
func open(t testing.TB, o options) *Journal {
	t.Helper()
	j := newAt(o)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j
}

// logged is a journal in a directory, and what it logs.
func logged(t testing.TB, dir string) (*Journal, *storetest.Lines) {
	log := new(storetest.Lines)
	return open(t, options{Dir: dir, Log: textLog(log)}), log
}

func textLog(l *storetest.Lines) *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func begin(t testing.TB, j *Journal, e Entry) int64 {
	t.Helper()
	if e.Workspace == "" {
		e.Workspace = acme
	}
	id, err := j.Begin(ctx, e)
	require.NoError(t, err)
	return id
}

func get(t testing.TB, j *Journal, id int64) Entry {
	t.Helper()
	e, err := j.Get(ctx, id)
	require.NoError(t, err)
	return e
}

// entry has something of everything.
func entry() Entry {
	return Entry{
		Workspace: acme, Caller: "c1", User: "Jane Doe", Client: "claude-ai 1.2",
		Tool: "update_contact", Endpoint: "contacts.update",
		Arguments: json.RawMessage(`{"id": 42,  "fields": {"city":"Berlin"}}`),
		Act:       "update", Kind: "contact", Table: "cars", Record: "42", Name: "Anna\x00 \xff ☃",
		Before: json.RawMessage(`{"city":"Bonn","n":12345678901234567890}`), After: json.RawMessage(`null`),
		Changes: []Change{{"city", "Bonn", "Berlin"}, {"n", json.Number("12345678901234567890"), nil}, {"l", []any{"a", true}, map[string]any{"x": "y"}}},
		Data:    json.RawMessage(`[1]`), NoUndo: "it was sent", Undoes: 7, Note: "so far",
	}
}

// everywhere runs a test on a file, in memory and in Postgres.
func everywhere(t *testing.T, test func(t *testing.T, o options)) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		test(t, options{Dir: o.Dir, Memory: o.Memory, Database: o.Database})
	})
}

// shared runs a test where several processes can be at one journal.
func shared(t *testing.T, test func(t *testing.T, o options)) {
	storetest.Shared(t, func(t *testing.T, o store.Options) { test(t, options{Dir: o.Dir, Database: o.Database}) })
}

func TestAnEntryComesBackAsItWas(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		c := &clock{t: noon.Add(123456789)}
		o.Now = c.now
		j := open(t, o)
		want := entry()
		id := begin(t, j, want)
		if o.Database != "" {
			want.Name = "Anna\ufffd \ufffd ☃" // it has no place for the others
		}
		want.ID, want.Began, want.Outcome = id, noon.Add(123456000), Pending
		require.Equal(t, want, get(t, j, id))

		c.move(time.Second)
		require.NoError(t, j.End(ctx, id, Ending{Outcome: Done, Record: "43", Name: "Bea", After: json.RawMessage(`{"id":43}`), Note: "made"}))
		want.Ended, want.Outcome = want.Began.Add(time.Second), Done
		want.Record, want.Name, want.After, want.Note = "43", "Bea", json.RawMessage(`{"id":43}`), "made"
		require.Equal(t, want, get(t, j, id))
	})
}

func TestWhatAnEndingLeavesOutStays(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		j := open(t, o)
		want := entryOf("42")
		want.Name = "Anna ☃"
		id := begin(t, j, want)
		require.NoError(t, j.End(ctx, id, Ending{Outcome: NotDone}))
		got := get(t, j, id)
		require.Equal(t, []any{want.Record, want.Name, want.After, want.Note}, []any{got.Record, got.Name, got.After, got.Note})
	})
}

func TestAnEntryWithoutAnything(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		o.Now = (&clock{t: noon}).now
		j := open(t, o)
		id, err := j.Begin(ctx, Entry{Outcome: Done, ID: 99, UndoneBy: 3, Ended: noon}) // these are the journal's
		require.NoError(t, err)
		require.Equal(t, Entry{ID: id, Began: noon, Outcome: Pending}, get(t, j, id))
	})
}

func TestALargeRecordIsKeptWhole(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		j := open(t, o)
		large := json.RawMessage(`"` + strings.Repeat("x", 3<<20) + `"`)
		id := begin(t, j, Entry{Before: large})
		require.NoError(t, j.End(ctx, id, Ending{Outcome: Done, After: large}))
		e := get(t, j, id)
		require.True(t, bytes.Equal(large, e.Before) && bytes.Equal(large, e.After))
	})
}

func TestWhatIsNoJSONIsRefused(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		j := open(t, o)
		for _, e := range []Entry{
			{Arguments: json.RawMessage(`{`)}, {Before: json.RawMessage(`x`)}, {After: json.RawMessage(`{}{}`)},
			{Data: json.RawMessage(` `)}, {Changes: []Change{{"f", func() {}, nil}}},
		} {
			_, err := j.Begin(ctx, e)
			require.ErrorContains(t, err, "the change was not made, since it can't be recorded: ")
		}
	})
}

func TestEnding(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		j := open(t, o)
		require.ErrorIs(t, j.End(ctx, 5, Ending{Outcome: Done}), ErrNotFound)
		_, err := j.Get(ctx, 5)
		require.ErrorIs(t, err, ErrNotFound)

		id := begin(t, j, Entry{})
		require.Error(t, j.End(ctx, id, Ending{Outcome: Pending}))
		require.Error(t, j.End(ctx, id, Ending{}))
		require.NoError(t, j.End(ctx, id, Ending{Outcome: Unknown, Note: "no answer"}))
		require.NoError(t, j.End(ctx, id, Ending{Outcome: Done}), "it was found out")
		require.ErrorIs(t, j.End(ctx, id, Ending{Outcome: NotDone}), ErrEnded)
		require.Equal(t, Done, get(t, j, id).Outcome)
	})
}

func TestEndingOutlivesTheCall(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		j := open(t, o)
		id := begin(t, j, Entry{})
		over, cancel := context.WithCancel(ctx)
		cancel()
		require.NoError(t, j.End(over, id, Ending{Outcome: Done}))
		_, err := j.Begin(over, Entry{})
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestAChangeIsTakenBackOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		j := open(t, o)
		id := begin(t, j, Entry{})
		require.NoError(t, j.End(ctx, id, Ending{Outcome: Done}))

		undo := begin(t, j, Entry{Undoes: id})
		_, err := j.Begin(ctx, Entry{Undoes: id})
		require.ErrorIs(t, err, ErrUndone, "it is being undone")
		require.NoError(t, j.End(ctx, undo, Ending{Outcome: Unknown}))
		_, err = j.Begin(ctx, Entry{Undoes: id})
		require.ErrorIs(t, err, ErrUndone, "it may be undone")
		undoing, _, err := j.List(ctx, Filter{Undoes: id})
		require.NoError(t, err)
		require.Len(t, undoing, 1)
		require.NoError(t, j.End(ctx, undo, Ending{Outcome: NotDone}))
		require.Zero(t, get(t, j, id).UndoneBy)

		undo = begin(t, j, Entry{Undoes: id})
		require.NoError(t, j.End(ctx, undo, Ending{Outcome: Done}))
		require.Equal(t, undo, get(t, j, id).UndoneBy)
		_, err = j.Begin(ctx, Entry{Undoes: id})
		require.ErrorIs(t, err, ErrUndone)
	})
}

func TestList(t *testing.T) { everywhere(t, list) }

func list(t *testing.T, o options) {
	c := &clock{t: noon}
	o.Now = c.now
	j := open(t, o)
	var ids []int64
	for _, e := range []Entry{
		{Caller: "a", Kind: "contact", Record: "1", Tool: "update_contact", Client: "x 1"},
		{Caller: "a", Kind: "custom", Table: "cars", Record: "1", Tool: "create_custom_record"},
		{Caller: "b", Kind: "contact", Record: "2", Tool: "delete_contact", Act: "delete"},
		{Caller: "b", Kind: "contact", Record: "1", Workspace: "https://other.flexie.io/api"},
	} {
		ids = append(ids, begin(t, j, e))
		c.move(time.Minute)
	}
	require.NoError(t, j.End(ctx, ids[2], Ending{Outcome: Done}))
	for _, test := range []struct {
		f     Filter
		want  []int
		total int
	}{
		{Filter{}, []int{3, 2, 1, 0}, 4},
		{Filter{Workspace: acme}, []int{2, 1, 0}, 3},
		{Filter{Workspace: acme, Limit: 2}, []int{2, 1}, 3},
		{Filter{Workspace: acme, Start: 2, Limit: 2}, []int{0}, 3},
		{Filter{Start: 9}, nil, 4},
		{Filter{Caller: "a"}, []int{1, 0}, 2},
		{Filter{Kind: "contact", Record: "1"}, []int{3, 0}, 2},
		{Filter{Table: "cars"}, []int{1}, 1},
		{Filter{Tool: "delete_contact"}, []int{2}, 1},
		{Filter{Client: "x 1"}, []int{0}, 1},
		{Filter{Client: "X"}, []int{0}, 1},
		{Filter{Client: "%"}, nil, 0},
		{Filter{Since: noon.Add(time.Minute), Until: noon.Add(3 * time.Minute)}, []int{2, 1}, 2},
		{Filter{Since: noon.Add(time.Minute).In(time.FixedZone("", 3600))}, []int{3, 2, 1}, 3},
		{Filter{Outcomes: []Outcome{Done, Unknown}}, []int{2}, 1},
		{Filter{Outcomes: []Outcome{Pending, Done}, Caller: "b"}, []int{3, 2}, 2},
		{Filter{Record: "' OR 1=1 --"}, nil, 0},
		{Filter{Kinds: []string{"contact", "task"}}, []int{3, 2, 0}, 3},
		{Filter{Kinds: []string{"custom"}, Record: "1"}, []int{1}, 1},
		{Filter{Kinds: []string{}}, nil, 0},
		{Filter{Kinds: []string{"contact"}, Without: []OfKind{{"contact", "delete"}}}, []int{3, 0}, 2},
		{Filter{Without: []OfKind{{"custom", "delete"}, {"task", "update"}}}, []int{3, 2, 1, 0}, 4},
	} {
		found, total, err := j.List(ctx, test.f)
		require.NoError(t, err)
		var got []int64
		for _, e := range found {
			got = append(got, e.ID)
		}
		var want []int64
		for _, i := range test.want {
			want = append(want, ids[i])
		}
		require.Equal(t, want, got, "%+v", test.f)
		require.Equal(t, test.total, total, "%+v", test.f)
	}
}

func TestNothingIsMadeBeforeItIsNeeded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	j := newAt(options{Dir: dir})
	require.NoError(t, j.Close())
	require.NoDirExists(t, dir)
	_, err := j.Begin(ctx, Entry{})
	require.ErrorIs(t, err, store.ErrClosed)
	require.NoError(t, j.Close())
}

func TestOnlyTheOwnerCanReadIt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights are otherwise there")
	}
	dir := filepath.Join(t.TempDir(), "state")
	j := open(t, options{Dir: dir})
	begin(t, j, Entry{})
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 6) // journal.db, -wal, -shm, .lock, .next, -….live
	for _, f := range files {
		info, err := f.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), f.Name())
	}
}

func TestAFileThatOthersCouldReadIsTakenFromThem(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights are otherwise there")
	}
	dir := t.TempDir()
	j := newAt(options{Dir: dir})
	begin(t, j, Entry{})
	require.NoError(t, j.Close())
	require.NoError(t, os.Chmod(j.s.Place(), 0o644))
	begin(t, open(t, options{Dir: dir}), Entry{})
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(j.s.Place() + suffix)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

// TestHowItIsOpened: what makes an entry durable, and lets a file shrink.
func TestHowItIsOpened(t *testing.T) {
	for _, name := range []string{"plain", "with space", "with?mark#and%41", "-ü[x]"} {
		dir := filepath.Join(t.TempDir(), name)
		j := open(t, options{Dir: dir})
		begin(t, j, Entry{})
		require.FileExists(t, filepath.Join(dir, "journal.db"))
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "auto_vacuum": "2", "user_version": "2"} {
			var got string
			require.NoError(t, j.s.Do(ctx, func(t *store.Tx) error { return t.QueryRow(`PRAGMA ` + pragma).Scan(&got) }))
			require.Equal(t, want, got, pragma)
		}
	}
}
