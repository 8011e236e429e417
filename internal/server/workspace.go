package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/store"
	"flexie-mcp/resources"
)

// Workspace is the workspace that the settings name: Flexie's, the sandbox's,
// or none yet.
type Workspace struct {
	About resources.Workspace

	// Results keep what was cut off answers.
	Results *resources.Results

	// Safety is what stands between callers and the workspace.
	Safety Safety

	observing Observing
	members   atomic.Pointer[Members] // of those who ask over HTTP, if any do
	options   flexie.Options          // of the client, and of those that other callers get
	client    *flexie.Client
	knowledge *flexie.Knowledge
	learns    bool
	ownKey    string
	login     *oauth.Source // in place of a key; nil with one
	state     *store.State
	missing   error // why there is no client
	close     func() error
}

// Client gives the client of whoever asks.
func (w *Workspace) Client(ctx context.Context) (*flexie.Client, error) {
	if a := askingOf(ctx); a != nil {
		return a.client, nil
	}
	return w.client, w.missing
}

// Knowledge gives what the client of whoever asks learns; it is nil itself if
// nothing may be.
func (w *Workspace) Knowledge() func(context.Context) *flexie.Knowledge {
	if !w.learns {
		return nil
	}
	return func(ctx context.Context) *flexie.Knowledge {
		if a := askingOf(ctx); a != nil {
			return a.knowledge
		}
		return w.knowledge
	}
}

// Time that writes under way get when the program ends: to learn their answer,
// and then to record that it was not learnt. Clients kill a server about four
// seconds after they have closed its input.
const (
	writeGrace  = 3 * time.Second
	recordGrace = 500 * time.Millisecond
)

// Own is the root of the API that the settings name, and the key to it; "" for
// what they don't.
func (w *Workspace) Own() (root, key string) { return w.options.BaseURL, w.ownKey }

// Close waits for writes under way, for a bounded time, and ends the journal
// and the sandbox.
func (w *Workspace) Close() error {
	w.Safety.Writes.End(writeGrace, recordGrace)
	if w.login != nil {
		w.login.Wait(writeGrace)
	}
	return errors.Join(w.Safety.Journal.Close(), w.close(), w.state.Close())
}

// sandboxURL stands for the sandbox inside this process. No request to it
// leaves the process, and the name can't exist (RFC 6761).
const sandboxURL = "https://sandbox.flexie.invalid/api"

// Open makes the client that the settings ask for. Without a workspace or a
// key it makes none: the server then still starts, and each call says what to
// set, since people see the chat and not the log.
func Open(s config.Settings, version string, log *slog.Logger) (*Workspace, error) {
	return Observing{}.Open(s, version, log)
}

// Open is the function Open for a workspace that is observed.
func (o Observing) Open(s config.Settings, version string, log *slog.Logger) (*Workspace, error) {
	s, login, unread := withLogin(s, log)
	w := &Workspace{observing: o, login: login, close: func() error { return nil }, state: stateOf(s, log)}
	w.Safety = safetyOf(s, w.state.Durable, log)
	w.Results = resultsOf(s, w.state)
	w.About = resources.Workspace{BaseURL: s.Root(), Version: version, Toolsets: s.Toolsets, ReadOnly: s.ReadOnly || s.Access == "read"}
	options := flexie.Options{
		BaseURL: s.Root(), Auth: authBy(login, s.Key()), Timeout: s.Timeout,
		UserAgent: "flexie-mcp/" + version, Logger: log, Caller: w.Safety.Caller,
		Retries: s.Retries, Assumptions: s.Assumptions, Limits: w.sharing(flexie.NewLimits(s.MaxRate, s.MaxConcurrent), s.Root(), log),
	}
	if s.Sandbox {
		if err := w.openSandbox(s, &options); err != nil {
			return nil, err
		}
	}
	o.observe(&options)
	w.ownKey = s.Key()
	if s.Sandbox {
		w.ownKey = sandbox.Key
	}
	w.options, w.learns = options, s.LearnFields || len(s.CustomTables) > 0
	o.begin(w)
	if w.missing = cmp.Or(unread, whatIsMissing(s)); w.missing != nil {
		return w, nil
	}
	w.knowledge = w.knowledgeOf(s, s.Root(), s.Key(), log)
	options.Knowledge = w.knowledge
	var err error
	w.client, err = flexie.New(options)
	return w, err
}

