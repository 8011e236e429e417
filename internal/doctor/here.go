package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zalando/go-keyring"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/store"
)

// versions tells what a report is about.
func (p *patient) versions() Finding {
	return ok(fmt.Sprintf("flexie-mcp %s (%s), journal format %d", p.o.Version, platform(), store.Format()))
}

// settings tells which are set, and where; of those that can't be private, to what.
func (p *patient) settings() Finding {
	var set []string
	for _, row := range p.o.Loaded.Rows() {
		if row.Origin == "default" {
			continue
		}
		value := "set"
		if isHarmless(row) {
			value = row.Value
		}
		set = append(set, fmt.Sprintf("%s=%s (%s)", row.Name, cmp.Or(value, "-"), placeOf(row.Origin)))
	}
	var assumed []string
	for _, row := range p.o.Loaded.AssumptionRows() {
		set = append(set, fmt.Sprintf("%s (%s)", row.Name, placeOf(row.Origin)))
		assumed = append(assumed, row.Name+"="+row.Value)
	}
	found := "all are as they come"
	if len(set) > 0 {
		found = strings.Join(set, ", ")
	}
	if p.o.Problem != nil {
		return wrong(found+"; not right: "+strings.Join(wrongSettings(p.o.Problem), ", "), "run flexie-mcp config, which says what is wrong with each").with(p.o.Problem.Error())
	}
	if n := len(p.o.Loaded.Warnings); n > 0 {
		return warning(fmt.Sprintf("%s; and there is more to say: %s", found, counted(n, "warning")), "run flexie-mcp config, which tells them").with(strings.Join(p.o.Loaded.Warnings, "; "))
	}
	return ok(found).with(strings.Join(assumed, ", "))
}

// words are values that say nothing of anybody.
var harmless = []string{"toolsets", "tools", "exclude_tools", "access", "confirm", "log_level", "log_format", "sandbox_dialect", "sandbox_faults_on"}

var isFigure = regexp.MustCompile(`^(true|false|[0-9][0-9.hmsuµn]*)$`)

// isHarmless reports whether a value can be told to anybody: one of few words, a
// number, a duration, yes or no.
func isHarmless(row config.Row) bool {
	return slices.Contains(harmless, row.Name) || isFigure.MatchString(row.Value)
}

// placeOf is an origin without the path of a file.
func placeOf(o config.Origin) string {
	if strings.HasPrefix(string(o), "file ") {
		return "file"
	}
	return string(o)
}

// wrongSettings names the settings that are not right, without what they hold.
func wrongSettings(err error) (names []string) {
	problems := []string{err.Error()}
	if of := new(config.Error); errors.As(err, &of) {
		problems = of.Problems
	}
	name := regexp.MustCompile(`--[a-z-]+|FLEXIE_[A-Z_]+`)
	for _, problem := range problems {
		if at := name.FindString(problem); at != "" {
			names = append(names, at)
			continue
		}
		names = append(names, "one in the file")
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// workspace says whether it is known which.
func (p *patient) workspace() Finding {
	switch {
	case p.isHere():
		return ok("the sandbox inside the program")
	case p.root == nil && p.wrongly("subdomain", "base_url"):
		return wrong("the setting that names it is not right", "run flexie-mcp config, which says why")
	case p.root == nil && p.haveTheirOwn():
		return skipped("none is set: each person who connects says which is theirs")
	case p.root == nil:
		return wrong("no workspace is set", "set FLEXIE_SUBDOMAIN to acme, for https://acme.flexie.io")
	case p.s.Root() == "" && p.auth == nil && len(p.s.HTTPSubdomains) > 0:
		return ok(fmt.Sprintf("people may name %d, by http_subdomains; the first is looked at", len(p.s.HTTPSubdomains))).with(p.root.String())
	case p.s.Root() == "":
		return ok("that of flexie-mcp login").with(p.root.String())
	case !strings.HasSuffix(p.root.Path, "/api"):
		return warning("the address does not end in /api, as Flexie's does", "write base_url as https://acme.flexie.io/api").with(p.root.String())
	case !strings.HasSuffix(p.root.Hostname(), ".flexie.io"):
		return ok("it is not at flexie.io, but at an address of its own").with(p.root.String())
	}
	label, _, _ := strings.Cut(p.root.Hostname(), ".")
	return ok(fmt.Sprintf("at flexie.io, by a name of %s", counted(utf8.RuneCountInString(label), "character"))).with(p.root.String())
}

// wrongly reports whether one of some settings is among those that are not right.
func (p *patient) wrongly(keys ...string) bool {
	if p.o.Problem == nil {
		return false
	}
	text := strings.ToLower(strings.ReplaceAll(p.o.Problem.Error(), "-", "_"))
	return slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(text, key) })
}

