package authserver

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
)

// TestAtFlexieInABrowser is what people go through who sign in at Flexie, which is
// another site to the browser, as in life.
func TestAtFlexieInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a browser")
	}
	of := chromium(t)
	for name, test := range map[string]func(t *testing.T, of context.Context){
		"sign in":              signsInAtFlexie,
		"denied there":         deniesAtFlexie,
		"back button there":    goesBackFromFlexie,
		"back button after":    goesBackAfterFlexie,
		"connected assistants": seesConnectedByFlexie,
		"looks":                looksRightOnTheWay,
	} {
		t.Run(name, func(t *testing.T) { test(t, of) })
	}
}

const flexiesPage = "Let it act as:"

// elsewhere is a site whose Flexie has another host name than it.
func elsewhere(t *testing.T) *flexieSite {
	return atFlexie(t, store.Options{Memory: true}, func(o *Options) { o.Root = strings.Replace(o.Root, "127.0.0.1", "localhost", 1) })
}

// at is the path that the browser shows.
func (b *tab) at() string {
	b.t.Helper()
	u, err := url.Parse(get(b, chromedp.Location()))
	require.NoError(b.t, err)
	return u.Path
}

func signsInAtFlexie(t *testing.T, of context.Context) {
	f := elsewhere(t)
	a, b := newAssistant(t, f.site, "flexie:read"), newBrowser(t, of)
	b.open(a.asks("a state"))
	b.sees("Connect “Claude” to Flexie?")
	require.Zero(t, f.asked.Load(), "nothing goes to Flexie before the person says so")
	b.press("Allow")
	b.sees(flexiesPage)
	require.Equal(t, "/oauth2/authorize", b.at())
	b.press("Sofia, of sales")
	b.sees(assistantSays)
	q := a.got()
	require.Equal(t, "a state", q.Get("state"))
	works := a.works(q)
	require.Contains(t, works, "sofia, Claude|")
	require.Contains(t, works, "|read|")
	require.EqualValues(t, 1, f.tokens.Load())
}

func deniesAtFlexie(t *testing.T, of context.Context) {
	f := elsewhere(t)
	a, b := newAssistant(t, f.site), newBrowser(t, of)
	b.open(a.asks("x"))
	b.press("Allow")
	b.sees(flexiesPage)
	b.press("Nobody: deny")
	b.sees("You did not allow it in Flexie, so nothing was connected.")
	require.Equal(t, "Error: Sign in", b.title())
	require.Empty(t, a.came, "the assistant is told nothing while the person may try again")
	require.Zero(t, f.tokens.Load())
	b.press("Sign in with Flexie")
	b.sees(flexiesPage)
	b.press("Priya, of support")
	b.sees(assistantSays)
	require.Contains(t, a.works(a.got()), "priya, Claude|")
}

// goesBackFromFlexie: on second thoughts at Flexie's page, less is allowed.
func goesBackFromFlexie(t *testing.T, of context.Context) {
	f := elsewhere(t)
	a, b := newAssistant(t, f.site), newBrowser(t, of)
	b.open(a.asks("x"))
	b.press("Allow")
	b.sees(flexiesPage)
	b.do(chromedp.NavigateBack())
	b.sees("Connect “Claude” to Flexie?")
	b.choose("Read what you can read")
	b.press("Allow")
	b.sees(flexiesPage)
	b.press("Sofia, of sales")
	b.sees(assistantSays)
	require.Contains(t, a.works(a.got()), "|read|")
}

// goesBackAfterFlexie: the answer works once, and no page says more than that.
func goesBackAfterFlexie(t *testing.T, of context.Context) {
	f := elsewhere(t)
	a, b := newAssistant(t, f.site), newBrowser(t, of)
	b.open(a.asks("x"))
	b.press("Allow")
	b.sees(flexiesPage)
	b.press("Sofia, of sales")
	b.sees(assistantSays)
	a.got()
	b.do(chromedp.NavigateBack()) // to Flexie's page, whose buttons still work
	b.sees(flexiesPage)
	b.press("Priya, of support")
	b.sees("This was answered already")
	b.do(chromedp.NavigateBack(), chromedp.NavigateBack()) // past Flexie's page
	b.sees("This was answered already")
	require.Empty(t, a.came)
	require.EqualValues(t, 1, f.tokens.Load())
}

func seesConnectedByFlexie(t *testing.T, of context.Context) {
	f := elsewhere(t)
	_, a := f.signsIn(sofia)
	b := newBrowser(t, of)
	b.open(f.issuer + connectedPath)
	b.press("Sign in with Flexie")
	b.sees(flexiesPage)
	b.press("Sofia, of sales")
	b.sees("Connected assistants")
	require.Equal(t, connectedPath, b.at())
	b.press("Disconnect Claude")
	b.sees("It is disconnected")
	require.Equal(t, http.StatusUnauthorized, f.calls(a.tokens.Access).status)
}

// looksRightOnTheWay takes the page that leads to Flexie. It stays, since no answer
// of Flexie's takes its place.
func looksRightOnTheWay(t *testing.T, of context.Context) {
	f := atFlexie(t, store.Options{Memory: true}, func(o *Options) { o.Root = workspace })
	a, b := newAssistant(t, f.site), newBrowser(t, of)
	b.holdsBack("https://acme.flexie.io/*")
	b.open(a.asks("x"))
	b.press("Allow")
	b.sees("which brings you back here")
	require.Equal(t, "Sign in with Flexie", b.title())
	b.looks("away")
}

// holdsBack has the browser ask nothing at such addresses, and stay where it is.
func (b *tab) holdsBack(addresses string) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Listen(b.ctx, func(event any) {
		e, ok := event.(*fetch.EventRequestPaused)
		if !ok {
			return
		}
		answer := chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{RequestID: e.RequestID, ResponseCode: http.StatusNoContent})
			return err
		})
		go func() { _ = chromedp.Do(b.ctx, answer) }() // a listener may not wait
	}))
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: addresses}}})
		return err
	}))
}
