package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/apikey"
	"flexie-mcp/internal/setup"
)

// credential is what Flexie will be asked by.
type credential struct {
	keep     string // a key that is to be kept
	replaces bool   // it is another one than the file of the settings has
}

// maxKey is how much of a key's file is read, in bytes: it should be the key alone.
const maxKey = 64 << 10

// there is what this machine has for the workspace.
func (r *initRun) there() (c credentials, err error) {
	s := r.loaded.Settings
	if s.Root() == "" {
		return c, nil
	}
	if c.login, c.signedIn, err = r.loginsOf(s).Find(s.Root()); err != nil {
		return c, failed(err)
	}
	c.kept, c.isKept, err = r.keysOf(s).Find(s.Root())
	return c, failed(r.unlessNew(err))
}

// unlessNew is what is wrong with a key that is kept, which is nothing where the person
// gives a new one, or is asked for it: that takes its place.
func (r *initRun) unlessNew(err error) error {
	var damaged *apikey.Damaged
	if errors.As(err, &damaged) && (r.ask != nil || r.o.keyFile != "" || r.isGiven("api_key")) {
		return nil
	}
	return err
}

// credential settles by what Flexie is asked, and asks it who that is.
func (r *initRun) credential() error {
	if r.loaded.Sandbox {
		return nil
	}
	there, err := r.there()
	if err != nil {
		return err
	}
	isNew := r.o.keyFile != "" || r.isGiven("api_key")
	switch {
	case there.signedIn && isNew:
		return failed(fmt.Errorf("%s is signed in at %s by flexie-mcp login, which wins over a key that is kept: run flexie-mcp logout for it first, or leave out the key, in --key-file and FLEXIE_API_KEY", cmp.Or(there.login.User, "somebody"), r.loaded.Root()))
	case r.o.keyFile != "":
		err = r.useNew(r.fileKey)
	case r.loaded.Key() != "":
		err = r.fromSettings()
	case there.signedIn:
		err = r.byLogin()
	case there.isKept:
		err = r.byKept(there.kept)
	default:
		return r.askCredential()
	}
	if err == nil || r.ask == nil || r.ask.ctx.Err() != nil {
		return failed(err)
	}
	r.sayProblem(err.Error())
	return r.askCredential()
}

// readKeyFile reads the key from what --key-file names, before anything else is done.
func (r *initRun) readKeyFile() error {
	var from io.Reader = r.In
	if r.o.keyFile == "-" && r.ask != nil {
		return errors.New("--key-file - reads standard input, where you answer: it goes with --non-interactive")
	}
	if r.o.keyFile != "-" {
		file, err := os.Open(r.o.keyFile)
		if err != nil {
			return failed(fmt.Errorf("--key-file: cannot read %s", withoutCall(err)))
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, maxKey))
	if err == nil {
		r.fileKey, err = r.cleaned(string(text))
	}
	if err != nil {
		return failed(fmt.Errorf("--key-file: %s", withoutCall(err)))
	}
	return nil
}

// withoutCall is what went wrong with a file, without the name of the system call.
func withoutCall(err error) string {
	var of *os.PathError
	if errors.As(err, &of) {
		return fmt.Sprintf("%s: %v", of.Path, of.Err)
	}
	return err.Error()
}

// cleaned is a key without what was copied along, which is told.
func (r *initRun) cleaned(text string) (string, error) {
	key, around, err := setup.ReadKey(text)
	if err == nil && around != "" && around != "line breaks" {
		r.say("Without the %s around it.", around)
	}
	return key, err
}

// fromSettings takes the key that is set. One of a variable or a flag is kept; one that
// the file has, or a file that it names, stays where it is.
func (r *initRun) fromSettings() error {
	if r.isGiven("api_key") {
		key, err := r.cleaned(r.loaded.Key())
		if err != nil {
			return err
		}
		return r.useNew(key)
	}
	return r.try(r.loaded.Key())
}

// useNew tries a key, to be kept if it is right.
func (r *initRun) useNew(key string) error {
	if err := r.try(key); err != nil {
		return err
	}
	r.by = credential{keep: key, replaces: true}
	return nil
}

func (r *initRun) byKept(kept apikey.Kept) error {
	s := r.loaded.Settings
	key, err := r.keysOf(s).Key(r.cmd.Context(), kept)
	if err != nil {
		return err
	}
	r.say("There is a key for it in %s.", kept.Where())
	return r.try(key)
}

// byLogin asks who is signed in, by the tokens there are.
func (r *initRun) byLogin() error {
	user, err := r.askWho(r.cmd.Context(), r.loaded.Settings)
	if err != nil {
		return fmt.Errorf("there is a sign-in for it, which does not work: %w", err)
	}
	r.say("You are %s, by flexie-mcp login.", nameOfUser(user))
	return nil
}

// errAnother is no news to the person, who said it.
var errAnother = errors.New("another key is to be given")

// try asks Flexie whose key it is. Where it can't be asked just now, it is asked again
// as long as the person wants that.
func (r *initRun) try(key string) error {
	for {
		who, err := r.self(r.loaded.Root(), flexie.APIKey(key))
		switch {
		case err == nil:
			r.say("You are %s.", who)
			return nil
		case r.cmd.Context().Err() != nil:
			return errStopped
		case passes(err):
			err = fmt.Errorf("whether the key is right can't be told now: %w", err)
		case flexie.KindOf(err) == flexie.Denied:
			return fmt.Errorf("the key's user is not let in: %w; ask whoever administers your Flexie", err)
		default:
			return fmt.Errorf("the key is not right: %w; Flexie shows it under your account name / Accounts / API Settings", err)
		}
		if r.ask == nil {
			return err
		}
		r.sayProblem(err.Error())
		again, stopped := r.ask.yes("Try the same key again?", true)
		if stopped != nil || !again {
			return cmp.Or(stopped, errAnother)
		}
	}
}

// askCredential asks for a key, or for a sign-in where that can be had, until one is
// right.
func (r *initRun) askCredential() error {
	if r.ask == nil {
		return errors.New("no API key is given: --key-file PATH, or FLEXIE_API_KEY")
	}
	for {
		byBrowser, err := r.wantsBrowser()
		if err != nil {
			return err
		}
		if byBrowser {
			err = r.signIn()
		} else {
			err = r.askKey()
		}
		if err == nil || errors.Is(err, errStopped) || errors.Is(err, errNoMore) {
			return failed(err)
		}
		if r.ask.ctx.Err() != nil {
			return failed(errStopped)
		}
		if !errors.Is(err, errAnother) {
			r.sayProblem(err.Error())
		}
	}
}

func (r *initRun) wantsBrowser() (bool, error) {
	s := r.loaded.Settings
	if s.OAuthClientID == "" || s.ClientSecret() == "" {
		return false, nil
	}
	return r.ask.yes("Sign in with a browser? Else you paste an API key.", true)
}

// signIn is flexie-mcp login. It reads what is pasted only as long as it runs.
func (r *initRun) signIn() error {
	if r.o.dryRun {
		r.say("A browser would be opened to sign in.")
		return nil
	}
	ctx, end := context.WithCancel(r.ask.ctx)
	terminal := r.In
	r.In = r.ask.reader(ctx)
	defer func() { end(); r.In = terminal }()
	return r.login(r.cmd, loginOptions{wait: loginWait})
}

func (r *initRun) askKey() error {
	text, err := r.ask.secret("Your API key; Flexie shows it under your account name / Accounts / API Settings. It does not show here as you type or paste it")
	if err != nil {
		return err
	}
	key, err := r.cleaned(text)
	if err != nil {
		return err
	}
	return r.useNew(key)
}
