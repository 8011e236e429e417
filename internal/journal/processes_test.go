package journal

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
)

// TestMain is also what other processes run, on the journal of JOURNAL_DIR or
// JOURNAL_DATABASE.
func TestMain(m *testing.M) {
	run, ok := map[string]func(*Journal){
		"many": many, "endless": endless, "one": one,
	}[os.Getenv("JOURNAL_RUN")]
	if !ok {
		os.Exit(m.Run())
	}
	o := options{Dir: os.Getenv("JOURNAL_DIR"), Database: os.Getenv("JOURNAL_DATABASE")}
	j := newAt(o)
	run(j)
	must(j.Close())
}

func must(err error) {
	if err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
}

const (
	goroutines = 8
	each       = 15 // changes of a goroutine
	tokens     = 20
)

// many makes changes from several goroutines.
func many(j *Journal) {
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for range each {
				change(j)
			}
		})
	}
	for i := range tokens {
		first, err := store.Once(ctx, j.s, fmt.Sprint(i), time.Now(), time.Now().Add(time.Hour))
		must(err)
		if first {
			fmt.Println("FIRST", i)
		}
	}
	all.Wait()
}

func change(j *Journal) {
	id, err := j.Begin(ctx, entryOf("1"))
	must(err)
	fmt.Println("BEGUN", id)
	must(j.End(ctx, id, Ending{Outcome: Done, After: []byte(`{"a":1}`)}))
	fmt.Println("ENDED", id)
}

// endless makes changes until it is killed.
func endless(j *Journal) {
	for range 3 {
		go func() {
			for {
				change(j)
			}
		}()
	}
	select {}
}

// one begins a change, and ends when its input does.
func one(j *Journal) {
	id, err := j.Begin(ctx, entryOf("1"))
	must(err)
	fmt.Println("BEGUN", id)
	io.Copy(io.Discard, os.Stdin)
}

// child is another process at a journal.
type child struct {
	*exec.Cmd
	lines *bufio.Scanner
	input io.WriteCloser
}

func start(t *testing.T, o options, run string) *child {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	c := &child{Cmd: exec.Command(exe)}
	c.Env = append(os.Environ(), "JOURNAL_DIR="+o.Dir, "JOURNAL_RUN="+run, "JOURNAL_DATABASE="+o.Database)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	c.input, err = c.StdinPipe()
	require.NoError(t, err)
	c.lines = bufio.NewScanner(out)
	require.NoError(t, c.Start())
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return c
}

// read gives the numbers of the next lines, up to n, by their first words.
func (c *child) read(t *testing.T, n int, into map[string][]int64) {
	t.Helper()
	for range n {
		if !c.lines.Scan() {
			return
		}
		word, number, _ := strings.Cut(c.lines.Text(), " ")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Errorf("the process said %q", c.lines.Text())
			return
		}
		into[word] = append(into[word], id)
	}
}

// TestManyProcessesAtOnce also make the journal at once.
func TestManyProcessesAtOnce(t *testing.T) { shared(t, manyProcesses) }

func manyProcesses(t *testing.T, o options) {
	said := make([]map[string][]int64, 3)
	var all sync.WaitGroup
	for i := range said {
		c := start(t, o, "many")
		said[i] = map[string][]int64{}
		all.Go(func() {
			c.read(t, 1<<30, said[i])
			if err := c.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	j := open(t, o)
	seen, first := map[int64]bool{}, map[int64]bool{}
	for _, s := range said {
		require.Len(t, s["BEGUN"], goroutines*each)
		for _, id := range s["BEGUN"] {
			require.False(t, seen[id], "id %d was given twice", id)
			seen[id] = true
			require.Equal(t, Done, get(t, j, id).Outcome)
		}
		for _, token := range s["FIRST"] {
			require.False(t, first[token], "token %d was new twice", token)
			first[token] = true
		}
	}
	require.Len(t, first, tokens)
	_, total, err := j.List(ctx, Filter{})
	require.NoError(t, err)
	require.Equal(t, 3*goroutines*each, total)
	if o.Dir != "" {
		require.Empty(t, aside(t, o.Dir))
	}
}

func TestManyGoroutinesAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		j := open(t, o)
		var all sync.WaitGroup
		for g := range 8 {
			all.Go(func() {
				for n := range 25 {
					e := entryOf(fmt.Sprintf("%d.%d", g, n))
					id, err := j.Begin(ctx, e)
					if err == nil {
						err = j.End(ctx, id, Ending{Outcome: Done})
					}
					got, getErr := j.Get(ctx, id)
					if err != nil || getErr != nil || got.Record != e.Record || got.Outcome != Done {
						t.Errorf("%s: %v, %v, %+v", e.Record, err, getErr, got)
					}
				}
			})
		}
		all.Wait()
		_, total, err := j.List(ctx, Filter{Outcomes: []Outcome{Done}})
		require.NoError(t, err)
		require.Equal(t, 200, total)
	})
}

