package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/process"
)

// measureSizing measures what a server of a given use needs: docs/operating.md
// has these figures.
func measureSizing(ctx context.Context, b *bench) ([]finding, error) {
	p, err := b.server(b.root(""), "FLEXIE_MAX_CONCURRENT=8")
	if err != nil {
		return nil, err
	}
	u := user{Process: p, callers: span(b, 1000, 100)}
	found, err := u.measure(ctx)
	if err != nil {
		return nil, err
	}
	change, err := b.changes(ctx, "a change, journal in a file", "")
	if err != nil || b.postgres == "" {
		return append(found, change), err
	}
	inPostgres, err := b.changes(ctx, "a change, journal in Postgres", b.postgres)
	return append(found, change, inPostgres), err
}

// user uses a server more and more, and looks each time what that takes.
type user struct {
	*process.Process
	callers int
	heap    int
}

func (u *user) measure(ctx context.Context) (found []finding, err error) {
	one, err := sessions(ctx, u.Address, 1)
	if err != nil {
		return nil, err
	}
	if _, err := measure.Times(ctx, one, 1); err != nil {
		return nil, err
	}
	if _, err := u.more(1); err != nil {
		return nil, err
	}
	resident, err := measure.Memory(u.PID(), "VmRSS")
	if err != nil {
		return nil, err
	}
	found = append(found, finding{what: "memory of a server with one caller", measured: fmt.Sprintf("%s, %s of it in use by Go", mebibytes(resident), mebibytes(u.heap))})
	for _, step := range []struct {
		what string
		use  func(context.Context) (int, error)
	}{
		{"memory of a caller with a session, after the first call", u.moreCallers},
		{"  of each of 20 records that a caller is shown", u.moreRecords},
		{"memory of another session", u.moreSessions},
		{"memory of an open stream", u.moreStreams},
	} {
		n, err := step.use(ctx)
		if err != nil {
			return nil, err
		}
		each, err := u.more(n)
		if err != nil {
			return nil, err
		}
		found = append(found, finding{what: step.what, measured: fmt.Sprintf("%.1f KiB", each/1024)})
	}
	return append(found, finding{what: "calls a second and core", measured: fmt.Sprintf("%.0f", u.perCore(ctx))}), nil
}

// more is how many bytes each of n took since it was last asked.
func (u *user) more(n int) (float64, error) {
	before := u.heap
	var err error
	u.heap, _, err = u.Process.Heap()
	return float64(u.heap-before) / float64(n), err
}

func (u *user) moreCallers(ctx context.Context) (int, error) {
	askers, err := sessions(ctx, u.Address, u.callers)
	if err != nil {
		return 0, err
	}
	_, err = measure.InTurn(ctx, askers, 0, 1)
	return u.callers, err
}

func (u *user) moreRecords(ctx context.Context) (int, error) {
	askers, err := sessions(ctx, u.Address, u.callers)
	if err != nil {
		return 0, err
	}
	defer leave(ctx, askers)
	_, err = measure.InTurn(ctx, askers, 0, contacts)
	return u.callers * (contacts - 1), err
}

func (u *user) moreSessions(ctx context.Context) (int, error) {
	n := 0
	for range 4 {
		askers, err := sessions(ctx, u.Address, u.callers)
		if err != nil {
			return 0, err
		}
		n += len(askers)
	}
	return n, nil
}

// moreStreams opens streams, which stay open until the process ends.
func (u *user) moreStreams(ctx context.Context) (int, error) {
	askers, err := sessions(ctx, u.Address, u.callers)
	if err != nil {
		return 0, err
	}
	if _, err := u.more(1); err != nil { // the sessions are not the streams
		return 0, err
	}
	for _, a := range askers {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url, nil)
		if err != nil {
			return 0, err
		}
		r.Header = a.header
		answer, err := a.http.Do(r)
		if err != nil {
			return 0, err
		}
		if answer.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("a stream was answered with %s", answer.Status)
		}
	}
	return len(askers), nil
}

// perCore is how many calls a second one processor makes; 0 if that can't be told.
func (u *user) perCore(ctx context.Context) float64 {
	askers, err := sessions(ctx, u.Address, 16)
	if err != nil {
		return 0
	}
	before, _ := measure.CPU(u.PID())
	l, err := measure.ForTime(ctx, askers, 4*time.Second)
	after, _ := measure.CPU(u.PID())
	if err != nil || after == before {
		return 0
	}
	return float64(l.Calls) / (after - before).Seconds()
}

// changes measures changes, which go through the journal.
func (b *bench) changes(ctx context.Context, what, database string) (finding, error) {
	environ := []string{"FLEXIE_CONFIRM=never"}
	if database != "" {
		environ = append(environ, "FLEXIE_DATABASE_URL="+database)
	}
	p, err := b.server(b.root(""), environ...)
	if err != nil {
		return finding{}, err
	}
	askers, err := sessions(ctx, p.Address, 8)
	if err != nil {
		return finding{}, err
	}
	for _, a := range askers {
		a.message = func(id int) []byte {
			return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"add_note","arguments":{"entity_type":"contact","entity_id":%d,"text":"Called, note %d."}}}`, id, 1+id%contacts, id)
		}
	}
	n := span(b, 400, 40)
	alone, err := measure.Times(ctx, askers[:1], n)
	if err != nil {
		return finding{}, err
	}
	before, err := measure.CPU(p.PID())
	if err != nil {
		return finding{}, err
	}
	together, err := measure.Times(ctx, askers, 2*n)
	if err != nil {
		return finding{}, err
	}
	after, err := measure.CPU(p.PID())
	return finding{what: what, measured: fmt.Sprintf("p50 %.1f ms alone; %.0f a second of 8 callers, %.1f ms of a processor each",
		measure.Milli(alone.Each.Quantile(0.5)), together.PerSecond(), measure.Milli(after-before)/float64(together.Calls))}, err
}
