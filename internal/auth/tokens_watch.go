package auth

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

// steadyTime is for how long the file and the keys must say the same before it
// counts: half of a file that is being written would take the tokens from people,
// and end their streams.
const steadyTime = time.Second

// Watch looks every so often, until ctx ends, whether the tokens are others now,
// and takes those that have stayed for a second. It reads the file rather than ask
// when it was written: files are also replaced by links to others, and keys change
// in files of their own.
func (t *Tokens) Watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		t.look(ctx, log)
	}
}

// look takes what is found, if it is other than before and has settled.
func (t *Tokens) look(ctx context.Context, log *slog.Logger) {
	found := t.found()
	if found.same(t.last()) {
		return
	}
	select {
	case <-time.After(steadyTime):
	case <-ctx.Done():
		return
	}
	t.taking.Lock()
	defer t.taking.Unlock()
	if again := t.found(); again.same(found) {
		t.take(ctx, again, log)
	}
}

// Check takes what the file says at once, and logs which tokens are others now, by
// their names, and what is wrong, unless that is what was wrong before.
func (t *Tokens) Check(ctx context.Context, log *slog.Logger) {
	t.taking.Lock()
	defer t.taking.Unlock()
	t.take(ctx, t.found(), log)
}

// reading is what was read, or nil and what is wrong with it.
type reading struct {
	*issued
	says string // that it is not right, or its warnings
}

func (t *Tokens) found() reading {
	next, err := t.read()
	if err != nil {
		return reading{says: err.Error()}
	}
	return reading{next, strings.Join(next.warnings, "\n")}
}

// last is what was taken and told last.
func (t *Tokens) last() reading {
	t.taking.Lock()
	defer t.taking.Unlock()
	if now := t.now.Load(); t.said == strings.Join(now.warnings, "\n") {
		return reading{now, t.said}
	}
	return reading{says: t.said}
}

func (r reading) same(other reading) bool {
	if r.says != other.says || (r.issued == nil) != (other.issued == nil) {
		return false
	}
	return r.issued == nil || len(r.changes(other.issued)) == 0
}

// take goes by what was found, if it is right, and tells of it.
func (t *Tokens) take(ctx context.Context, found reading, log *slog.Logger) {
	before := t.said
	t.said = found.says
	if found.issued == nil {
		if found.says != before {
			log.ErrorContext(ctx, "the tokens stay as they were, since their file is not right", "error", found.says)
		}
		return
	}
	was := t.now.Swap(found.issued)
	if found.says != before {
		for _, warning := range found.warnings {
			log.WarnContext(ctx, warning)
		}
		if found.says == "" {
			log.InfoContext(ctx, "the tokens are all right again")
		}
	}
	if changes := was.changes(found.issued); len(changes) > 0 {
		log.InfoContext(ctx, "the tokens have changed", changes...)
	}
}
