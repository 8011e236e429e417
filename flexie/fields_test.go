package flexie

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// counting answers like a workspace and counts the questions for fields.
// before, if there is one, runs ahead of the answer.
func counting(asked *atomic.Int32, before func(context.Context)) transport {
	return func(r *http.Request) (*http.Response, error) {
		body := `[]`
		if strings.HasSuffix(r.URL.Path, "/list/fields") {
			asked.Add(1)
			if before != nil {
				before(r.Context())
			}
			body = workspaceFields
		}
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return respond(r, 200, http.Header{}, strings.NewReader(body)), nil
	}
}

var byAmount = Query{OrderBy: "Deal amount"}

// TestFieldsAreKept: for five minutes, for each kind and table by itself.
func TestFieldsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		c := clientOf(t, counting(&asked, nil))
		search := func(kind Kind, table string) {
			t.Helper()
			_, err := c.Records(kind, table).Search(t.Context(), byAmount)
			require.NoError(t, err)
		}
		search(Contact, "")
		search(Contact, "")
		require.EqualValues(t, 1, asked.Load())
		search(Lead, "")
		search(CustomRecord, "a")
		search(CustomRecord, "b")
		require.EqualValues(t, 4, asked.Load())

		time.Sleep(fieldsLifetime - time.Nanosecond)
		search(Contact, "")
		require.EqualValues(t, 4, asked.Load())
		time.Sleep(time.Nanosecond)
		search(Contact, "")
		require.EqualValues(t, 5, asked.Load())

		fields, err := c.Records(Contact, "").Fields(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 6, asked.Load(), "Fields gives them as they are now")
		fields[2] = Field{} // the caller's own copy
		search(Contact, "")
		require.EqualValues(t, 6, asked.Load(), "and they are kept too")
	})
}

// TestFieldsAreAskedForOnce: by many at the same time.
func TestFieldsAreAskedForOnce(t *testing.T) {
	var asked atomic.Int32
	arrived := make(chan struct{})
	c := clientOf(t, counting(&asked, func(context.Context) { <-arrived }))
	var waiting sync.WaitGroup
	for range 50 {
		waiting.Go(func() {
			_, err := c.Records(Contact, "").Search(t.Context(), byAmount)
			require.NoError(t, err)
		})
	}
	close(arrived)
	waiting.Wait()
	require.EqualValues(t, 1, asked.Load())
}

// TestFirstToAskGivesUp: that must not fail those who wait for the same answer.
func TestFirstToAskGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		answer := make(chan struct{})
		c := clientOf(t, counting(&asked, func(context.Context) { <-answer }))
		ctx, cancel := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		search := func(ctx context.Context, done chan error) {
			_, err := c.Records(Contact, "").Search(ctx, byAmount)
			done <- err
		}
		go search(ctx, first)
		synctest.Wait()
		go search(t.Context(), second)
		synctest.Wait()

		cancel()
		require.Equal(t, Cancelled, KindOf(<-first))
		close(answer)
		require.NoError(t, <-second)
		require.EqualValues(t, 1, asked.Load())
	})
}

// TestAllWhoAskGiveUp: then so does the request, and the next one to ask begins
// anew.
func TestAllWhoAskGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, ended atomic.Int32
		c := clientOf(t, counting(&asked, func(ctx context.Context) {
			if asked.Load() == 1 {
				<-ctx.Done()
				ended.Add(1)
			}
		}))
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 {
			go func() {
				_, err := c.Records(Contact, "").Search(ctx, byAmount)
				require.Equal(t, Cancelled, KindOf(err))
			}()
		}
		synctest.Wait()
		require.Zero(t, ended.Load())
		cancel()
		synctest.Wait()
		require.EqualValues(t, 1, ended.Load(), "the request goes on for nobody")

		_, err := c.Records(Contact, "").Search(t.Context(), byAmount)
		require.NoError(t, err)
		require.EqualValues(t, 2, asked.Load())
	})
}

// TestFieldsTakeNoLongerThanACall: also when the one who asked first has gone.
func TestFieldsTakeNoLongerThanACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		c := clientOf(t, counting(&asked, func(ctx context.Context) { <-ctx.Done() }))
		start := time.Now()
		_, err := c.Records(Contact, "").Search(t.Context(), byAmount)
		require.Equal(t, Timeout, KindOf(err))
		require.Equal(t, DefaultTimeout, time.Since(start))
	})
}

// TestManyAtOnce is for the race detector: one client, all sorts of calls.
func TestManyAtOnce(t *testing.T) {
	r := record(t, sent{path: "/x"}.answerTo)
	c := r.client(t)
	var calls sync.WaitGroup
	for i := range 40 {
		calls.Go(func() {
			records := c.Records(Kinds[i%len(Kinds)], "table")
			_, err := records.Search(t.Context(), byAmount)
			require.NoError(t, err)
			_, err = records.Fields(t.Context())
			require.NoError(t, err)
			_, err = c.SearchTasks(t.Context(), Query{Search: "x"})
			require.NoError(t, err)
			require.NoError(t, records.Delete(t.Context(), 1))
		})
	}
	calls.Wait()
}
