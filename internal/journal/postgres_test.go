package journal

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// TestReplicasDoAThingOnce: of several that begin at once what may be begun
// once, one does.
func TestReplicasDoAThingOnce(t *testing.T) {
	address := storetest.Postgres(t)
	var replicas []*Journal
	for range 3 {
		replicas = append(replicas, open(t, options{Database: address}))
	}
	for round := range 10 {
		id := begin(t, replicas[0], Entry{})
		require.NoError(t, replicas[0].End(ctx, id, Ending{Outcome: Done}))
		sign := fmt.Sprint("send ", round)
		for what, do := range map[string]func(*Journal) error{
			"undo": func(j *Journal) error { _, err := j.Begin(ctx, Entry{Undoes: id}); return err },
			"send": func(j *Journal) error { _, err := j.BeginUnless(ctx, Entry{Same: sign}, noon, 0); return err },
		} {
			var all sync.WaitGroup
			var made atomic.Int64
			for i := range 9 {
				all.Go(func() {
					switch err := do(replicas[i%3]); {
					case err == nil:
						made.Add(1)
					case !isAnswer(err):
						t.Error(err)
					}
				})
			}
			all.Wait()
			require.Equal(t, int64(1), made.Load(), what)
		}
	}
}

// TestOrphansAreGivenToOneReplica, however many ask at once.
func TestOrphansAreGivenToOneReplica(t *testing.T) {
	address := storetest.Postgres(t)
	first := open(t, options{Database: address})
	for range 30 {
		require.NoError(t, first.End(ctx, begin(t, first, Entry{}), Ending{Outcome: Unknown}))
	}
	var all sync.WaitGroup
	var given atomic.Int64
	for range 4 {
		j := open(t, options{Database: address})
		all.Go(func() {
			found, err := j.Orphans(ctx, acme, "")
			if err != nil {
				t.Error(err)
			}
			given.Add(int64(len(found)))
		})
	}
	all.Wait()
	require.Equal(t, int64(30), given.Load())
}

func TestADatabaseThatIsGone(t *testing.T) {
	plug := storetest.NewPlug(t)
	j := open(t, options{Database: plug.Address})
	id := begin(t, j, Entry{})

	plug.Pull()
	storetest.Cut(t, plug.Side)
	refused(t, j, store.ErrUnreachable, "its database can't be reached: ", "Check that Postgres runs and that database_url is right")
	err := j.End(ctx, id, Ending{Outcome: Done})
	require.ErrorIs(t, err, store.ErrUnreachable)
	require.ErrorContains(t, err, fmt.Sprintf("what came of change %d can't be recorded yet: ", id))
	_, _, err = j.List(ctx, Filter{})
	require.ErrorIs(t, err, store.ErrUnreachable)
	_, err = store.Once(ctx, j.s, "a", noon, noon)
	require.ErrorIs(t, j.s.Kind(err), store.ErrUnreachable, "nor is a code used up unseen")

	plug.In()
	require.Equal(t, Done, get(t, j, id).Outcome, "it was recorded as soon as it could be")
	begin(t, j, Entry{}) // without a restart
	_, total, err := j.List(ctx, Filter{})
	require.NoError(t, err)
	require.Equal(t, 2, total)
}

func TestADatabaseThatComesLater(t *testing.T) {
	plug := storetest.NewPlug(t)
	plug.Pull()
	j := open(t, options{Database: plug.Address})
	refused(t, j, store.ErrUnreachable, "its database can't be reached: ", "Check that Postgres runs")
	plug.In()
	begin(t, j, Entry{})
}

// TestAConnectionThatWasCut is no reason to refuse a change later.
func TestAConnectionThatWasCut(t *testing.T) {
	address := storetest.Postgres(t)
	j := open(t, options{Database: address})
	begin(t, j, Entry{})
	storetest.Cut(t, address)
	var err error
	for range 5 {
		if _, err = j.Begin(ctx, Entry{}); err == nil {
			return
		}
		require.ErrorIs(t, err, store.ErrUnreachable)
	}
	require.NoError(t, err)
}

