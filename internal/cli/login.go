package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/oauth"
)

// loginWait is how long a person may take to sign in, unless told.
const loginWait = 5 * time.Minute

func (a *app) loginCommand() *cobra.Command {
	o := loginOptions{}
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in to Flexie in a browser, instead of pasting an API key",
		Long: `login opens Flexie in a browser, where you allow this program to act as you, and
keeps what it is given in this system's keyring, or else in a file that only you
can read. The servers that you start then use it wherever no API key is set.

Once, make an API credential in Flexie under Settings / API Credentials, with the
redirect address that oauth_redirect has, and set FLEXIE_OAUTH_CLIENT_ID and
FLEXIE_OAUTH_CLIENT_SECRET to what it shows. On another machine, as over SSH,
open the address that is printed in your browser, and paste here what it ends on.`,
		Example: `  flexie-mcp login --subdomain acme
  flexie-mcp login --default --subdomain globex`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.login(cmd, o) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.byDefault, "default", false, "use this workspace where none is set; an earlier login will do")
	flags.BoolVar(&o.noBrowser, "no-browser", false, "only print the address")
	flags.BoolVar(&o.noPKCE, "no-pkce", false, "sign in without PKCE, if Flexie refuses it")
	flags.DurationVar(&o.wait, "wait", loginWait, "how `long` to wait for the answer; 5m unless set")
	return cmd
}

type loginOptions struct {
	byDefault, noBrowser, noPKCE bool
	wait                         time.Duration
}

func (a *app) login(cmd *cobra.Command, o loginOptions) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	logins := a.loginsOf(loaded.Settings)
	of, err := loginClient(cmd.Context(), loaded.Settings, logins)
	if err != nil {
		return err
	}
	if one, found, _ := logins.Find(of.Root); found && o.byDefault {
		return a.makeDefault(loaded.Settings, logins, one)
	}
	client, err := oauth.NewClient(of)
	if err != nil {
		return err
	}
	if err := logins.Ready(); err != nil {
		return failed(err)
	}
	signIn := client.Begin(!o.noPKCE)
	answer, err := a.askPerson(cmd.Context(), client, signIn, of, o)
	defer answer.done()
	if err != nil {
		return failed(err)
	}
	one, err := a.keepLogin(cmd.Context(), client, signIn, answer, logins, flexie.Options{
		BaseURL: of.Root, UserAgent: "flexie-mcp/" + version(), Assumptions: loaded.Assumptions,
	})
	answer.tell(err)
	if err != nil {
		return failed(err)
	}
	if o.byDefault {
		return a.makeDefault(loaded.Settings, logins, one)
	}
	a.welcome(loaded.Settings, logins, one)
	return nil
}

func (a *app) makeDefault(s config.Settings, logins *oauth.Logins, one oauth.Login) error {
	err := logins.MakeDefault(one.Root)
	if err == nil {
		one.Default = true
		a.welcome(s, logins, one)
	}
	return failed(err)
}

// loginsOf are the sign-ins that commands with these settings see.
func (a *app) loginsOf(s config.Settings) *oauth.Logins {
	logins := oauth.OpenLogins(s.StateDir, s.Keyring)
	logins.Warn = func(text string) { a.warn(s, []string{text}) }
	return logins
}

