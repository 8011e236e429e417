package authserver

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/sandbox"
)

// TestInABrowser is what people go through, in a real browser without scripts,
// with the sandbox for a workspace.
func TestInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a browser")
	}
	of := chromium(t)
	for name, test := range map[string]func(t *testing.T, of context.Context){
		"sign in":             signsIn,
		"less than asked":     allowsLess,
		"deny":                denies,
		"back button":         goesBack,
		"two tabs":            hasTwoTabs,
		"expired page":        waitsTooLong,
		"wrong key":           pastesAWrongKey,
		"any workspace":       namesTheWorkspace,
		"disconnect":          disconnects,
		"keyboard":            usesTheKeyboard,
		"answer that goes on": goesOnToAnApplication,
		"application":         answersAnApplication,
		"looks":               looksRight,
	} {
		t.Run(name, func(t *testing.T) { test(t, of) })
	}
}

// assistant is a client on the person's machine: it waits at an address of its
// own, and takes what is brought there to the server for a token.
type assistant struct {
	t      *testing.T
	s      *site
	config oauth2.Config
	came   chan url.Values
	next   string // where it sends the browser then; "" is nowhere
}

const assistantSays = "The assistant has an answer"

func newAssistant(t *testing.T, s *site, scopes ...string) *assistant {
	a := &assistant{t: t, s: s, came: make(chan url.Values, 10)}
	waits := httptest.NewServer(http.HandlerFunc(a.answered))
	t.Cleanup(waits.Close)
	a.config = oauth2.Config{
		RedirectURL: waits.URL + "/callback", Scopes: scopes,
		Endpoint: oauth2.Endpoint{AuthURL: s.issuer + authorizePath, TokenURL: s.issuer + tokenPath, AuthStyle: oauth2.AuthStyleInParams},
	}
	a.config.ClientID = s.clientID(`{"client_name":"Claude","redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none"}`)
	return a
}

func (a *assistant) answered(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/callback" {
		http.NotFound(w, r)
		return
	}
	a.came <- r.URL.Query()
	if a.next != "" {
		http.Redirect(w, r, a.next, http.StatusTemporaryRedirect)
		return
	}
	fmt.Fprintf(w, `<!DOCTYPE html><title>Assistant</title><h1>%s</h1>`, assistantSays)
}

// asks is where it sends its person.
func (a *assistant) asks(state string) string {
	return a.config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("resource", a.s.issuer+"/mcp"))
}

// got is the answer that was brought, of which there is one.
func (a *assistant) got() url.Values {
	a.t.Helper()
	require.Len(a.t, a.came, 1)
	q := <-a.came
	require.Equal(a.t, a.s.issuer, q.Get("iss"))
	return q
}

// works is what the assistant may do with what was brought.
func (a *assistant) works(q url.Values) string {
	a.t.Helper()
	token, err := a.config.Exchange(context.WithValue(a.t.Context(), oauth2.HTTPClient, a.s.http.Client()), q.Get("code"), oauth2.VerifierOption(verifier))
	require.NoError(a.t, err)
	return a.s.uses(token.AccessToken).text
}

// withSandbox is a site whose workspace is the sandbox.
func withSandbox(t *testing.T, change ...func(*Options)) *site {
	workspaceOfAll, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, workspaceOfAll.Close()) })
	return inMemory(t, append([]func(*Options){func(o *Options) {
		o.Toolsets = flexie.Groups
		o.Check = func(ctx context.Context, root string, as flexie.Auth) (Person, error) {
			client, err := flexie.New(flexie.Options{BaseURL: root, Auth: as, Transport: workspaceOfAll.Transport()})
			if err != nil {
				return Person{}, err
			}
			self, err := client.Self(ctx)
			if err != nil {
				return Person{}, ErrWrongKey
			}
			first, _ := self.Values.Get("firstName").(string)
			last, _ := self.Values.Get("lastName").(string)
			return Person{self.ID, strings.TrimSpace(first + " " + last)}, nil
		}
	}}, change...)...)
}

