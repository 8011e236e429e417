package confirm

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// process are the codes of another process, and their clock.
func process(t testing.TB, o store.Options) (*Codes, *time.Time) {
	t.Helper()
	s := store.Open(o)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return codes(Options{Store: s.Durable})
}

// TestACodeOfOneProcessWorksInAnother, once in all.
func TestACodeOfOneProcessWorksInAnother(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		a, _ := process(t, o)
		kept, spent := issue(t, a, binding), issue(t, a, binding)
		require.NoError(t, a.Accept(ctx, spent, binding))
		b, _ := process(t, o)
		require.NoError(t, b.Accept(ctx, kept, binding))
		for _, code := range []string{kept, spent} {
			require.ErrorIs(t, a.Accept(ctx, code, binding), ErrUsed)
			require.ErrorIs(t, b.Accept(ctx, code, binding), ErrUsed)
			c, _ := process(t, o)
			require.ErrorIs(t, c.Accept(ctx, code, binding), ErrUsed)
		}
		var tokens []string
		require.NoError(t, a.o.Store.Do(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query(`SELECT token FROM used`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var token string
				require.NoError(t, rows.Scan(&token))
				tokens = append(tokens, token)
			}
			return rows.Err()
		}))
		require.Len(t, tokens, 2)
		for _, token := range tokens {
			require.Len(t, token, 32)
			require.NotContains(t, []string{kept, spent}, token)
		}
	})
}

// TestANo voids its code and is remembered for ten minutes, whatever the state is
// by then: in every process, and after a restart.
func TestANo(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		c, now := process(t, o)
		code, other := issue(t, c, binding), issue(t, c, binding)
		require.NoError(t, c.Void(ctx, code))
		require.NoError(t, c.Void(ctx, code), "twice is no harm")
		require.ErrorIs(t, c.Void(ctx, "yes"), ErrMalformed)
		require.ErrorIs(t, c.Accept(ctx, code, binding), ErrUsed)
		elsewhere, itsNow := process(t, o)
		require.ErrorIs(t, elsewhere.Accept(ctx, code, binding), ErrUsed)
		_, no := c.SaidNo(ctx, binding)
		require.False(t, no, "a code that is void is no no")

		require.NoError(t, c.Refuse(ctx, binding))
		*now, *itsNow = noon.Add(time.Minute), noon.Add(time.Minute)
		for _, c := range []*Codes{c, elsewhere} {
			changed := binding
			changed.State, changed.Purpose, changed.By = "v2", "", "phone"
			ago, no := c.SaidNo(ctx, changed)
			require.True(t, no)
			require.Equal(t, time.Minute, ago)
			for _, other := range []Binding{
				{Caller: "joe", Tool: binding.Tool, Arguments: binding.Arguments},
				{Caller: binding.Caller, Tool: binding.Tool, Arguments: `{"id":43}`},
			} {
				_, no = c.SaidNo(ctx, other)
				require.False(t, no)
			}
		}
		require.NoError(t, c.Accept(ctx, other, binding), "it is for whoever asks to look")
		*now, *itsNow = noon.Add(life), noon.Add(life)
		for _, c := range []*Codes{c, elsewhere} {
			_, no = c.SaidNo(ctx, binding)
			require.False(t, no)
		}
	})
}

// TestANoIsRememberedWhereItCantBeKept, by the process that was told.
func TestANoIsRememberedWhereItCantBeKept(t *testing.T) {
	c, now := codes(Options{})
	require.ErrorIs(t, c.Refuse(ctx, binding), store.ErrNoPlace)
	*now = noon.Add(time.Minute)
	_, no := c.SaidNo(ctx, binding)
	require.True(t, no)
	*now = noon.Add(2 * life)
	require.Error(t, c.Refuse(ctx, Binding{}))
	require.Len(t, c.noes, 1, "old ones are forgotten")
}

// broken is a store that counts what is asked of it, and fails.
type broken struct {
	store.Store
	asked int
	fails error
}

func (b *broken) Do(ctx context.Context, f func(*store.Tx) error) error {
	b.asked++
	if b.fails != nil {
		return b.fails
	}
	return b.Store.Do(ctx, f)
}

func TestTheStoreIsAskedLast(t *testing.T) {
	b := &broken{Store: store.Memory(), fails: store.ErrFull}
	c, now := codes(Options{Store: b})
	code := issue(t, c, binding)
	changed := binding
	changed.State = "v2"
	require.Error(t, c.Accept(ctx, code, changed))
	require.Error(t, c.Accept(ctx, "x", binding))
	*now = noon.Add(time.Hour)
	require.Error(t, c.Accept(ctx, code, binding))
	require.Zero(t, b.asked)

	*now = noon
	err := c.Accept(ctx, code, binding)
	require.ErrorIs(t, err, store.ErrFull)
	require.ErrorContains(t, err, "the change was not made, since it can't be recorded that it is confirmed: the disk is full")
	b.fails = nil
	require.NoError(t, c.Accept(ctx, code, binding), "it could not be used up, and so is good still")
	require.Equal(t, 2, b.asked)
	require.ErrorIs(t, c.Accept(ctx, code, binding), ErrUsed)
	require.Equal(t, 2, b.asked, "also if the file of used ones is lost")
}

func TestManyAcceptOneCode(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		all := []*Codes{}
		for range 3 {
			if c, _ := process(t, o); !o.Memory || len(all) == 0 {
				all = append(all, c)
			}
		}
		code := issue(t, all[0], binding)
		var accepted, used atomic.Int32
		var group sync.WaitGroup
		for i := range 30 {
			group.Go(func() {
				switch err := all[i%len(all)].Accept(ctx, code, binding); {
				case err == nil:
					accepted.Add(1)
				case errors.Is(err, ErrUsed):
					used.Add(1)
				}
			})
		}
		group.Wait()
		require.Equal(t, []int32{1, 29}, []int32{accepted.Load(), used.Load()})
	})
}

// TestAKeyInADatabaseThatIsGone is read as soon as it is there again.
func TestAKeyInADatabaseThatIsGone(t *testing.T) {
	plug := storetest.NewPlug(t)
	a, _ := process(t, store.Options{Database: plug.Side})
	code := issue(t, a, binding)
	plug.Pull()
	c, _ := process(t, store.Options{Database: plug.Address})
	err := c.Accept(ctx, code, binding)
	require.ErrorContains(t, err, "the change was not made, since it can't be confirmed: the key in the database can't be used: ")
	require.ErrorContains(t, err, ": check the database and database_url, and try again")
	plug.In()
	require.NoError(t, c.Accept(ctx, code, binding), "without a restart")

	storetest.SQL(t, plug.Side, `UPDATE secret SET value = 'short'`)
	d, _ := process(t, store.Options{Database: plug.Side})
	_, err = d.Issue(ctx, binding)
	require.ErrorContains(t, err, "it has 5 bytes instead of 32")
}