// unsure loses the answers to commits.
type unsure struct{ store.Store }

func (u unsure) Do(ctx context.Context, f func(*store.Tx) error) error {
	if err := u.Store.Do(ctx, f); err != nil {
		return err
	}
	return store.ErrUnsure
}

// TestABeginningOfWhichTheAnswerIsLost does not stay pending: it was not made.
func TestABeginningOfWhichTheAnswerIsLost(t *testing.T) {
	j := open(t, options{Database: storetest.Postgres(t)})
	whole := j.s
	j.s = unsure{whole}
	refused(t, j, store.ErrUnreachable, "its database can't be reached: the connection was lost before Postgres said whether it is recorded", "Check that Postgres runs")
	j.s = whole
	found, _, err := j.List(ctx, Filter{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, NotDone, found[0].Outcome)
	require.Equal(t, "it was not made, since it could not be recorded", found[0].Note)
}

func TestADatabaseThatCanOnlyBeRead(t *testing.T) {
	address := storetest.Postgres(t)
	id := begin(t, open(t, options{Database: address}), entryOf("1"))
	j := open(t, options{Database: address + "&default_transaction_read_only=on"})
	refused(t, j, store.ErrForbidden, "ERROR: ", "whether the database is read-only")
	require.Equal(t, "1", get(t, j, id).Record, "reading goes on")

	j = open(t, options{Database: storetest.Postgres(t) + "&default_transaction_read_only=on"})
	refused(t, j, store.ErrForbidden, "ERROR: ", "whether the database is read-only")
}

// TestTwoVersionsSideBySide: a newer one may add to the tables, and says when an
// older one can't use them any more.
func TestTwoVersionsSideBySide(t *testing.T) {
	o := options{Database: storetest.Postgres(t)}
	before := begin(t, open(t, o), entryOf("1"))
	storetest.SQL(t, o.Database, `ALTER TABLE change ADD COLUMN mood TEXT NOT NULL DEFAULT ''; UPDATE flexie_format SET version = 7; INSERT INTO flexie_format VALUES ('later', 9, 9)`)
	j := open(t, o)
	require.Equal(t, "1", get(t, j, before).Record)
	begin(t, j, Entry{})

	storetest.SQL(t, o.Database, `UPDATE flexie_format SET needs = 7 WHERE part = 'durable'`)
	j = open(t, o)
	refused(t, j, store.ErrNewer, "a newer version of flexie-mcp has written it (it needs format 7; this one knows formats up to 2)", "Update flexie-mcp")
}

// TestNoPasswordIsShown of an address, whatever is wrong with it.
func TestNoPasswordIsShown(t *testing.T) {
	for _, address := range []string{
		"postgres://me:s3cr3t@127.0.0.1:1/flexie", "postgres://me:s3cr3t@127.0.0.1:x/flexie", "postgres://me:s3cr3t%zz@127.0.0.1/flexie",
		"host=127.0.0.1 port=1 password=s3cr3t", "postgresql://127.0.0.1:1/flexie?password=s3cr3t", "mysql://me:s3cr3t@127.0.0.1/flexie",
		"postgres://127.0.0.1:1/flexie?password=s3cr3t&sslrootcert=/nowhere", "s3cr3t", "postgres://me:s3cr3t@127.0.0.1:1/flexie?sslmode=s3cr3t",
	} {
		log := new(storetest.Lines)
		j := open(t, options{Database: address, Log: textLog(log)})
		_, err := j.Begin(ctx, Entry{})
		require.Error(t, err)
		require.NotContains(t, err.Error()+log.String(), "s3cr3t", address)
		require.ErrorContains(t, err, "database_url")
		_, _, err = j.List(ctx, Filter{})
		require.NotContains(t, err.Error(), "s3cr3t", address)
	}
}
