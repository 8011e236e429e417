package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/setup"
)

// initTime is how long Flexie is waited for, while somebody sits there.
const initTime = 15 * time.Second

// inSandbox reports whether it is set up for the made-up workspace. Where somebody can
// be asked, a file that says so is asked about.
func (r *initRun) inSandbox() bool {
	if !r.loaded.Sandbox || r.ask == nil && !r.isGiven("sandbox") && (r.isGiven("subdomain") || r.isGiven("base_url")) {
		return false
	}
	return r.ask == nil || r.isGiven("sandbox")
}

// workspace settles which one it is, and that it exists.
func (r *initRun) workspace() error {
	if r.inSandbox() {
		return nil
	}
	if r.isGiven("subdomain") || r.isGiven("base_url") || r.ask == nil {
		err := r.lookFor(r.loaded.Root())
		if err == nil {
			return r.notSandbox()
		}
		if r.ask == nil {
			return failed(err)
		}
		r.sayProblem(err.Error())
	}
	return r.askWorkspace()
}

func (r *initRun) askWorkspace() error {
	byDefault := shortOf(r.loaded.Root())
	if r.loaded.Sandbox {
		byDefault = sandboxAnswer
	}
	for {
		text, err := r.ask.line("Your Flexie workspace, like acme for https://acme.flexie.io, or "+sandboxAnswer+" to try it without one", byDefault)
		if err != nil {
			return err
		}
		if err = r.setWorkspace(text); err == nil && r.loaded.Sandbox && r.isGiven("sandbox") {
			return nil
		}
		if err == nil {
			err = r.lookFor(r.loaded.Root())
		}
		if err == nil {
			return r.notSandbox()
		}
		if r.ask.ctx.Err() != nil {
			return failed(errStopped)
		}
		r.sayProblem(withoutFlag(err))
		byDefault = shortOf(r.loaded.Root())
	}
}

// sandboxAnswer is what is typed for the made-up workspace. Who has one of that name
// writes its whole address.
const sandboxAnswer = "sandbox"

func shortOf(root string) string {
	if w := setup.Of(root); w.Subdomain != "" {
		return w.Subdomain
	}
	return root
}

// withoutFlag is a problem of the settings for somebody who typed no flag.
func withoutFlag(err error) string {
	_, text, found := strings.Cut(err.Error(), "--base-url: ")
	if found {
		return text
	}
	return err.Error()
}

// setWorkspace takes what people type for theirs, or the word for the made-up one.
func (r *initRun) setWorkspace(text string) error {
	if strings.EqualFold(text, sandboxAnswer) {
		return r.set([2]string{"sandbox", "true"})
	}
	w, err := setup.ReadWorkspace(text)
	if err != nil {
		return err
	}
	return r.set([2]string{"subdomain", w.Subdomain}, [2]string{"base_url", w.BaseURL})
}

func (r *initRun) notSandbox() error {
	if r.loaded.Sandbox {
		return r.set([2]string{"sandbox", "false"})
	}
	return nil
}

// lookFor asks for the workspace without a key, as a key is to go to a workspace alone.
// One that exists refuses that, by the statuses that flexie/errors.go assumes.
func (r *initRun) lookFor(root string) error {
	_, err := r.self(root, nil)
	switch flexie.KindOf(err) {
	case "":
		if err != nil {
			return err
		}
	case flexie.Unauthorized, flexie.Denied, flexie.Invalid:
	case flexie.NotFound, flexie.Unreadable:
		return fmt.Errorf("there is no Flexie workspace at %s: %w", root, err)
	case flexie.Unreachable:
		return fmt.Errorf("%s can't be reached: %w; check the spelling, and the network", root, err)
	default:
		return fmt.Errorf("%s does not answer as it should: %w; try again", root, err)
	}
	r.say("%s is there.", root)
	return nil
}

// self asks Flexie who a credential is of; nil is none.
func (r *initRun) self(root string, auth flexie.Auth) (who string, err error) {
	client, err := flexie.New(flexie.Options{BaseURL: root, Auth: auth, Timeout: initTime, UserAgent: "flexie-mcp/" + version()})
	if err != nil {
		return "", err
	}
	defer r.ask.unasked()()
	user, err := client.Self(r.cmd.Context())
	if err != nil {
		return "", err
	}
	return withRole(r.cmd.Context(), client, user), nil
}

// withRole is who a user is, with their role where that can be had.
func withRole(ctx context.Context, client *flexie.Client, user flexie.Record) string {
	name := nameOfUser(user)
	if role := roleOf(ctx, client, user.Values.Get("role")); role != "" {
		return fmt.Sprintf("%s (%s)", name, role)
	}
	return name
}

func nameOfUser(user flexie.Record) string {
	word := func(field string) string {
		text, _ := user.Values.Get(field).(string)
		return printable(text)
	}
	for _, name := range []string{strings.TrimSpace(word("firstName") + " " + word("lastName")), word("username"), word("email")} {
		if name != "" {
			return name
		}
	}
	return "a user whose name Flexie does not say"
}

// roleOf is the name of a role, which a user has as an object, a name or an id.
func roleOf(ctx context.Context, client *flexie.Client, role any) string {
	if o, isObject := role.(*flexie.Object); isObject {
		name, _ := o.Get("name").(string)
		return printable(name)
	}
	text := strings.TrimSpace(fmt.Sprint(role))
	id, isID := flexie.ParseID(text)
	if name, isText := role.(string); !isID && isText {
		return printable(name)
	}
	if !isID {
		return ""
	}
	found, err := client.Role(ctx, id)
	if err != nil {
		return ""
	}
	name, _ := found.Values.Get("name").(string)
	return printable(name)
}

// passes reports whether an error says nothing of the key: it may be right.
func passes(err error) bool {
	switch flexie.KindOf(err) {
	case flexie.Unauthorized, flexie.Denied, flexie.NotFound, flexie.Invalid, flexie.Unreadable, "":
		return false
	}
	return !errors.Is(err, context.Canceled)
}
