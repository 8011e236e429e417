package main

import (
	"context"
	"fmt"
	"time"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/process"
	"flexie-mcp/bench/internal/workspace"
)

// measureCalls compares how many calls both servers make for 16 callers, each a
// key and a session, of which each has one call under way all the time: at a
// workspace that answers at once, so that processors are all that counts, and at
// one that takes as long as few of Flexie's answers do.
func measureCalls(ctx context.Context, b *bench) ([]finding, error) {
	at, err := b.compare(ctx, "")
	if err != nil {
		return nil, err
	}
	slow, err := b.compare(ctx, workspace.SlowPath)
	if err != nil {
		return nil, err
	}
	ratio, slowRatio := at.ours.perSecond.Over(at.bare.perSecond), slow.ours.perSecond.Over(slow.bare.perSecond)
	return []finding{
		{"calls a second, 16 callers, of those of a bare server; answers at once", ratio.Show("%.2fx"), "at least 0.90x", ratio.Median() >= 0.9},
		{what: "  flexie-mcp, bare", measured: at.ours.perSecond.Show("%.0f") + ", " + at.bare.perSecond.Show("%.0f")},
		{what: "  processor time a call, flexie-mcp", measured: at.ours.cpuEach.Show("%.0f µs")},
		{what: "  processor time a call, bare", measured: at.bare.cpuEach.Show("%.0f µs")},
		{fmt.Sprintf("the same; answers in %s", workspace.Slowness), slowRatio.Show("%.2fx"), "at least 0.90x", slowRatio.Median() >= 0.9},
		{what: "  flexie-mcp, bare", measured: slow.ours.perSecond.Show("%.0f") + ", " + slow.bare.perSecond.Show("%.0f")},
	}, nil
}

// speeds are those of a server in several rounds; cpuEach in microseconds a call.
type speeds struct{ perSecond, cpuEach measure.Rounds }

// comparison is of both servers, round by round.
type comparison struct{ ours, bare speeds }

func (b *bench) compare(ctx context.Context, before string) (comparison, error) {
	var c comparison
	ours, bare, err := b.both(b.root(before))
	if err != nil {
		return c, err
	}
	for i := range span(b, 6, 3) {
		for _, of := range []struct {
			p *process.Process
			s *speeds
		}{{ours, &c.ours}, {bare, &c.bare}} {
			r, err := b.burst(ctx, of.p, span(b, 4*time.Second, time.Second))
			if err != nil {
				return c, err
			}
			if i > 0 { // the first warms up
				of.s.perSecond, of.s.cpuEach = append(of.s.perSecond, r.perSecond), append(of.s.cpuEach, r.cpuEach)
			}
		}
	}
	if before != "" {
		return c, nil
	}
	return c, b.profiled(ours, func() error { _, err := b.burst(ctx, ours, span(b, 10*time.Second, time.Second)); return err })
}

// speed is that of a server in one round; cpuEach in microseconds.
type speed struct{ perSecond, cpuEach float64 }

func (b *bench) burst(ctx context.Context, p *process.Process, d time.Duration) (speed, error) {
	askers, err := sessions(ctx, p.Address, 16)
	if err != nil {
		return speed{}, err
	}
	defer leave(ctx, askers)
	before, err := measure.CPU(p.PID())
	if err != nil {
		return speed{}, err
	}
	l, err := measure.ForTime(ctx, askers, d)
	if err != nil {
		return speed{}, err
	}
	after, err := measure.CPU(p.PID())
	return speed{l.PerSecond(), measure.Micro(after-before) / float64(l.Calls)}, err
}

// measureLatency compares what both servers add to a request to the workspace, of
// one caller who makes one call after the other.
func measureLatency(ctx context.Context, b *bench) ([]finding, error) {
	ours, bare, err := b.both(b.root(""))
	if err != nil {
		return nil, err
	}
	var askers []*asker
	for _, p := range []*process.Process{ours, bare} {
		one, err := sessions(ctx, p.Address, 1)
		if err != nil {
			return nil, err
		}
		askers = append(askers, one...)
	}
	askers = append(askers, direct(newClient(), b.root(""), "key"))
	var p50 [3]measure.Rounds
	for i := range span(b, 11, 3) {
		for j, a := range askers {
			l, err := measure.Times(ctx, []*asker{a}, span(b, 3000, 300))
			if err != nil {
				return nil, err
			}
			if i > 0 { // the first warms up
				p50[j] = append(p50[j], measure.Micro(l.Each.Quantile(0.5)))
			}
		}
	}
	if err := b.profiled(ours, func() error { _, err := measure.Times(ctx, askers[:1], span(b, 10_000, 5000)); return err }); err != nil {
		return nil, err
	}
	adds := p50[0].Minus(p50[2]).Over(p50[1].Minus(p50[2]))
	return []finding{
		{"what it adds to the p50 of a request, of what a bare server adds", adds.Show("%.2fx"), "at most 1.30x", adds.Median() <= 1.3},
		{what: "  p50, flexie-mcp", measured: p50[0].Show("%.0f µs")},
		{what: "  p50, bare", measured: p50[1].Show("%.0f µs")},
		{what: "  p50, straight to the workspace", measured: p50[2].Show("%.0f µs")},
	}, nil
}

// measureStalled compares the calls of four callers while the workspace of
// another does not answer, with those while it is not asked.
func measureStalled(ctx context.Context, b *bench) ([]finding, error) {
	token, environ, err := b.stalledToken()
	if err != nil {
		return nil, err
	}
	ours, err := b.server(b.root(""), append(environ, "FLEXIE_MAX_CONCURRENT=8")...)
	if err != nil {
		return nil, err
	}
	askers, err := sessions(ctx, ours.Address, 4)
	if err != nil {
		return nil, err
	}
	var without, with measure.Rounds
	for i := range span(b, 7, 3) {
		for _, p99 := range []*measure.Rounds{&without, &with} {
			stop := func() {}
			if p99 == &with {
				if stop, err = waitInVain(ctx, ours.Address, token); err != nil {
					return nil, err
				}
			}
			l, err := measure.ForTime(ctx, askers, span(b, 3*time.Second, time.Second/2))
			stop()
			if err != nil {
				return nil, err
			}
			if i > 0 {
				*p99 = append(*p99, measure.Milli(l.Each.Quantile(0.99)))
			}
		}
	}
	ratio := with.Over(without)
	return []finding{
		{"p99 of others while the workspace of one caller is stalled, of that while not", ratio.Show("%.2fx"), "within the spread of that", withinNoise(with, without)},
		{what: "  p99 with it", measured: with.Show("%.2f ms")},
		{what: "  p99 without", measured: without.Show("%.2f ms")},
		{what: "  calls of that caller that wait meanwhile", measured: fmt.Sprint(stalledCalls)},
	}, nil
}