// signInWith goes from the consent page to the assistant.
func (b *tab) signInWith(key string) {
	b.t.Helper()
	b.press("Allow")
	b.sees("Sign in with your Flexie key")
	b.types("key", key)
	b.press("Sign in")
}

func signsIn(t *testing.T, of context.Context) {
	s := withSandbox(t)
	a, b := newAssistant(t, s), newBrowser(t, of)
	b.open(a.asks("a state"))
	b.sees("Connect “Claude” to Flexie?")
	require.Equal(t, "Connect Claude?", b.title())
	for _, text := range []string{"Nobody has verified this name.", "127.0.0.1", "acme.flexie.io", "Look things up and make changes"} {
		b.sees(text)
	}
	b.press("Allow")
	b.sees("Sign in with your Flexie key")
	require.Equal(t, "Sign in", b.title())
	b.types("key", sandbox.SalesKey)
	b.press("Sign in")
	b.sees(assistantSays)
	q := a.got()
	require.Equal(t, "a state", q.Get("state"))
	works := a.works(q)
	require.Contains(t, works, "Sofia Lindqvist, Claude|")
	require.Contains(t, works, "|"+sandbox.SalesKey+"|write|[]")
	b.open(a.asks("again")) // who has signed in is not asked for a key
	b.sees("Sofia Lindqvist")
	b.press("Allow")
	b.sees(assistantSays)
	require.Contains(t, a.works(a.got()), "Sofia Lindqvist, Claude|")
}

func allowsLess(t *testing.T, of context.Context) {
	s := withSandbox(t)
	a, b := newAssistant(t, s, "flexie:read", "flexie:delete"), newBrowser(t, of)
	b.open(a.asks("x"))
	b.sees("Look things up, make changes and delete")
	b.choose("Read what you can read")
	b.press("or choose")
	for _, name := range flexie.Groups {
		b.toggle(name)
	}
	b.press("Allow")
	b.sees("Choose at least one area.")
	require.True(t, strings.HasPrefix(b.title(), "Error: "))
	require.True(t, get(b, chromedp.Evaluate[bool](`document.querySelector("input[value=read]").checked`)), "what was chosen is kept")
	b.toggle("cases")
	b.toggle("contacts")
	b.signInWith(sandbox.SupportKey)
	b.sees(assistantSays)
	require.Contains(t, a.works(a.got()), "|read|[{[contacts cases] []}]")
}

func denies(t *testing.T, of context.Context) {
	s := withSandbox(t)
	a, b := newAssistant(t, s), newBrowser(t, of)
	b.open(a.asks("a state"))
	b.press("Don’t allow")
	b.sees(assistantSays)
	q := a.got()
	require.Equal(t, "access_denied", q.Get("error"))
	require.Equal(t, "a state", q.Get("state"))
	require.Empty(t, q.Get("code"))
}

func goesBack(t *testing.T, of context.Context) {
	s := withSandbox(t)
	a, b := newAssistant(t, s), newBrowser(t, of)
	b.open(a.asks("x"))
	b.press("Allow")
	b.sees("Sign in with your Flexie key")
	b.do(chromedp.NavigateBack())
	b.sees("Connect “Claude” to Flexie?")
	b.choose("Read what you can read") // less, on second thoughts
	b.press("Allow")
	b.sees("Sign in with your Flexie key")
	b.types("key", sandbox.Key)
	b.press("Sign in")
	b.sees(assistantSays)
	require.Contains(t, a.works(a.got()), "|read|")
	b.do(chromedp.NavigateBack())
	b.sees("This was answered already")
	b.press("Connected assistants")
	b.sees("Look things up, in all areas")
	require.Empty(t, a.came)
}

