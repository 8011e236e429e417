package main

import (
	"context"
	"fmt"
	"time"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/process"
)

const mib = 1 << 20

// pace is how often each of many sessions makes a call.
const pace = 2 * time.Second

// measureSessions has 1,000 callers, each with a key and a session, make their
// first call, then one every two seconds, and then one after the other, all at
// the same time.
func measureSessions(ctx context.Context, b *bench) ([]finding, error) {
	like, err := b.pacedBare(ctx)
	if err != nil {
		return nil, err
	}
	ours, err := b.server(b.root(""), "FLEXIE_MAX_CONCURRENT=8")
	if err != nil {
		return nil, err
	}
	askers, err := sessions(ctx, ours.Address, span(b, 1000, 100))
	if err != nil {
		return nil, err
	}
	first, err := measure.InTurn(ctx, askers, span(b, 10*time.Second, time.Second), 1)
	if err != nil {
		return nil, err
	}
	found, err := b.paced(ctx, ours, askers)
	if err != nil {
		return nil, err
	}
	more, err := b.together(ctx, ours, askers)
	found = append(found,
		finding{what: "  p50 and p99 of a bare server, of the same calls", measured: like.Quantiles()},
		finding{what: "  p50 and p99 of the first call of each, which learns fields and names", measured: first.Quantiles()})
	return append(found, more...), err
}

// paced has each asker make a call every two seconds.
func (b *bench) paced(ctx context.Context, p *process.Process, askers []*asker) ([]finding, error) {
	var l measure.Load
	err := b.profiled(p, func() (err error) {
		l, err = measure.InTurn(ctx, askers, pace, span(b, 20, 2))
		return err
	})
	if err != nil {
		return nil, err
	}
	most, err := measure.Memory(p.PID(), "VmHWM")
	if err != nil {
		return nil, err
	}
	heap, goroutines, err := p.Heap()
	return []finding{
		{fmt.Sprintf("%d callers, each with a session and a call every %s: the most memory", len(askers), pace),
			mebibytes(most), "at most 150 MiB", most <= 150*mib},
		{"  p99 of their calls, of the p50", fmt.Sprintf("%.2fx", l.Spread()), "at most 5x", l.Spread() <= 5},
		{"  errors", fmt.Sprintf("0 of %d", l.Calls), "none", true}, // with one, the run ends
		{what: "  in use once the garbage is gone", measured: fmt.Sprintf("%s, %d goroutines", mebibytes(heap), goroutines)},
		{what: "  p50 and p99", measured: l.Quantiles()},
	}, err
}

// together has each asker make one call after the other.
func (b *bench) together(ctx context.Context, p *process.Process, askers []*asker) ([]finding, error) {
	l, err := measure.Times(ctx, askers, span(b, 30_000, 2000))
	if err != nil {
		return nil, err
	}
	most, err := measure.Memory(p.PID(), "VmHWM")
	return []finding{
		{"all of them with a call under way: p99 of their calls, of the p50", fmt.Sprintf("%.2fx", l.Spread()), "at most 5x", l.Spread() <= 5},
		{"  the most memory", mebibytes(most), "at most 150 MiB", most <= 150*mib},
		{what: "  calls a second", measured: fmt.Sprintf("%.0f", l.PerSecond())},
	}, err
}

// pacedBare has as many sessions make calls of a bare server: what is slow there
// too is so by the machine.
func (b *bench) pacedBare(ctx context.Context) (measure.Load, error) {
	bare, err := b.start(asBare, rootVariable+"="+b.root(""))
	if err != nil {
		return measure.Load{}, err
	}
	defer bare.End()
	askers, err := sessions(ctx, bare.Address, span(b, 1000, 100))
	if err != nil {
		return measure.Load{}, err
	}
	return measure.InTurn(ctx, askers, pace, span(b, 10, 2))
}

// measureLong compares the memory after many calls with that after a tenth.
func measureLong(ctx context.Context, b *bench) ([]finding, error) {
	ours, err := b.server(b.root(""), "FLEXIE_MAX_CONCURRENT=8")
	if err != nil {
		return nil, err
	}
	askers, err := sessions(ctx, ours.Address, 16)
	if err != nil {
		return nil, err
	}
	all := span(b, 100_000, 3000)
	var resident, inUse [2]int
	for i, calls := range []int{all / 10, all - all/10} {
		if _, err := measure.Times(ctx, askers, calls); err != nil {
			return nil, err
		}
		if resident[i], err = measure.Memory(ours.PID(), "VmRSS"); err != nil {
			return nil, err
		}
		if inUse[i], _, err = ours.Heap(); err != nil {
			return nil, err
		}
	}
	more := growth(resident)
	return []finding{
		{fmt.Sprintf("memory after %d calls, over that after %d", all, all/10), fmt.Sprintf("%+.1f %%", more), "within 10 %", more <= 10},
		{what: "  after them", measured: fmt.Sprintf("%s, %s", mebibytes(resident[1]), mebibytes(resident[0]))},
		{what: "  in use once the garbage is gone", measured: fmt.Sprintf("%s, %s: %+.1f %%", mebibytes(inUse[1]), mebibytes(inUse[0]), growth(inUse))},
	}, nil
}

// growth is that of the second over the first, in percent.
func growth(of [2]int) float64 { return 100 * (float64(of[1])/float64(of[0]) - 1) }

func mebibytes(n int) string { return fmt.Sprintf("%.1f MiB", float64(n)/mib) }
