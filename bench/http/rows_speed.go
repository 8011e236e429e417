package main

import (
	"context"
	"fmt"
	"time"
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
	slow, err := b.compare(ctx, slowPath)
	if err != nil {
		return nil, err
	}
	ratio, slowRatio := at.ours.perSecond.over(at.bare.perSecond), slow.ours.perSecond.over(slow.bare.perSecond)
	return []finding{
		{"calls a second, 16 callers, of those of a bare server; answers at once", ratio.show("%.2fx"), "at least 0.90x", ratio.median() >= 0.9},
		{what: "  flexie-mcp, bare", measured: at.ours.perSecond.show("%.0f") + ", " + at.bare.perSecond.show("%.0f")},
		{what: "  processor time a call, flexie-mcp", measured: at.ours.cpuEach.show("%.0f µs")},
		{what: "  processor time a call, bare", measured: at.bare.cpuEach.show("%.0f µs")},
		{fmt.Sprintf("the same; answers in %s", slowness), slowRatio.show("%.2fx"), "at least 0.90x", slowRatio.median() >= 0.9},
		{what: "  flexie-mcp, bare", measured: slow.ours.perSecond.show("%.0f") + ", " + slow.bare.perSecond.show("%.0f")},
	}, nil
}

// speeds are those of a server in several rounds; cpuEach in microseconds a call.
type speeds struct{ perSecond, cpuEach rounds }

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
			p *process
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

func (b *bench) burst(ctx context.Context, p *process, d time.Duration) (speed, error) {
	askers, err := sessions(ctx, p.address, 16)
	if err != nil {
		return speed{}, err
	}
	defer leave(ctx, askers)
	before, err := p.cpu()
	if err != nil {
		return speed{}, err
	}
	l, err := forTime(ctx, askers, d)
	if err != nil {
		return speed{}, err
	}
	after, err := p.cpu()
	return speed{l.perSecond(), micro(after-before) / float64(l.calls)}, err
}

// measureLatency compares what both servers add to a request to the workspace, of
// one caller who makes one call after the other.
func measureLatency(ctx context.Context, b *bench) ([]finding, error) {
	ours, bare, err := b.both(b.root(""))
	if err != nil {
		return nil, err
	}
	var askers []*asker
	for _, p := range []*process{ours, bare} {
		one, err := sessions(ctx, p.address, 1)
		if err != nil {
			return nil, err
		}
		askers = append(askers, one...)
	}
	askers = append(askers, direct(newClient(), b.root(""), "key"))
	var p50 [3]rounds
	for i := range span(b, 11, 3) {
		for j, a := range askers {
			l, err := times(ctx, []*asker{a}, span(b, 3000, 300))
			if err != nil {
				return nil, err
			}
			if i > 0 { // the first warms up
				p50[j] = append(p50[j], micro(l.each.quantile(0.5)))
			}
		}
	}
	if err := b.profiled(ours, func() error { _, err := times(ctx, askers[:1], span(b, 10_000, 5000)); return err }); err != nil {
		return nil, err
	}
	adds := p50[0].minus(p50[2]).over(p50[1].minus(p50[2]))
	return []finding{
		{"what it adds to the p50 of a request, of what a bare server adds", adds.show("%.2fx"), "at most 1.30x", adds.median() <= 1.3},
		{what: "  p50, flexie-mcp", measured: p50[0].show("%.0f µs")},
		{what: "  p50, bare", measured: p50[1].show("%.0f µs")},
		{what: "  p50, straight to the workspace", measured: p50[2].show("%.0f µs")},
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
	askers, err := sessions(ctx, ours.address, 4)
	if err != nil {
		return nil, err
	}
	var without, with rounds
	for i := range span(b, 7, 3) {
		for _, p99 := range []*rounds{&without, &with} {
			stop := func() {}
			if p99 == &with {
				if stop, err = waitInVain(ctx, ours.address, token); err != nil {
					return nil, err
				}
			}
			l, err := forTime(ctx, askers, span(b, 3*time.Second, time.Second/2))
			stop()
			if err != nil {
				return nil, err
			}
			if i > 0 {
				*p99 = append(*p99, milli(l.each.quantile(0.99)))
			}
		}
	}
	ratio := with.over(without)
	return []finding{
		{"p99 of others while the workspace of one caller is stalled, of that while not", ratio.show("%.2fx"), "within the spread of that", withinNoise(with, without)},
		{what: "  p99 with it", measured: with.show("%.2f ms")},
		{what: "  p99 without", measured: without.show("%.2f ms")},
		{what: "  calls of that caller that wait meanwhile", measured: fmt.Sprint(stalledCalls)},
	}, nil
}