// TestKilledAtAnyMoment: what a process said that it has begun is in the
// journal, whenever it is killed, and what had not ended is found once.
func TestKilledAtAnyMoment(t *testing.T) { shared(t, killed) }

func killed(t *testing.T, o options) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	found := map[int64]bool{}
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		said := map[string][]int64{}
		c := start(t, o, "endless")
		c.read(t, r.IntN(40), said)
		for range r.IntN(1 << 22) { // and a moment more
		}
		require.NoError(t, c.Process.Kill())
		c.read(t, 1<<30, said)
		c.Wait()

		j := newAt(o)
		_, _, err := j.List(ctx, Filter{Limit: 1})
		require.NoError(t, err)
		lapse(t, o)
		orphans, err := j.Orphans(ctx, acme, "c1")
		require.NoError(t, err)
		for _, e := range orphans {
			require.False(t, found[e.ID], "%d is found twice", e.ID)
			found[e.ID] = true
			require.Equal(t, Unknown, get(t, j, e.ID).Outcome)
			require.Equal(t, LostNote, e.Note)
			require.JSONEq(t, string(entry().Before), string(e.Before))
			require.NoError(t, j.End(ctx, e.ID, Ending{Outcome: Unknown, Note: "can't be known"}))
		}
		ended := map[int64]bool{}
		for _, id := range said["ENDED"] {
			ended[id] = true
			require.Equal(t, Done, get(t, j, id).Outcome)
		}
		for _, id := range said["BEGUN"] {
			e := get(t, j, id)
			require.True(t, ended[id] || e.Outcome == Done || found[id], "%d is %s, and not found", id, e.Outcome)
		}
		_, pending, err := j.List(ctx, Filter{Outcomes: []Outcome{Pending}})
		require.NoError(t, err)
		require.Zero(t, pending)
		require.NoError(t, j.Close())
	}
	t.Logf("%d orphans", len(found))
	require.NotEmpty(t, found)
	if o.Dir == "" {
		return
	}
	require.Empty(t, aside(t, o.Dir), "it was whole each time")
	files, err := os.ReadDir(o.Dir)
	require.NoError(t, err)
	require.Len(t, files, 3, "nothing is left but the journal, its lock and the next ids")
}

func TestWhoIsAliveLeavesNoOrphans(t *testing.T) { shared(t, alive) }

func alive(t *testing.T, o options) {
	c := start(t, o, "one")
	said := map[string][]int64{}
	c.read(t, 1, said)
	id := said["BEGUN"][0]
	a, b := newAt(o), open(t, o)
	orphans := func(j *Journal, workspace string) (ids []int64) {
		found, err := j.Orphans(ctx, workspace, "c1")
		require.NoError(t, err)
		for _, e := range found {
			ids = append(ids, e.ID)
		}
		return ids
	}
	require.Empty(t, orphans(a, acme))
	require.Equal(t, Pending, get(t, a, id).Outcome)
	require.ErrorIs(t, a.End(ctx, id, Ending{Outcome: Done}), ErrOthers)

	require.NoError(t, c.Process.Kill())
	c.Wait()
	lapse(t, o)
	require.Equal(t, Unknown, get(t, b, id).Outcome, "a look at the journal tells the truth")
	require.Empty(t, orphans(a, "https://other.flexie.io/api"))
	others, err := a.Orphans(ctx, acme, "c2")
	require.NoError(t, err)
	require.Empty(t, others, "of another caller")
	require.Equal(t, []int64{id}, orphans(a, acme))
	require.Empty(t, orphans(a, acme), "it was given once")
	require.Empty(t, orphans(b, acme), "to one")

	require.NoError(t, a.Close()) // before it has found out
	require.Equal(t, []int64{id}, orphans(b, acme))
	require.NoError(t, b.End(ctx, id, Ending{Outcome: Unknown}))
	require.Empty(t, orphans(open(t, o), acme), "it was looked into")
}

func TestWhatItsWriterDidNotFindOutIsGivenToo(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		j := open(t, o)
		id := begin(t, j, Entry{})
		require.NoError(t, j.End(ctx, id, Ending{Outcome: Unknown}))
		found, err := j.Orphans(ctx, acme, "")
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.NoError(t, j.End(ctx, id, Ending{Outcome: Done}))
		found, err = j.Orphans(ctx, acme, "")
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

func TestAProcessThatEndsLeavesItsPendingChanges(t *testing.T) {
	shared(t, func(t *testing.T, o options) {
		c := start(t, o, "one")
		said := map[string][]int64{}
		c.read(t, 1, said)
		require.NoError(t, c.input.Close())
		require.NoError(t, c.Wait())
		require.Equal(t, Unknown, get(t, open(t, o), said["BEGUN"][0]).Outcome)
	})
}
