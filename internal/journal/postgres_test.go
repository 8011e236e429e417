package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/confirm"
)

// TestReplicasDoAThingOnce: of several that begin at once what may be begun
// once, one does.
func TestReplicasDoAThingOnce(t *testing.T) {
	address := newDatabase(t)
	var replicas []*Journal
	for range 3 {
		replicas = append(replicas, open(t, Options{Database: at(t, address)}))
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
	address := newDatabase(t)
	first := open(t, Options{Database: at(t, address)})
	for range 30 {
		require.NoError(t, first.End(ctx, begin(t, first, Entry{}), Ending{Outcome: Unknown}))
	}
	var all sync.WaitGroup
	var given atomic.Int64
	for range 4 {
		j := open(t, Options{Database: at(t, address)})
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

// TestACodeOfOneReplicaWorksOnAnother, once in all.
func TestACodeOfOneReplicaWorksOnAnother(t *testing.T) {
	address := newDatabase(t)
	codes := func() *confirm.Codes {
		p := at(t, address)
		share := func(fresh []byte) ([]byte, error) { return p.Secret(ctx, "confirm", fresh) }
		return confirm.New(confirm.Options{Share: share, Once: open(t, Options{Database: p}).Once})
	}
	a, b, c := codes(), codes(), codes()
	what := confirm.Binding{Caller: "jane", Tool: "delete_contact", Arguments: `{"id":42}`}
	code, err := a.Issue(what)
	require.NoError(t, err)
	require.NoError(t, b.Accept(ctx, code, what))
	require.ErrorIs(t, a.Accept(ctx, code, what), confirm.ErrUsed)
	require.ErrorIs(t, c.Accept(ctx, code, what), confirm.ErrUsed)
}

// unplugged is an address at which Postgres can be made to be gone.
type unplugged struct {
	t       *testing.T
	link    string
	sockets string
	address string
}

func newUnplugged(t *testing.T) *unplugged {
	address := newDatabase(t)
	_, query, _ := strings.Cut(address, "host=")
	sockets, _, _ := strings.Cut(query, "&")
	dir, err := os.MkdirTemp("/tmp", "flexie-pg-link") // the path of a socket has to be short
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	u := &unplugged{t: t, link: filepath.Join(dir, "s"), sockets: sockets}
	u.address = strings.Replace(address, sockets, u.link, 1)
	u.plug()
	return u
}

func (u *unplugged) plug() { require.NoError(u.t, os.Symlink(u.sockets, u.link)) }

// pull also ends the connections that there are.
func (u *unplugged) pull(o Options) {
	require.NoError(u.t, os.Remove(u.link))
	inSQL(u.t, o, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flexie-mcp' AND pid <> pg_backend_pid()`)
}

func TestADatabaseThatIsGone(t *testing.T) {
	u := newUnplugged(t)
	side := Options{Database: at(t, strings.Replace(u.address, u.link, u.sockets, 1))}
	j := open(t, Options{Database: at(t, u.address)})
	id := begin(t, j, Entry{})

	u.pull(side)
	refused(t, j, ErrUnreachable, "its database can't be reached: ", "Check that Postgres runs and that database_url is right")
	err := j.End(ctx, id, Ending{Outcome: Done})
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, fmt.Sprintf("what came of change %d can't be recorded yet: ", id))
	_, _, err = j.List(ctx, Filter{})
	require.ErrorIs(t, err, ErrUnreachable)
	_, err = j.Once(ctx, "a", noon)
	require.ErrorIs(t, err, ErrUnreachable, "nor is a code used up unseen")

	u.plug()
	require.Equal(t, Done, get(t, j, id).Outcome, "it was recorded as soon as it could be")
	begin(t, j, Entry{}) // without a restart
	_, total, err := j.List(ctx, Filter{})
	require.NoError(t, err)
	require.Equal(t, 2, total)
}

func TestADatabaseThatComesLater(t *testing.T) {
	u := newUnplugged(t)
	require.NoError(t, os.Remove(u.link))
	j := open(t, Options{Database: at(t, u.address)})
	refused(t, j, ErrUnreachable, "its database can't be reached: ", "Check that Postgres runs")
	u.plug()
	begin(t, j, Entry{})
}

// TestAConnectionThatWasCut is no reason to refuse a change later.
func TestAConnectionThatWasCut(t *testing.T) {
	address := newDatabase(t)
	j := open(t, Options{Database: at(t, address)})
	begin(t, j, Entry{})
	inSQL(t, Options{Database: at(t, address)}, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'flexie-mcp'`)
	var err error
	for range mostTries {
		if _, err = j.Begin(ctx, Entry{}); err == nil {
			return
		}
		require.ErrorIs(t, err, ErrUnreachable)
	}
	require.NoError(t, err)
}

// TestAfterAnOutageNobodyIsGone for a while, since others could not say either
// that they are alive.
func TestAfterAnOutageNobodyIsGone(t *testing.T) {
	u := newUnplugged(t)
	side := Options{Database: at(t, strings.Replace(u.address, u.link, u.sockets, 1))}
	other := open(t, side)
	id := begin(t, other, Entry{})
	j := open(t, Options{Database: at(t, u.address)})
	get(t, j, id)
	p := j.b.(*postgres)

	require.NoError(t, os.Remove(u.link))
	p.database.(*database).Close()
	p.renew(ctx, p.db)
	u.plug()
	p.database = at(t, u.address)
	p.db = nil
	lapse(t, side)
	require.Equal(t, Pending, get(t, j, id).Outcome)
	p.mu.Lock()
	p.doubtful = time.Time{}
	p.mu.Unlock()
	require.Equal(t, Unknown, get(t, j, id).Outcome)
	require.NoError(t, other.End(ctx, id, Ending{Outcome: Done}), "who was alive all the same has the last word")
	require.Equal(t, Done, get(t, j, id).Outcome)
}

// TestWhoBeginsIsAlive also where nobody has heard of it for long.
func TestWhoBeginsIsAlive(t *testing.T) {
	o := Options{Database: at(t, newDatabase(t))}
	j, other := open(t, o), open(t, o)
	begin(t, j, Entry{})
	lapse(t, o)
	p := j.b.(*postgres)
	p.mu.Lock()
	p.beaten = time.Now().Add(-lease)
	p.mu.Unlock()
	id := begin(t, j, Entry{})
	require.Equal(t, Pending, get(t, other, id).Outcome)
}

// unsure loses the answers to commits.
type unsure struct{ backend }

func (u unsure) do(ctx context.Context, f func(*tx) error) error {
	if err := u.backend.do(ctx, f); err != nil {
		return err
	}
	return errUnsure
}

// TestABeginningOfWhichTheAnswerIsLost does not stay pending: it was not made.
func TestABeginningOfWhichTheAnswerIsLost(t *testing.T) {
	j := open(t, Options{Database: at(t, newDatabase(t))})
	whole := j.b
	j.b = unsure{whole}
	refused(t, j, ErrUnreachable, "its database can't be reached: the connection was lost before Postgres said whether it is recorded", "Check that Postgres runs")
	j.b = whole
	found, _, err := j.List(ctx, Filter{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, NotDone, found[0].Outcome)
	require.Equal(t, "it was not made, since it could not be recorded", found[0].Note)
}

func TestADatabaseThatCanOnlyBeRead(t *testing.T) {
	address := newDatabase(t)
	id := begin(t, open(t, Options{Database: at(t, address)}), entryOf("1"))
	j := open(t, Options{Database: at(t, address+"&default_transaction_read_only=on")})
	refused(t, j, ErrForbidden, "there is no permission to write it: ", "whether the database is read-only")
	require.Equal(t, "1", get(t, j, id).Record, "reading goes on")

	j = open(t, Options{Database: at(t, newDatabase(t)+"&default_transaction_read_only=on")})
	refused(t, j, ErrForbidden, "there is no permission to write it: ", "whether the database is read-only")
}

// TestTwoVersionsSideBySide: a newer one may add to the tables, and says when an
// older one can't use them any more.
func TestTwoVersionsSideBySide(t *testing.T) {
	o := Options{Database: at(t, newDatabase(t))}
	before := begin(t, open(t, o), entryOf("1"))
	inSQL(t, o, `ALTER TABLE change ADD COLUMN mood TEXT NOT NULL DEFAULT ''; UPDATE flexie_format SET version = 7`)
	address := o.Database.(*database).address
	j := open(t, Options{Database: at(t, address)})
	require.Equal(t, "1", get(t, j, before).Record)
	begin(t, j, Entry{})

	inSQL(t, o, `UPDATE flexie_format SET needs = 7`)
	j = open(t, Options{Database: at(t, address)})
	refused(t, j, ErrNewer, "a newer version of flexie-mcp has written it (it needs format 7; this one knows formats up to 1)", "Update flexie-mcp")
}

// TestNoPasswordIsShown of an address, whatever is wrong with it.
func TestNoPasswordIsShown(t *testing.T) {
	for _, address := range []string{
		"postgres://me:s3cr3t@127.0.0.1:1/flexie", "postgres://me:s3cr3t@127.0.0.1:x/flexie", "postgres://me:s3cr3t%zz@127.0.0.1/flexie",
		"host=127.0.0.1 port=1 password=s3cr3t", "postgresql://127.0.0.1:1/flexie?password=s3cr3t", "mysql://me:s3cr3t@127.0.0.1/flexie",
		"postgres://127.0.0.1:1/flexie?password=s3cr3t&sslrootcert=/nowhere", "s3cr3t", "postgres://me:s3cr3t@127.0.0.1:1/flexie?sslmode=s3cr3t",
	} {
		log := new(lines)
		j := open(t, Options{Database: at(t, address), Log: textLog(log)})
		_, err := j.Begin(ctx, Entry{})
		require.Error(t, err)
		require.NotContains(t, err.Error()+log.String(), "s3cr3t", address)
		require.ErrorContains(t, err, "database_url")
		_, _, err = j.List(ctx, Filter{})
		require.NotContains(t, err.Error(), "s3cr3t", address)
	}
}
