// Package tools is what an assistant can do in a Flexie workspace: one file a
// group, and this one, which says how a tool is declared and run.
package tools

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
)

// Tool is one thing an assistant can do.
type Tool struct {
	Name        string
	Title       string
	Description string
	Act         Act
	Toolset     string   // the group it belongs to, one of flexie.Groups, or discover
	Core        bool     // whether it is in the toolset "core" as well
	Endpoints   []string // the endpoints it is there for, by name
	Schema      *schema.Schema

	run  func(context.Context, Caller, json.RawMessage) (resources.Answer, error)
	runs []Tool // those that a call of this one can run
}

// define makes a tool that only reads, of its declaration and a function of typed
// arguments. A is a struct; its schema comes from it.
func define[A any](t Tool, run func(context.Context, *flexie.Client, A) (resources.Answer, error)) Tool {
	return defineFor(strings.NewReplacer(), t, run)
}

// defineFor does the same with words that stand in braces in the declaration.
func defineFor[A any](words *strings.Replacer, t Tool, run func(context.Context, *flexie.Client, A) (resources.Answer, error)) Tool {
	return defineCall(words, t, func(ctx context.Context, who Caller, args A) (resources.Answer, error) {
		return run(ctx, who.Client, args)
	})
}

// defineCall makes a tool that must know who calls it.
func defineCall[A any](words *strings.Replacer, t Tool, run func(context.Context, Caller, A) (resources.Answer, error)) Tool {
	t = t.worded(words)
	t.Schema = schema.Of(reflect.TypeFor[A](), words)
	t.run = func(ctx context.Context, who Caller, raw json.RawMessage) (resources.Answer, error) {
		var args A
		if err := schema.Decode(t.Schema, raw, &args); err != nil {
			return resources.Answer{}, err
		}
		return run(ctx, who, args)
	}
	return t
}

// worded replaces what stands in braces.
func (t Tool) worded(words *strings.Replacer) Tool {
	t.Name = words.Replace(t.Name)
	t.Title = words.Replace(t.Title)
	t.Description = words.Replace(t.Description)
	return t
}

// Run calls the tool for somebody, with arguments as they came, as JSON. Its
// error is made for the assistant to read: what happened, and what to do next;
// or it is a *Question for the user. It is the one way to run a tool, and so the
// one place that checks whether the caller may.
func (t Tool) Run(ctx context.Context, who Caller, arguments json.RawMessage) (resources.Answer, error) {
	if err := who.allowed(t); err != nil {
		return resources.Answer{}, err
	}
	if !t.Act.ReadOnly {
		if err := clearDryRun(arguments); err != nil {
			return resources.Answer{}, t.explain(err)
		}
	}
	answer, err := t.run(flexie.WithNames(ctx), who, arguments)
	if question := (*Question)(nil); errors.As(err, &question) {
		return resources.Answer{}, question
	}
	if err != nil {
		return resources.Answer{}, t.suggestTable(who.Client, arguments, t.explain(err))
	}
	who.Shown.Keep(answer.Shown)
	if answer.HasTimes() {
		answer = answer.In(who.Client.ZoneShown(ctx))
	}
	return answer, nil
}

// Act is what kind of thing a tool does. A client decides by it what to ask
// its user about.
type Act struct {
	Name        string
	ReadOnly    bool
	Destructive bool // something that was there is lost
	Idempotent  bool // doing it twice is the same as once
	OpenWorld   bool // it reaches people outside the workspace
}

// The acts.
var (
	Read   = Act{Name: "read", ReadOnly: true, Idempotent: true}
	Create = Act{Name: "create"}
	Upsert = Act{Name: "create or update", Destructive: true}         // overwrites only where it is told to
	Change = Act{Name: "change", Destructive: true, Idempotent: true} // overwrites
	Mark   = Act{Name: "mark", Idempotent: true}                      // sets a state that can be set back
	Delete = Act{Name: "delete", Destructive: true, Idempotent: true}
	Send   = Act{Name: "send", OpenWorld: true}

	// AnyWrite may be any of those that write, so it promises nothing.
	AnyWrite = Act{Name: "any write", Destructive: true, OpenWorld: true}
)

// All are the tools that do something in Flexie: those across its groups, then
// theirs, in the order of its API page. Choose makes the one that takes changes
// back reach those that it may run. Discover has those that run these.
func All() []Tool {
	all := []Tool{searchWorkspace(nil), listChanges(), undoChange(nil)}
	for _, kind := range flexie.Kinds {
		all = append(all, recordTools(kind)...)
		if kind == flexie.Case {
			all = append(all, caseReplyTools()...)
		}
	}
	for _, group := range [][]Tool{
		taskTools(), noteTools(), emailTools(), workflowTools(), formTools(),
		pageTools(), reportTools(), userTools(), roleTools(),
	} {
		all = append(all, group...)
	}
	return all
}
