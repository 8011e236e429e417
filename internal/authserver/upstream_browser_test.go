package authserver

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
)

// TestSignInByFlexieInABrowser goes to another site and back, as in life, by which
// a real browser sends fewer cookies, and holds what follows a form to its policy.
func TestSignInByFlexieInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a browser")
	}
	of := chromium(t)
	f := atFlexie(t, store.Options{Memory: true}, func(o *Options) {
		o.Root = strings.Replace(o.Root, "127.0.0.1", "localhost", 1)
	})
	a, b := newAssistant(t, f.site), newBrowser(t, of)
	b.open(a.asks("a state"))
	b.press("Allow")
	b.sees("A program wants to work in this made-up workspace")
	b.press("Nobody: deny")
	b.sees("You did not allow it in Flexie, so nothing was connected.")
	require.Equal(t, "Error: Sign in", b.title())
	b.press("Sign in with Flexie")
	b.sees("Let it act as")
	b.press("Sofia, of sales")
	b.sees(assistantSays)
	q := a.got()
	require.Equal(t, "a state", q.Get("state"))
	require.Contains(t, a.works(q), "sofia, Claude|")

	b.do(chromedp.NavigateBack()) // to Flexie's page
	b.press("Sofia, of sales")
	b.sees("This was answered already")
	b.open(a.asks("again"))
	b.press("Allow") // who has signed in is not asked again
	b.sees(assistantSays)
}
