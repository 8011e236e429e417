package cli

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
)

const (
	// lookEvery is how often it is looked whether settings and tokens have changed.
	lookEvery = 5 * time.Second

	// steadyTime is for how long settings must say the same before they hold: half
	// of a file that is being written would be other settings.
	steadyTime = time.Second
)

// reloading are the settings of a server that reads them again while it runs.
type reloading struct {
	read  func() (*config.Loaded, error) // as at the start, with all that is wrong with them
	check func(*config.Loaded) error     // whether the server could go by them
	apply func(*config.Loaded)           // has it go by them

	tokens *auth.Tokens // nil where there are none
	renew  func()       // looks at the certificate; nil where there is none
	log    *slog.Logger // that says what is read again, whatever else is logged

	started, now *config.Loaded
	last         reading
	later        []string // what was told last to wait for the next start
}

// reading is what the settings were found to be, or what is wrong with them.
type reading struct {
	loaded *config.Loaded
	err    error
}

func (r reading) same(other reading) bool {
	if r.err != nil || other.err != nil {
		return r.err != nil && other.err != nil && r.err.Error() == other.err.Error()
	}
	return r.loaded.Equal(other.loaded)
}

// begin has the settings that a server was started with.
func (r *reloading) begin(started *config.Loaded) {
	r.started, r.now, r.last = started, started, reading{loaded: started}
}

// run reads settings and tokens again when they have changed, and all at once at
// each hangup, until ctx ends.
func (r *reloading) run(ctx context.Context, hangups <-chan struct{}) {
	if r.tokens != nil {
		go r.tokens.Watch(ctx, lookEvery, r.log)
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			r.all(ctx)
		case <-tick.C:
			r.look(ctx)
		}
	}
}

// all reads again all there is, and says so even if nothing has changed.
func (r *reloading) all(ctx context.Context) {
	if r.tokens != nil {
		r.tokens.Check(ctx, r.log)
	}
	if r.renew != nil {
		r.renew()
	}
	if r.started.Rereadable() {
		r.take(ctx, r.find())
	} else {
		r.log.WarnContext(ctx, "the settings were not read again, since a file that they name is a pipe")
	}
	r.log.InfoContext(ctx, "done reading again, at SIGHUP: settings, tokens and certificates")
}

// look reads the settings again, and takes them if they are others than before and
// have settled. They are read rather than asked when they were written: a file is
// also replaced by a link to another.
func (r *reloading) look(ctx context.Context) {
	if !r.started.Rereadable() {
		return
	}
	found := r.find()
	if found.same(r.last) {
		return
	}
	select {
	case <-time.After(steadyTime):
	case <-ctx.Done():
		return
	}
	if again := r.find(); again.same(found) {
		r.take(ctx, again)
	}
}

func (r *reloading) find() reading {
	loaded, err := r.read()
	if err == nil {
		err = r.check(r.started.Reloaded(loaded))
	}
	return reading{loaded, err}
}

// take has the server go by what was found, if it is right, and says what has
// changed, by the names of settings alone.
func (r *reloading) take(ctx context.Context, found reading) {
	before := r.last
	r.last = found
	if found.err != nil {
		for _, problem := range problemsOf(found.err) {
			r.log.ErrorContext(ctx, "the settings stay as they were, since they are not right", "problem", problem)
		}
		return
	}
	next := r.started.Reloaded(found.loaded)
	changed, later := r.now.Changed(next), next.Changed(found.loaded)
	r.apply(next)
	r.now = next
	switch {
	case len(changed) > 0:
		r.log.InfoContext(ctx, "settings have changed", "settings", strings.Join(changed, ","))
	case before.err != nil:
		r.log.InfoContext(ctx, "the settings are right again")
	}
	if len(later) > 0 && !slices.Equal(later, r.later) {
		r.log.WarnContext(ctx, "changed settings take effect at the next start", "settings", strings.Join(later, ","))
	}
	r.later = later
	if before.err != nil || !slices.Equal(found.loaded.Warnings, before.loaded.Warnings) {
		for _, warning := range found.loaded.Warnings {
			r.log.WarnContext(ctx, warning)
		}
	}
}

// problemsOf are all that is wrong, one by one.
func problemsOf(err error) []string {
	var of *config.Error
	if errors.As(err, &of) {
		return of.Problems
	}
	return []string{err.Error()}
}