const whereKeyIs = "copy it again from Flexie, under account name / Accounts / API Settings, and set FLEXIE_API_KEY to just that"

// credential looks at the key as it is set, before it is sent.
func (p *patient) credential() Finding {
	key := p.s.Key()
	switch {
	case p.isHere():
		return ok("the sandbox needs none")
	case key == "" && p.wrongly("api_key"):
		return wrong("the API key was not pasted whole: it has spaces, line breaks or control characters inside, or can't be read", whereKeyIs)
	case key == "" && p.auth != nil:
		return ok("a login of flexie-mcp login")
	case key == "" && p.haveTheirOwn():
		f := skipped(notNeeded)
		f.Next = tryWith
		return f
	case key == "":
		return wrong("there is neither an API key nor a login", "set FLEXIE_API_KEY, which Flexie shows under account name / Accounts / API Settings, or run flexie-mcp login")
	}
	if problem := badKey(key); problem != "" {
		return wrong("the API key "+problem, whereKeyIs)
	}
	return ok("an API key is set (" + p.keyFrom() + ")")
}

// badKey says what is wrong with a key to look at; "" if nothing is.
func badKey(key string) string {
	lower := strings.ToLower(key)
	switch {
	case strings.ContainsAny(key, "\r\n"):
		return "has a line break in it"
	case strings.ContainsFunc(key, unicode.IsSpace):
		return "has a space in it"
	case strings.ContainsFunc(key, unicode.IsControl):
		return "has a control character in it"
	case strings.ContainsAny(key, "\"'`“”‘’"):
		return "has quotes around it, or in it"
	case strings.HasPrefix(lower, "apikey") || strings.HasPrefix(lower, "bearer") || strings.HasPrefix(lower, "flexie_api_key"):
		return "begins with its own name, so that more than the key was pasted"
	case strings.Contains(key, "://"):
		return "is an address"
	case strings.ContainsAny(key, "…<>$") || strings.Contains(lower, "paste"):
		return "is still the placeholder of an example, or a variable that was not filled in"
	case strings.ContainsFunc(key, func(r rune) bool { return r > unicode.MaxASCII }):
		return "has a letter in it that no key has"
	}
	return ""
}

// keyFrom says where the key comes from.
func (p *patient) keyFrom() string {
	for _, row := range p.o.Loaded.Rows() {
		if (row.Name == "api_key" || row.Name == "api_key_file") && row.Value != "" {
			return placeOf(row.Origin)
		}
	}
	return "kept on this machine by flexie-mcp"
}

// signIn takes the login, where there is one and no key. It gives the root of the
// workspace.
func (p *patient) signIn(root string) string {
	if key := p.s.Key(); key != "" {
		p.auth = flexie.APIKey(key)
		return root
	}
	logins := oauth.OpenLogins(p.s.StateDir, p.s.Keyring)
	all, _, _ := logins.All() // what is wrong with them is told by the check
	for _, each := range all {
		p.veil.address("(workspace)", each.Root)
		p.veil.hide("(user)", each.User)
		p.veil.secret(each.Badge)
	}
	login, found, err := logins.Find(root)
	if err != nil || !found {
		return root
	}
	p.auth = logins.Source(login, oauth.SourceOptions{ID: p.s.OAuthClientID, Secret: p.s.ClientSecret(), Transport: p.transport})
	return login.Root
}

// signedIn tells of the logins that are kept here.
func (p *patient) signedIn(ctx context.Context) Finding {
	logins := oauth.OpenLogins(p.s.StateDir, p.s.Keyring)
	all, damaged, err := logins.All()
	switch {
	case err != nil:
		return wrong("what is kept of logins can't be read", "check who may read the state directory").with(err.Error())
	case len(damaged) > 0 && p.s.Key() == "":
		return wrong("what is kept of a login is damaged", "run flexie-mcp login again").with(damaged[0].Error())
	case len(damaged) > 0:
		return warning("what is kept of a login is damaged; it is not used, as an API key is set", "run flexie-mcp logout, or login again").with(damaged[0].Error())
	}
	if len(all) == 0 && p.signInHere() {
		return skipped("nobody is signed in by flexie-mcp login, which a server that people sign in to does not need")
	}
	if len(all) == 0 {
		return skipped("nobody is signed in by flexie-mcp login: with a key, nobody needs to be")
	}
	if p.s.Key() != "" {
		return ok(fmt.Sprintf("there is %s kept, and not used: an API key is set", counted(len(all), "login")))
	}
	login, found, _ := logins.Find(p.s.Root())
	if !found {
		return wrong("there is a login, and none at the workspace that is set", "run flexie-mcp login, or set no workspace")
	}
	return p.tokensOf(ctx, logins, login)
}

