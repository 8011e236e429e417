package authserver

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// chromium starts a browser for a test and what is in it.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium to look at the pages with: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.IgnoreCertErrors,
		// The back button then asks for the page again, as all browsers may.
		chromedp.Flag("disable-features", "Translate,BackForwardCache"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which refuses to run as root
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	require.NoError(t, chromedp.Do(ctx))
	return ctx
}

// tab is one of a person's browser, in which no scripts run.
type tab struct {
	t     *testing.T
	ctx   context.Context
	mu    sync.Mutex
	wrong []string // what the browser said against a page
}

// newTab is a tab of a browser without cookies; that of a tab is beside it.
func newTab(t *testing.T, of context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(of, options...)
	t.Cleanup(end)
	b := &tab{t: t, ctx: ctx}
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	require.NoError(t, chromedp.Listen(ctx, b.hear))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		require.Empty(t, b.wrong)
	})
	return b
}

func newBrowser(t *testing.T, of context.Context) *tab {
	t.Helper()
	return newTab(t, of, chromedp.WithNewBrowserContext())
}

// hear keeps what the browser says against a page, such as what its policy forbids.
func (b *tab) hear(event any) {
	if e, ok := event.(*log.EventEntryAdded); ok && e.Entry.Source != log.EntrySourceNetwork {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.wrong = append(b.wrong, e.Entry.Text)
	}
}

// wait is how long a page may take to come.
const wait = 10 * time.Second

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx := b.ctx
	if chromedp.FromContext(ctx).Target != nil { // it ends with the context it began with
		limited, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		ctx = limited
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		require.NoError(b.t, err, b.shown())
	}
}

// shown is what a page says.
func (b *tab) shown() string {
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.title + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

func get[T any](b *tab, a chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, wait)
	defer cancel()
	value, err := chromedp.Run(ctx, a)
	require.NoError(b.t, err)
	return value
}

func (b *tab) open(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
}

// sees waits for a page that says something, in one of its headings, paragraphs
// or labels.
func (b *tab) sees(text string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.Search(`//*[self::h1 or self::h2 or self::p or self::label or self::a][contains(., "` + text + `")]`)))
}

// press clicks a button or link.
func (b *tab) press(name string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.Search(`//*[self::button or self::a or self::summary][contains(., "` + name + `")]`)))
}

// choose clicks a choice.
func (b *tab) choose(label string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.Search(`//label[contains(., "` + label + `")]`)))
}

// toggle clicks the box of an area.
func (b *tab) toggle(toolset string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS("input[value=" + toolset + "]")))
}

func (b *tab) types(field, text string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS("#"+field), text))
}

// tabTo goes on by the Tab key until something has the focus, which must be seen.
func (b *tab) tabTo(css string) {
	b.t.Helper()
	for range 40 {
		b.do(chromedp.KeyEvent(kb.Tab))
		if get(b, chromedp.Evaluate[bool](`document.activeElement.matches(`+"`"+css+"`"+`)`)) {
			outline := get(b, chromedp.Evaluate[string](`getComputedStyle(document.activeElement).outlineStyle + " " + getComputedStyle(document.activeElement).outlineWidth`))
			require.Equal(b.t, "solid 3px", outline, "nothing shows that %s has the focus", css)
			return
		}
	}
	b.t.Fatalf("Tab does not lead to %s:\n%s", css, b.shown())
}

func (b *tab) key(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// title is where a person is, as the tab says.
func (b *tab) title() string {
	b.t.Helper()
	return strings.TrimSuffix(get(b, chromedp.Title()), " – Flexie for assistants")
}