// loginClient is which program signs in to which workspace: what the settings
// leave open is as it was the last time.
func loginClient(ctx context.Context, s config.Settings, logins *oauth.Logins) (oauth.Options, error) {
	o := oauth.Options{Root: s.Root(), ID: s.OAuthClientID, Secret: s.ClientSecret(), Redirect: s.OAuthRedirect}
	if s.Sandbox {
		return o, errors.New("the sandbox inside the program needs no sign-in; flexie-mcp sandbox serves one that takes it")
	}
	last, err := lastLogin(logins, o.Root)
	if err != nil {
		return o, failed(err)
	}
	o.Root = cmp.Or(last.Root, o.Root)
	if o.Root == "" {
		return o, errors.New("which workspace? Name it with --subdomain acme, for https://acme.flexie.io, or in FLEXIE_SUBDOMAIN")
	}
	if last.Root != "" && o.ID == "" && o.Secret == "" {
		if g, err := logins.Tokens(ctx, last); err == nil {
			o.ID, o.Secret = g.ClientID, g.ClientSecret
		}
	}
	switch {
	case o.ID == "" && o.Secret == "":
		return o, fmt.Errorf("which client? In Flexie, under Settings / API Credentials, make one with the redirect address %s, and set FLEXIE_OAUTH_CLIENT_ID and FLEXIE_OAUTH_CLIENT_SECRET to what it shows", o.Redirect)
	case o.ID == "":
		return o, errors.New("the client secret is set, and FLEXIE_OAUTH_CLIENT_ID is not: Flexie shows both under Settings / API Credentials")
	case o.Secret == "":
		return o, errors.New("the client id is set, and FLEXIE_OAUTH_CLIENT_SECRET is not: Flexie shows both under Settings / API Credentials")
	}
	return o, nil
}

// lastLogin is the one at a workspace before, or the default one; zero if there is
// none. Of one that is damaged it is where its tokens may be.
func lastLogin(logins *oauth.Logins, root string) (oauth.Login, error) {
	last, found, err := logins.Find(root)
	var damaged *oauth.Damaged
	switch {
	case found: // also one that others can read: the next one takes its place
		return last, nil
	case errors.As(err, &damaged) && damaged.Root != "":
		return oauth.Login{Root: damaged.Root, Kept: oauth.InFile}, nil
	}
	return oauth.Login{}, err
}

// heard is the answer of a person, by whatever way it came.
type heard struct {
	code string
	tell func(error) // what came of it
	done func()      // closes the page, once it is shown
}

// askPerson has a person open the address, and waits for what comes back: to the
// redirect address, or pasted.
func (a *app) askPerson(ctx context.Context, c *oauth.Client, s oauth.SignIn, of oauth.Options, o loginOptions) (heard, error) {
	var answered <-chan oauth.Answer
	h := heard{done: func() {}}
	listener, err := c.Listen(s)
	if err == nil {
		h.done, answered = listener.Close, listener.Answered()
	}
	fmt.Fprintf(a.Err, "flexie-mcp: to sign in to %s, open this address in a browser and allow it there:\n\n  %s\n\n", of.Root, s.Address)
	if err != nil {
		fmt.Fprintf(a.Err, "flexie-mcp: %v: when the browser has ended on an address that begins with %s, paste that here, whole, and press Enter\n", err, of.Redirect)
	} else {
		fmt.Fprintf(a.Err, "flexie-mcp: if it ends on a page that can't be shown, as on another machine, paste its whole address here and press Enter\n")
	}
	if !o.noBrowser {
		openBrowser(a.Environ, s.Address)
	}
	ctx, cancel := context.WithTimeout(ctx, o.wait)
	defer cancel()
	go func() {
		if err := c.Check(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintf(a.Err, "flexie-mcp: warning: %v\n", err)
		}
	}()
	h.code, h.tell, err = a.hear(ctx, c, s, answered)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer came within %s, and nothing was kept: run flexie-mcp login again; --wait 15m waits longer", o.wait)
	}
	return h, err
}

// hear waits for the first answer to this sign-in. Others are passed over.
func (a *app) hear(ctx context.Context, c *oauth.Client, s oauth.SignIn, answered <-chan oauth.Answer) (string, func(error), error) {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(a.In); in.Scan(); {
			select {
			case lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return "", nil, cmp.Or(context.Cause(ctx), ctx.Err())
		case answer := <-answered:
			if answer.Err != nil {
				answer.Tell(answer.Err)
			}
			return answer.Code, answer.Tell, answer.Err
		case line, open := <-lines:
			if !open && answered == nil {
				return "", nil, errors.New("standard input has ended, and nothing was pasted: nothing was kept")
			}
			if !open {
				lines = nil
				continue
			}
			code, err := pasted(c, s, line)
			if code != "" || err != nil {
				return code, func(error) {}, err
			}
			a.sayNotIt(c, s, line)
		}
	}
}