func (p *patient) tokensOf(ctx context.Context, logins *oauth.Logins, login oauth.Login) Finding {
	g, err := logins.Tokens(ctx, login)
	if err != nil {
		return wrong("there is a login, and its tokens can't be read", "run flexie-mcp login again").with(err.Error())
	}
	p.veil.secret(g.Access, g.Refresh, g.ClientSecret)
	p.veil.hide("(client id)", g.ClientID)
	kept := "kept in a file that only its owner can read"
	if login.Kept == oauth.InKeyring {
		kept = "kept in this system's keyring"
	}
	switch ends := g.Ends(); {
	case ends.IsZero():
		return ok("there is a login, " + kept + "; Flexie did not say how long its token lasts")
	case ends.Before(p.o.Now()):
		return ok("there is a login, " + kept + "; its token has ended, and the next call renews it")
	default:
		return ok(fmt.Sprintf("there is a login, %s; its token lasts %s, and is renewed by itself", kept, ends.Sub(p.o.Now()).Round(time.Minute)))
	}
}

// oauthClient asks whether the workspace would let a sign-in begin.
func (p *patient) oauthClient(ctx context.Context) Finding {
	if p.isHere() {
		return skipped(here)
	}
	id, secret := p.s.OAuthClientID, p.s.ClientSecret()
	switch {
	case p.signInHere() && (id == "") != (secret == ""):
		return wrong("only one of oauth_client_id and oauth_client_secret is set, with which the server does not start", "set both, for people to sign in at Flexie, or neither, for them to paste a key")
	case p.signInHere() && id == "":
		return skipped("no OAuth client is set: people sign in by pasting their Flexie key")
	case id == "" || secret == "":
		return skipped("no OAuth client is set: with a key, none is needed")
	}
	redirect, setting := p.redirect()
	c, err := oauth.NewClient(oauth.Options{Root: p.root.String(), ID: id, Secret: secret, Redirect: redirect, Transport: p.transport})
	if err == nil {
		err = c.Check(ctx)
	}
	if err != nil {
		return warning("Flexie seems to refuse a sign-in with this client id and redirect address",
			"in Flexie, under Settings / API Credentials, compare the client id with oauth_client_id, and the redirect address, letter by letter, with "+setting).with(redirect + ": " + err.Error())
	}
	return ok("Flexie would let a sign-in begin with this client id and redirect address").with(redirect)
}

// keyring looks for one, and keeps nothing in it.
func (p *patient) keyring() Finding {
	switch {
	case p.isHere():
		return skipped(here)
	case !p.s.Keyring:
		return skipped("the settings say to use none")
	}
	err := p.o.Keyring()
	if err != nil && (p.signInHere() || p.s.OAuthClientID == "" && p.s.Key() != "") {
		return ok("this system has none that can be used, and none is needed: only flexie-mcp login would").with(err.Error())
	}
	if err != nil {
		return warning("this system has none that can be used: a login is kept in a file that only you can read", "nothing, unless that is not wanted: unlock or install one (on Linux, a Secret Service like GNOME Keyring)").with(err.Error())
	}
	return ok("this system has one, and it can be used")
}

// askKeyring reads what is not there.
func askKeyring() error {
	done := make(chan error, 1)
	go func() {
		_, err := keyring.Get("flexie-mcp", "doctor looks whether there is a keyring")
		done <- err
	}()
	select {
	case err := <-done:
		if errors.Is(err, keyring.ErrNotFound) {
			return nil
		}
		return err
	case <-time.After(quick - time.Second):
		return errors.New("it does not answer; it may wait for somebody to unlock it")
	}
}

// clients passes on what is found of the files of MCP clients.
func (p *patient) clients(context.Context) []Finding {
	if p.o.Clients == nil {
		return nil
	}
	return p.o.Clients()
}