func hasTwoTabs(t *testing.T, of context.Context) {
	s := withSandbox(t)
	a, one := newAssistant(t, s), newBrowser(t, of)
	one.open(a.asks("one"))
	two := newTab(t, one.ctx)
	two.open(a.asks("two"))
	one.choose("Read what you can read")
	one.press("Allow")
	two.press("Allow")
	one.sees("Sign in with your Flexie key")
	two.sees("Sign in with your Flexie key")
	two.types("key", sandbox.Key)
	two.press("Sign in")
	two.sees(assistantSays)
	q := a.got()
	require.Equal(t, "two", q.Get("state"))
	require.Contains(t, a.works(q), "|write|")
	one.types("key", sandbox.Key)
	one.press("Sign in")
	one.sees(assistantSays)
	q = a.got()
	require.Equal(t, "one", q.Get("state"))
	require.Contains(t, a.works(q), "|read|")
}

func waitsTooLong(t *testing.T, of context.Context) {
	s := withSandbox(t)
	a, b := newAssistant(t, s), newBrowser(t, of)
	b.open(a.asks("x"))
	b.press("Allow")
	b.sees("Sign in with your Flexie key")
	s.clock.pass(flowLifetime + time.Second)
	b.types("key", sandbox.Key)
	b.press("Sign in")
	b.sees("This page is too old")
	b.sees("Connect again from your assistant.")
	require.Empty(t, a.came)
	b.open(a.asks("x"))
	b.signInWith(sandbox.Key)
	b.sees(assistantSays)
	require.NotEmpty(t, a.got().Get("code"))
}

func pastesAWrongKey(t *testing.T, of context.Context) {
	s := withSandbox(t)
	a, b := newAssistant(t, s), newBrowser(t, of)
	b.open(a.asks("x"))
	b.signInWith("not-the-key")
	b.sees("Flexie does not take this key.")
	require.Equal(t, "Error: Sign in", b.title())
	require.Equal(t, "", get(b, chromedp.Value(chromedp.CSS("#key"))), "it is not shown again")
	described := get(b, chromedp.Evaluate[string](`[...document.querySelector("#key").getAttribute("aria-describedby").split(" ")].map(id => document.getElementById(id).innerText).join(" ")`))
	require.Contains(t, described, "Flexie does not take this key.")
	b.types("key", "two words")
	b.press("Sign in")
	b.sees("This is not a key")
	b.types("key", "  "+sandbox.SalesKey+" ") // as it is copied
	b.press("Sign in")
	b.sees(assistantSays)
	require.Contains(t, a.works(a.got()), "Sofia Lindqvist")
}

// namesTheWorkspace: where the server has none of its own.
func namesTheWorkspace(t *testing.T, of context.Context) {
	s := withSandbox(t, func(o *Options) {
		gate, err := newGate("acme", "globex")
		require.NoError(t, err)
		o.Root, o.Workspace = "", gate.Workspace
	})
	a, b := newAssistant(t, s), newBrowser(t, of)
	b.open(a.asks("x"))
	b.press("Allow")
	b.types("workspace", "initech")
	b.types("key", sandbox.Key)
	b.press("Sign in")
	b.sees("This server is not for that workspace")
	b.looks("sign-in-workspace")
	require.Equal(t, "initech", get(b, chromedp.Value(chromedp.CSS("#workspace"))), "what was typed can be mended")
	require.Equal(t, "true", get(b, chromedp.AttributeValue(chromedp.CSS("#workspace"), "aria-invalid")).Value)
	b.do(chromedp.Clear(chromedp.CSS("#workspace")))
	b.types("workspace", "globex")
	b.types("key", sandbox.Key)
	b.press("Sign in")
	b.sees(assistantSays)
	require.Contains(t, a.works(a.got()), "|https://globex.flexie.io/api|")
}

func disconnects(t *testing.T, of context.Context) {
	s := withSandbox(t)
	var tokens []string
	for _, key := range []string{sandbox.SalesKey, sandbox.SalesKey, sandbox.SupportKey} {
		client := s.clientID()
		answer := s.form(tokenPath, exchange(client, s.codeFor(s.browser(), client, key)))
		tokens = append(tokens, answer.tokens.Access)
		s.clock.pass(time.Minute)
	}
	work := func() (work []bool) {
		for _, token := range tokens {
			work = append(work, s.uses(token).status == http.StatusOK)
		}
		return work
	}
	b := newBrowser(t, of)
	b.open(s.issuer + connectedPath)
	b.sees("So that you see which assistants work as you.")
	b.types("key", sandbox.SalesKey)
	b.press("Sign in")
	b.sees("Since 22 June 2026, 12:01 UTC; last used 22 June 2026, 12:01 UTC")
	require.Equal(t, "Connected assistants", b.title())
	require.Len(t, get(b, chromedp.Nodes(chromedp.CSSAll("section"))), 2)
	require.Equal(t, []bool{true, true, true}, work())
	b.press("Disconnect Claude")
	b.sees("It is disconnected")
	require.Equal(t, []bool{true, false, true}, work())
	b.press("Disconnect all")
	b.sees("All are disconnected")
	require.Equal(t, []bool{false, false, true}, work(), "another's stays")
	b.open(s.issuer + connectedPath)
	b.sees("Sign in with your Flexie key")
}

// usesTheKeyboard: all the way, by Tab, arrows, Space and Enter.
func usesTheKeyboard(t *testing.T, of context.Context) {
	s := withSandbox(t)
	a, b := newAssistant(t, s), newBrowser(t, of)
	b.open(a.asks("x"))
	b.tabTo("input[name=access]")
	b.key(kb.ArrowUp)
	b.tabTo("summary")
	b.key(kb.Enter)
	b.tabTo("input[value=roles]")
	b.key(" ")
	b.tabTo("button[value=allow]")
	b.key(kb.Enter)
	b.sees("Sign in with your Flexie key")
	b.tabTo("#key")
	b.key("wrong")
	b.key(kb.Enter)
	b.sees("Flexie does not take this key.")
	b.tabTo("#key")
	b.key(sandbox.Key)
	b.tabTo("button.main")
	b.key(kb.Enter)
	b.sees(assistantSays)
	works := a.works(a.got())
	require.Contains(t, works, "|read|")
	require.NotContains(t, works, "roles")
	b.open(s.issuer + connectedPath)
	b.tabTo("button[value=one]")
	b.key(kb.Enter)
	b.sees("None are connected.")
	b.tabTo("button[value=session]")
	b.key(kb.Enter)
	b.sees("Signed out")
}

// goesOnToAnApplication: the address of the answer leads on to another site, as
// claude.ai's does to the application. A policy of ours may not hold it up.
func goesOnToAnApplication(t *testing.T, of context.Context) {
	s := withSandbox(t)
	beyond := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!DOCTYPE html><title>Beyond</title><h1>Beyond</h1>")
	}))
	t.Cleanup(beyond.Close)
	a, b := newAssistant(t, s), newBrowser(t, of)
	a.next = strings.Replace(beyond.URL, "127.0.0.1", "localhost", 1)
	b.open(a.asks("x"))
	b.signInWith(sandbox.Key)
	b.sees("Beyond")
	require.NotEmpty(t, a.got().Get("code"))
}

// answersAnApplication: what opens the address of the answer is no page, so ours
// stays, and says what to do.
func answersAnApplication(t *testing.T, of context.Context) {
	s := withSandbox(t)
	client := s.clientID(`{"client_name":"Editor","redirect_uris":["com.example.an-editor://signed-in/cb"],"token_endpoint_auth_method":"none"}`)
	b := newBrowser(t, of)
	b.open(s.asks(client, "redirect_uri", "com.example.an-editor://signed-in/cb"))
	b.sees("an-editor:")
	b.signInWith(sandbox.Key)
	b.sees("You allowed “Editor”")
	to := get(b, chromedp.AttributeValue(chromedp.Search(`//a[contains(., "Continue")]`), "href")).Value
	require.True(t, strings.HasPrefix(to, "com.example.an-editor://signed-in/cb?code="), to)
}