// knowledgeOf is what is learnt of a workspace by the holder of a key; nil if
// nothing may be.
func (w *Workspace) knowledgeOf(s config.Settings, root, key string, log *slog.Logger) *flexie.Knowledge {
	if !s.LearnFields && len(s.CustomTables) == 0 {
		return nil
	}
	return flexie.NewKnowledge(flexie.KnowledgeOptions{Tables: s.CustomTables, Store: w.fieldStore(s, root, key, log), Closed: !s.LearnFields})
}

// stateOf is where the settings have state kept: in memory for a sandbox that ends
// with the program. Nothing is opened yet.
func stateOf(s config.Settings, log *slog.Logger) *store.State {
	return store.Open(store.Options{Dir: s.StateDir, Memory: s.Fleeting(), Database: s.DatabaseURL, Log: log})
}

// resultsOf are kept where others that work for the same caller find them, unless
// the program is alone and ends with its sandbox.
func resultsOf(s config.Settings, state *store.State) *resources.Results {
	if s.Fleeting() {
		return resources.NewResults()
	}
	b := resources.OnDisk
	return resources.ResultsOn(store.NewResults(store.Results{Store: state.Cache, Number: b.Number, Bytes: b.Bytes, InAll: b.InAll, Last: b.Last, Now: time.Now}))
}

func (w *Workspace) openSandbox(s config.Settings, options *flexie.Options) error {
	box, err := sandbox.Open(SandboxOptions(s))
	if err != nil {
		return fmt.Errorf("the sandbox can't be opened: %w", err)
	}
	w.close = box.Close
	w.About.Sandbox, w.About.BaseURL = true, sandboxURL
	w.About.Today = sandbox.Today.Format("Monday 2006-01-02")
	options.Limits = nil // there is nobody else to leave room for
	options.Now = func() time.Time { return sandbox.Today }
	options.BaseURL, options.Auth, options.Transport = sandboxURL, flexie.APIKey(sandbox.Key), box.Transport()
	return nil
}

// fieldStore keeps what is learnt of a real workspace. A sandbox is another one
// each time.
func (w *Workspace) fieldStore(s config.Settings, root, key string, log *slog.Logger) flexie.FieldStore {
	if s.Sandbox || !s.LearnFields {
		return nil
	}
	return store.FieldsOf(w.state.Cache, root, key, log)
}

// SandboxOptions are the settings that are the sandbox's.
func SandboxOptions(s config.Settings) sandbox.Options {
	return sandbox.Options{
		File: s.SandboxFile, Dialect: s.SandboxDialect, Delay: s.SandboxDelay,
		ErrorRate: s.SandboxErrorRate, ErrorStatus: s.SandboxErrorStatus,
		DropRate: s.SandboxDropRate, FaultsOn: s.SandboxFaultsOn, RateLimit: s.SandboxRateLimit,
		Redirect: s.OAuthRedirect, TokenLifetime: s.SandboxTokenLifetime, KeepRefresh: !s.SandboxTokenRotation,
	}
}

// notSetUp is what to set, as the assistant is to tell it.
type notSetUp string

func (n notSetUp) Error() string { return string(n) }

func whatIsMissing(s config.Settings) error {
	if s.Sandbox {
		return nil
	}
	const end = " and start it again. The key is shown in Flexie under account name / Accounts / API Settings. Instead of a key, flexie-mcp login in a terminal signs in with a browser. To try this without an account, set FLEXIE_SANDBOX=1."
	switch {
	case s.Root() == "" && s.Key() == "":
		return notSetUp("This server is not connected to a Flexie workspace yet: in its settings, set FLEXIE_SUBDOMAIN (acme, for https://acme.flexie.io) and FLEXIE_API_KEY," + end)
	case s.Root() == "":
		return notSetUp("This server has an API key but not the workspace it belongs to: in its settings, set FLEXIE_SUBDOMAIN (acme, for https://acme.flexie.io)," + end)
	case s.Key() == "":
		return notSetUp("This server has no API key for " + s.Root() + ": in its settings, set FLEXIE_API_KEY (or FLEXIE_API_KEY_FILE)," + end)
	}
	return nil
}
