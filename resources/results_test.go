package resources_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

func TestAResultIsReadInPages(t *testing.T) {
	store := resources.NewResults()
	a := resources.ListAnswer(resources.Deal, manyDeals(t, 900), flexie.Query{}, nil)
	uri := store.Keep("ana", a)

	var whole []string
	for next := uri; next != ""; {
		c, err := store.Read("ana", next)
		require.NoError(t, err)
		require.Equal(t, "text/plain", c.MIMEType)
		text, more, _ := strings.Cut(c.Text, "\n\nPage ")
		require.LessOrEqual(t, resources.Tokens(text), 8_100)
		whole = append(whole, strings.TrimPrefix(unfenced(t, text), a.Summary+"\n\n"))
		_, next, _ = strings.Cut(more, "Next: ")
	}
	require.Greater(t, len(whole), 2)
	require.Equal(t, unfenced(t, a.Text()), a.Summary+"\n\n"+strings.Join(whole, "\n"), "nothing is lost between pages")
}

func TestAResultIsForItsCallerAlone(t *testing.T) {
	store := resources.NewResults()
	uri := store.Keep("ana", resources.Answer{Summary: "secret"})
	_, others := store.Read("ben", uri)
	require.ErrorContains(t, others, "there is no result at "+uri)
	_, unknown := store.Read("ben", resources.ResultsURI+"aaaaaaaaaaaaaaaa")
	require.Equal(t, strings.Replace(others.Error(), uri, "X", 1), strings.Replace(unknown.Error(), resources.ResultsURI+"aaaaaaaaaaaaaaaa", "X", 1))
}

func TestResultsAreBoundedInNumberSizeAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := resources.NewResults()
		var uris []string
		for i := range 101 {
			uris = append(uris, store.Keep("ana", resources.Answer{Summary: fmt.Sprint(i)}))
		}
		_, err := store.Read("ana", uris[0])
		require.Error(t, err, "the oldest of 101 is gone")
		_, err = store.Read("ana", uris[1])
		require.NoError(t, err)

		big := store.Keep("ana", resources.Answer{Summary: strings.Repeat("x", 33<<20)})
		_, err = store.Read("ana", uris[100])
		require.Error(t, err, "a very large one pushes all others out")
		_, err = store.Read("ana", big)
		require.NoError(t, err)

		time.Sleep(31 * time.Minute)
		_, err = store.Read("ana", big)
		require.ErrorContains(t, err, "kept for 30m0s; make the call again")
	})
}

func TestBadResultAddresses(t *testing.T) {
	store := resources.NewResults()
	uri := store.Keep("ana", resources.Answer{Summary: "one line"})
	for _, test := range []struct{ uri, message string }{
		{uri + "/0", "not a number above 0"},
		{uri + "/x", "not a number above 0"},
		{uri + "/2", "this result has 1 pages, not 2"},
		{resources.ResultsURI, "there is no result at"},
	} {
		_, err := store.Read("ana", test.uri)
		require.ErrorContains(t, err, test.message, test.uri)
	}
}
