package resources_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
	"flexie-mcp/resources"
)

// everyShelf runs a test with results in memory, in a file and in Postgres. later
// lets time pass.
func everyShelf(t *testing.T, test func(t *testing.T, r *resources.Results, later func(time.Duration))) {
	t.Run("plain", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, resources.NewResults(), time.Sleep) })
	})
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		s := store.Open(o)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		now := time.Now()
		b := resources.OnDisk
		test(t, resources.ResultsOn(store.NewResults(store.Results{
			Store: s.Cache, Number: b.Number, Bytes: b.Bytes, InAll: b.InAll, Last: b.Last, Now: func() time.Time { return now },
		})), func(d time.Duration) { now = now.Add(d) })
	})
}

func keep(t *testing.T, r *resources.Results, caller string, a resources.Answer) (uri string) {
	t.Helper()
	uri, err := r.Keep(t.Context(), caller, a)
	require.NoError(t, err)
	return uri
}

func TestAResultIsReadInPages(t *testing.T) {
	everyShelf(t, func(t *testing.T, r *resources.Results, _ func(time.Duration)) {
		a := resources.ListAnswer(resources.Deal, manyDeals(t, 900), flexie.Query{}, nil)
		uri := keep(t, r, "ana", a)

		var whole []string
		for next := uri; next != ""; {
			c, err := r.Read(t.Context(), "ana", next)
			require.NoError(t, err)
			require.Equal(t, "text/plain", c.MIMEType)
			text, more, _ := strings.Cut(c.Text, "\n\nPage ")
			require.LessOrEqual(t, resources.Tokens(text), 8_100)
			whole = append(whole, strings.TrimPrefix(unfenced(t, text), a.Summary+"\n\n"))
			_, next, _ = strings.Cut(more, "Next: ")
		}
		require.Greater(t, len(whole), 2)
		require.Equal(t, unfenced(t, a.Text()), a.Summary+"\n\n"+strings.Join(whole, "\n"), "nothing is lost between pages")
	})
}

func TestAResultIsForItsCallerAlone(t *testing.T) {
	everyShelf(t, func(t *testing.T, r *resources.Results, _ func(time.Duration)) {
		uri := keep(t, r, "ana", resources.Answer{Summary: "secret"})
		_, others := r.Read(t.Context(), "ben", uri)
		require.ErrorContains(t, others, "there is no result at "+uri)
		_, unknown := r.Read(t.Context(), "ben", resources.ResultsURI+"aaaaaaaaaaaaaaaa")
		require.Equal(t, strings.Replace(others.Error(), uri, "X", 1), strings.Replace(unknown.Error(), resources.ResultsURI+"aaaaaaaaaaaaaaaa", "X", 1))
	})
}

func TestResultsAreBoundedInNumberSizeAndTime(t *testing.T) {
	everyShelf(t, func(t *testing.T, r *resources.Results, later func(time.Duration)) {
		var uris []string
		for i := range 101 {
			uris = append(uris, keep(t, r, "ana", resources.Answer{Summary: fmt.Sprint(i)}))
		}
		bens := keep(t, r, "ben", resources.Answer{Summary: "ben's"})
		_, err := r.Read(t.Context(), "ana", uris[0])
		require.Error(t, err, "the oldest of 101 is gone")
		_, err = r.Read(t.Context(), "ana", uris[1])
		require.NoError(t, err, "another's pushes none out")
		_, err = r.Read(t.Context(), "ben", bens)
		require.NoError(t, err)

		big := keep(t, r, "ana", resources.Answer{Summary: strings.Repeat("x", 33<<20)})
		_, err = r.Read(t.Context(), "ana", uris[100])
		require.Error(t, err, "a very large one pushes all others out")
		_, err = r.Read(t.Context(), "ana", big)
		require.NoError(t, err)

		later(31 * time.Minute)
		_, err = r.Read(t.Context(), "ana", big)
		require.ErrorContains(t, err, "kept for 30m0s; make the call again")
	})
}

func TestBadResultAddresses(t *testing.T) {
	r := resources.NewResults()
	uri := keep(t, r, "ana", resources.Answer{Summary: "one line"})
	for _, test := range []struct{ uri, message string }{
		{uri + "/0", "not a number above 0"},
		{uri + "/x", "not a number above 0"},
		{uri + "/2", "this result has 1 pages, not 2"},
		{resources.ResultsURI, "there is no result at"},
	} {
		_, err := r.Read(t.Context(), "ana", test.uri)
		require.ErrorContains(t, err, test.message, test.uri)
	}
}

// brokenShelf keeps nothing.
type brokenShelf struct{}

var errBroken = errors.New("connect: no such host db.internal")

func (brokenShelf) Keep(context.Context, string, string, []string) error { return errBroken }

func (brokenShelf) Page(context.Context, string, string, int) (string, int, error) {
	return "", 0, errBroken
}

// TestAResultThatCantBeKept has no address, and the answer that is cut says none.
func TestAResultThatCantBeKept(t *testing.T) {
	r := resources.ResultsOn(brokenShelf{})
	a := resources.ListAnswer(resources.Deal, manyDeals(t, 900), flexie.Query{}, nil)
	uri, err := r.Keep(t.Context(), "ana", a)
	require.ErrorIs(t, err, errBroken)
	require.Empty(t, uri)
	cut := a.Cut(2000, uri)
	require.LessOrEqual(t, cut.Cost(), 2000)
	require.Contains(t, cut.Text(), " of 900 lines; the rest could not be kept: ask for less at a time.")
	require.NotContains(t, cut.Text(), resources.Scheme+"results")

	_, err = r.Read(t.Context(), "ana", resources.ResultsURI+"aaaaaaaaaaaaaaaa")
	require.ErrorContains(t, err, "can't be read just now: try again, or make the call again")
	require.NotContains(t, err.Error(), "db.internal")
}
