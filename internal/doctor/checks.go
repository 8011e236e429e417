package doctor

import (
	"context"
	"fmt"
	"time"
)

// check is one thing to look at. Those that it needs come before it; the others may
// be looked at meanwhile.
type check struct {
	name  string
	needs []string
	time  time.Duration // how long it may take
	look  func(context.Context) []Finding
}

const (
	quick       = 5 * time.Second
	publicTime  = 4 * time.Second
	clientsTime = 5 * time.Second
	journalTime = 10 * time.Second
	groupsTime  = 12 * time.Second
	guessesTime = 20 * time.Second
)

// checks are all of them, in the order in which they are told.
func (p *patient) checks() []check {
	return []check{
		{"versions", nil, quick, one(p.versions)},
		{"settings", nil, quick, one(p.settings)},
		{"workspace", nil, quick, one(p.workspace)},
		{"credential", nil, quick, one(p.credential)},
		{"proxy", []string{"workspace"}, quick, one(p.proxy)},
		{"dns", []string{"workspace", "proxy"}, quick, withContext(p.dns)},
		{"connection", []string{"dns"}, quick, withContext(p.connection)},
		{"tls", []string{"connection"}, callTime + time.Second, withContext(p.tls)},
		{"clock", []string{"tls"}, quick, one(p.clock)},
		{"key", []string{"credential", "tls"}, callTime + time.Second, withContext(p.key)},
		{"permissions", []string{"key"}, callTime + time.Second, withContext(p.permissions)},
		{"reading", []string{"key"}, groupsTime, p.reading},
		{"sign-in", nil, quick, withContext(p.signedIn)},
		{"public address", nil, publicTime, withContext(p.publicAddress)},
		{"oauth client", []string{"tls"}, callTime + time.Second, withContext(p.oauthClient)},
		{"keyring", nil, quick, one(p.keyring)},
		{"state directory", nil, quick, one(p.stateDir)},
		{"journal", nil, journalTime, withContext(p.journal)},
		{"clients", nil, clientsTime, p.clients},
		{"assumptions", []string{"key", "reading", "permissions"}, guessesTime, withContext(p.assumptions)},
	}
}

func one(look func() Finding) func(context.Context) []Finding {
	return func(context.Context) []Finding { return []Finding{look()} }
}

func withContext(look func(context.Context) Finding) func(context.Context) []Finding {
	return func(ctx context.Context) []Finding { return []Finding{look(ctx)} }
}

// looked is a check that ends.
type looked struct {
	done   chan struct{}
	found  []Finding
	blocks string // "" or why what needs it can't be looked at: it is wrong, or skipped
}

// examine makes all checks, each as soon as those that it needs are done.
func (p *patient) examine(ctx context.Context, all []check) []Finding {
	by := map[string]*looked{}
	for _, c := range all {
		by[c.name] = &looked{done: make(chan struct{})}
	}
	for _, c := range all {
		go func() {
			defer close(by[c.name].done)
			p.make(ctx, c, by)
		}()
	}
	var found []Finding
	for _, c := range all {
		<-by[c.name].done
		found = append(found, by[c.name].found...)
	}
	return found
}

// make makes one check, unless what it needs can't be used. What was skipped since
// there is nothing to look at, like the TLS of the sandbox, stops nothing.
func (p *patient) make(ctx context.Context, c check, by map[string]*looked) {
	l := by[c.name]
	for _, need := range c.needs {
		<-by[need].done
		if why := by[need].blocks; why != "" && !isOptional(c, need) {
			f := skipped(fmt.Sprintf("it needs %s, which %s", need, why))
			f.Name = c.name
			l.found, l.blocks = []Finding{f}, "was skipped"
			return
		}
	}
	l.found = within(ctx, c)
	switch {
	case worst(l.found) == Wrong:
		l.blocks = "is wrong"
	case c.name == "workspace" && p.root == nil:
		l.blocks = "is not set"
	case c.name == "key" && p.auth == nil:
		l.blocks = "was skipped"
	}
}

// isOptional reports whether a check goes on without another: the guesses can be
// tested though a group can't be read.
func isOptional(c check, need string) bool {
	return c.name == "assumptions" && (need == "reading" || need == "permissions")
}

// within ends a check that takes too long, which then goes on by itself: what it
// waits for may know no end.
func within(ctx context.Context, c check) []Finding {
	ctx, cancel := context.WithTimeout(ctx, c.time)
	defer cancel()
	begun := time.Now()
	done := make(chan []Finding, 1)
	go func() { done <- c.look(ctx) }()
	var found []Finding
	select {
	case found = <-done:
	case <-time.After(c.time + time.Second):
		found = []Finding{wrong(fmt.Sprintf("it took longer than %s, and was left", c.time), "try again; if it stays so, something on this machine or on the way does not answer")}
	}
	for i := range found {
		if found[i].Name == "" {
			found[i].Name = c.name
		}
		if found[i].TookMS == 0 {
			found[i].TookMS = time.Since(begun).Milliseconds()
		}
	}
	return found
}