// pasted is the code in a pasted line; "" if it is no answer to this sign-in.
func pasted(c *oauth.Client, s oauth.SignIn, line string) (string, error) {
	values, err := c.Pasted(line)
	if err != nil {
		return "", nil
	}
	code, err := c.Code(s, values)
	if errors.Is(err, oauth.ErrOther) {
		return "", nil
	}
	return code, err
}

func (a *app) sayNotIt(c *oauth.Client, s oauth.SignIn, line string) {
	if strings.TrimSpace(line) == "" {
		return
	}
	values, err := c.Pasted(line)
	if err == nil {
		_, err = c.Code(s, values)
	}
	if errors.Is(err, oauth.ErrOther) {
		err = fmt.Errorf("%w: open the address that is shown above, and paste the one that the browser ends on then", err)
	}
	fmt.Fprintf(a.Err, "flexie-mcp: %v\n", err)
}

// keepLogin turns the answer into tokens, asks Flexie whose they are, and keeps
// them.
func (a *app) keepLogin(ctx context.Context, c *oauth.Client, s oauth.SignIn, h heard, logins *oauth.Logins, at flexie.Options) (oauth.Login, error) {
	tokens, err := c.Redeem(ctx, s, h.code)
	if err != nil {
		return oauth.Login{}, err
	}
	one := oauth.Login{Root: at.BaseURL, Since: time.Now().UTC().Truncate(time.Second)}
	at.Auth = tokens.Auth()
	api, err := flexie.New(at)
	if err != nil {
		return one, err
	}
	user, err := api.Self(ctx)
	switch flexie.KindOf(err) {
	case "":
		one.UserID, one.User = string(user.ID), personOf(user)
	case flexie.Unauthorized, flexie.NotFound, flexie.Unreadable:
		return one, fmt.Errorf("the token that Flexie gave is refused by its API, and was not kept: %w", err)
	default:
		fmt.Fprintf(a.Err, "flexie-mcp: warning: it is not known who is signed in: %v\n", err)
	}
	return logins.Keep(ctx, one, c.GrantOf(tokens))
}

// personOf is how people know a user.
func personOf(user flexie.Record) string {
	word := func(name string) string {
		text, _ := user.Values.Get(name).(string)
		return printable(text)
	}
	name := strings.TrimSpace(word("firstName") + " " + word("lastName"))
	username := word("username")
	if name != "" && username != "" {
		return name + " (" + username + ")"
	}
	return cmp.Or(name, username)
}

// welcome says what there is now.
func (a *app) welcome(s config.Settings, logins *oauth.Logins, one oauth.Login) {
	if one.Aside != "" {
		a.warn(s, []string{"the login that was there was damaged, and is now in " + one.Aside + "; changes made with it are no longer told from those of others"})
	}
	fmt.Fprintf(a.Out, "Signed in to %s as %s.\n", one.Root, cmp.Or(one.User, "a user who is not known"))
	fmt.Fprintf(a.Out, "It is kept in %s.\n", keptIn(s, logins, one))
	if one.Default {
		fmt.Fprintln(a.Out, "It is used wherever no workspace and no API key are set.")
	} else {
		fmt.Fprintln(a.Out, "It is used where that workspace is set and no API key is; login --default makes it the one where none is set.")
	}
	if s.Key() != "" {
		fmt.Fprintln(a.Out, "But an API key is set, and wins as long as it is.")
	}
}

// keptIn is where the tokens of a login are.
func keptIn(s config.Settings, logins *oauth.Logins, one oauth.Login) string {
	if one.Kept == oauth.InKeyring {
		return "this system's keyring"
	}
	text := "a file below " + s.StateDir
	if mode := logins.Mode(one); mode != "" {
		text = "a file of mode " + mode + " below " + s.StateDir
	}
	if s.Keyring {
		text += ", since this system has no keyring that takes it"
	}
	return text
}
