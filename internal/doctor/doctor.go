package doctor

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
)

// Options say what to look at.
type Options struct {
	Loaded  *config.Loaded // as config.Inspect gives them
	Problem error          // what is wrong with them; nil if nothing
	Environ []string
	Version string

	// Sandbox is the made-up workspace inside the program, in place of Flexie;
	// nil if there is none. SandboxAuth is who it is worked on as.
	Sandbox     http.RoundTripper
	SandboxAuth flexie.Auth

	// Clients finds what is to be said of the files of MCP clients; nil is not
	// asked. It may take as long as clientsTime.
	Clients func() []Finding

	ShowPrivate bool
	WriteTest   bool // make the write test, for which somebody has said yes
	WriteName   string

	// What follows is for tests; each has a default.
	Transport http.RoundTripper                               // to Flexie
	Proxy     func(*http.Request) (*url.URL, error)           // in force for a request
	Lookup    func(context.Context, string) ([]string, error) // of a host's addresses
	Now       func() time.Time                                // this machine's clock
	Pause     func(context.Context, time.Duration)            // so that times differ
	Probe     func(dir string) error                          // whether a directory can be written
	Keyring   func() error                                    // whether there is one
	Room      func(dir string) (free uint64, known bool)      // on the disk, in bytes
}

// mostTime is how long all checks may take, in which the reads of assumptions
// begin no later than readsTime before its end.
const (
	mostTime = 26 * time.Second
	callTime = 6 * time.Second // of one request
)

// sandboxRoot stands for the sandbox inside the program. The name can't exist.
const sandboxRoot = "https://sandbox.flexie.invalid/api"

// WriteNameAt is what the record of the write test is called, at a time. It ends with
// something random, as two may begin in the same second.
func WriteNameAt(t time.Time) string {
	return "flexie-mcp doctor " + t.UTC().Format("2006-01-02 15:04:05") + " " + strings.ToLower(rand.Text()[:6])
}

// patient is one run.
type patient struct {
	o    Options
	s    config.Settings
	veil *veil
	root *url.URL    // of the workspace's API; nil if none is set
	auth flexie.Auth // nil if there is nothing to sign in with

	transport http.RoundTripper
	client    *flexie.Client // nil without root and auth

	mu      sync.Mutex
	probe   exchange // the answer to the first request, which had no key
	self    flexie.Record
	groups  map[string]reading // what reading each group gave
	rights  map[string]bool    // what the user may do, by permission
	guessed map[string]verdict
}

// Run looks at everything. It takes less than half a minute, whatever the network
// does, and the write test as long again.
func Run(ctx context.Context, o Options) Report {
	p := newPatient(o.whole())
	bounded, cancel := context.WithTimeout(ctx, mostTime)
	defer cancel()
	checks := p.examine(bounded, p.checks())
	report := Report{Format: Format, Program: "flexie-mcp", Version: o.Version, Made: p.o.Now().UTC().Truncate(time.Second), Private: o.ShowPrivate}
	if o.WriteTest {
		report.WriteTest = p.veil.findings(p.writeTest(ctx, checks))
	}
	report.Checks = p.veil.findings(checks)
	report.Assumptions = p.guesses()
	report.Result = worst(report.Checks, report.WriteTest)
	return report
}

func (o Options) whole() Options {
	if o.Proxy == nil {
		o.Proxy = http.ProxyFromEnvironment
	}
	if o.Transport == nil {
		t := flexie.Ordinary().Clone()
		t.Proxy = o.Proxy
		o.Transport = t
	}
	if o.Lookup == nil {
		o.Lookup = net.DefaultResolver.LookupHost
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pause == nil {
		o.Pause = pause
	}
	if o.Probe == nil {
		o.Probe = canWrite
	}
	if o.Keyring == nil {
		o.Keyring = askKeyring
	}
	if o.Room == nil {
		o.Room = roomOn
	}
	return o
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func newPatient(o Options) *patient {
	p := &patient{o: o, s: o.Loaded.Settings, groups: map[string]reading{}, guessed: map[string]verdict{}}
	p.veil = newVeil(p.s, o.Environ, o.ShowPrivate)
	raw := p.s.Root()
	p.transport = watch{o.Transport}
	if o.Sandbox != nil {
		raw, p.auth, p.transport = sandboxRoot, o.SandboxAuth, watch{o.Sandbox}
	} else {
		raw = p.signIn(raw)
	}
	if raw == "" {
		raw = p.theirRoot()
	}
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		p.root = u
		p.veil.address("(workspace)", raw)
	}
	if p.root != nil && p.auth != nil {
		p.client = p.newClient(p.auth, callTime, 0)
	}
	return p
}

// newClient is a client of the workspace; nil if there can't be one.
func (p *patient) newClient(auth flexie.Auth, timeout time.Duration, retries int) *flexie.Client {
	c, err := flexie.New(flexie.Options{
		BaseURL: p.root.String(), Auth: auth, Transport: p.transport, Timeout: timeout, Retries: retries,
		Limits: p.limits(), UserAgent: "flexie-mcp/" + p.o.Version, Now: p.o.Now,
		Assumptions: p.s.Assumptions,
	})
	if err != nil {
		return nil
	}
	return c
}

// limits are the pace of the settings. They know no pause after failures, as each
// check is to find out for itself.
func (p *patient) limits() *flexie.Limits {
	if p.o.Sandbox != nil {
		return nil
	}
	return flexie.NewLimits(p.s.MaxRate, p.s.MaxConcurrent)
}

func platform() string { return runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH }
