package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/workspace"
)

// callers are those of one session who each have a call under way all the time.
const callers = 16

// measureCalls compares how many calls they make: at a workspace that answers at once,
// so that processors are all that counts, and at one that takes as long as few of
// Flexie's answers do.
func measureCalls(ctx context.Context, b *bench) ([]finding, error) {
	perSecond, cpu, err := b.bursts(ctx, "")
	if err != nil {
		return nil, err
	}
	slow, _, err := b.bursts(ctx, workspace.SlowPath)
	if err != nil {
		return nil, err
	}
	found := []finding{{Key: "calls", What: fmt.Sprintf("calls a second, %d callers; answers at once", callers), Cells: b.cells(perSecond, "%.0f")}}
	found = append(found, atLeast("of the bare one's", over(perSecond[0], perSecond[1]), 0.9)...)
	found = append(found, atLeast("of the gateway's", over(perSecond[0], perSecond[2]), 8)...)
	found = append(found,
		finding{Key: "cpu", What: "  processor time a call, µs", Cells: b.cells(cpu, "%.0f")},
		finding{What: fmt.Sprintf("calls a second, %d callers; answers in %s", callers, workspace.Slowness), Cells: b.cells(slow, "%.0f")})
	return append(found, atLeast("of the bare one's", over(slow[0], slow[1]), 0.9)...), nil
}

// bursts are several rounds of each: calls a second, and microseconds of a processor
// a call.
func (b *bench) bursts(ctx context.Context, before string) (perSecond, cpu []measure.Rounds, err error) {
	all, end, err := b.sessions(ctx, before)
	if err != nil {
		return nil, nil, err
	}
	defer end()
	perSecond, cpu = table(), table()
	err = b.each(span(b, 7, 2), func(place, round int, r rival) error {
		s := all[place]
		used, err := measure.CPU(s.pid())
		if err != nil {
			return err
		}
		l, err := measure.ForTime(ctx, s.askers(callers, r.contact), span(b, 3*time.Second, 200*time.Millisecond))
		if err != nil {
			return err
		}
		now, err := measure.CPU(s.pid())
		if round > 0 {
			perSecond[place] = append(perSecond[place], l.PerSecond())
			cpu[place] = append(cpu[place], measure.Micro(now-used)/float64(l.Calls))
		}
		return err
	})
	return perSecond, cpu, err
}

// measureLatency compares what they add to a request to the workspace, for one caller
// who makes one call after the other.
func measureLatency(ctx context.Context, b *bench) ([]finding, error) {
	all, end, err := b.sessions(ctx, "")
	if err != nil {
		return nil, err
	}
	defer end()
	straight := &direct{root: b.root("")}
	var base [2]float64
	p50, p99 := table(), table()
	var base50, base99 measure.Rounds
	calls := span(b, 2000, 100)
	err = b.each(span(b, 15, 2), func(place, round int, r rival) error {
		if place == 0 {
			l, err := measure.Times(ctx, []*direct{straight}, calls)
			if err != nil {
				return err
			}
			base = both(l)
		}
		l, err := measure.Times(ctx, all[place].askers(1, r.contact), calls)
		if err != nil || round == 0 {
			return err
		}
		of := both(l)
		p50[place], p99[place] = append(p50[place], of[0]-base[0]), append(p99[place], of[1]-base[1])
		if place == 0 {
			base50, base99 = append(base50, base[0]), append(base99, base[1])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found := []finding{{Key: "p50", What: "p50 of a call, less that of a direct request, µs", Cells: b.cells(p50, "%.0f")}}
	found = append(found, atMost("of the bare one's", over(p50[0], p50[1]), 1.3)...)
	found = append(found, finding{Key: "p99", What: "p99 of a call, less that of a direct request, µs", Cells: b.cells(p99, "%.0f")})
	found = append(found, atMost("of the bare one's", over(p99[0], p99[1]), 1.3)...)
	return append(found, finding{What: fmt.Sprintf("  a direct request: p50 %s, p99 %s µs", base50.Show("%.0f"), base99.Show("%.0f"))}), nil
}

// both are the p50 and the p99, in microseconds.
func both(l measure.Load) [2]float64 {
	return [2]float64{measure.Micro(l.Each.Quantile(0.5)), measure.Micro(l.Each.Quantile(0.99))}
}

// direct asks the workspace itself for contacts in turn.
type direct struct {
	root  string
	calls int
}

func (d *direct) Call(ctx context.Context) error {
	d.calls++
	_, err := fetch(ctx, fmt.Sprintf("%s/contacts/%d", d.root, 1+d.calls%contacts))
	return err
}

// fetch is the body of an answer of the workspace.
func fetch(ctx context.Context, address string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("apikey", key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var b strings.Builder
	_, err = io.Copy(&b, answer.Body)
	return b.String(), err
}
