package main

import (
	"context"
	"time"

	"flexie-mcp/bench/internal/measure"
)

const mib = 1 << 20

// measureStart measures how long each takes from its start until its tools are listed,
// and then for its first call. flexie-mcp keeps what it learns: it is measured with
// nothing known, and once more started again.
func measureStart(ctx context.Context, b *bench) ([]finding, error) {
	listed, called := table(), table()
	var again measure.Rounds
	err := b.each(span(b, 15, 2), func(place, round int, r rival) (err error) {
		if r.name == oursName {
			if r, err = b.ours(); err != nil {
				return err
			}
		}
		list, first, err := b.startOnce(ctx, r)
		if err != nil || round == 0 {
			return err
		}
		listed[place], called[place] = append(listed[place], list), append(called[place], first)
		if r.name == oursName {
			list, _, err = b.startOnce(ctx, r)
			again = append(again, list)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	found := []finding{{Key: "start", What: "from start to first tools/list, ms", Cells: b.cells(listed, "%.0f")}}
	found = append(found, atMost("of the bare one's", over(listed[0], listed[1]), 1.5)...)
	found = append(found, atMost("of the gateway's", over(listed[0], listed[2]), 1.0/6)...)
	return append(found,
		finding{What: "  the same, started again with what it has learnt", Cells: map[string]cell{oursName: several(again, "%.0f")}},
		finding{What: "first call after it, ms", Cells: b.cells(called, "%.1f")}), nil
}

// startOnce is how long it takes to the list, and for a call after it, in
// milliseconds.
func (b *bench) startOnce(ctx context.Context, r rival) (listed, called float64, err error) {
	from := time.Now()
	s, err := b.open(ctx, r, b.root(""))
	if err != nil {
		return 0, 0, err
	}
	defer s.end()
	if _, err := s.tools(ctx); err != nil {
		return 0, 0, err
	}
	listed, from = measure.Milli(time.Since(from)), time.Now()
	err = s.askers(1, r.contact)[0].Call(ctx)
	return listed, measure.Milli(time.Since(from)), err
}

// measureMemory measures what each has in memory: at rest, and after many calls.
func measureMemory(ctx context.Context, b *bench) ([]finding, error) {
	idle, after, own := table(), table(), table()
	calls := span(b, 100_000, 300)
	for place, r := range b.rivals {
		s, err := b.open(ctx, r, b.root(""))
		if err != nil {
			return nil, err
		}
		defer s.end()
		if _, err := s.tools(ctx); err != nil {
			return nil, err
		}
		time.Sleep(span(b, 2*time.Second, 100*time.Millisecond)) // which is at rest
		if idle[place], err = memory(s, "VmRSS"); err != nil {
			return nil, err
		}
		if own[place], err = memory(s, "RssAnon"); err != nil {
			return nil, err
		}
		if _, err := measure.Times(ctx, s.askers(callers, r.contact), calls); err != nil {
			return nil, err
		}
		if after[place], err = memory(s, "VmRSS"); err != nil {
			return nil, err
		}
		s.end()
	}
	return []finding{
		{Key: "idle", What: "resident memory at rest, MiB", Cells: b.cells(idle, "%.1f"), Goal: "at most 30", Met: idle[0][0] <= 30},
		{What: "  without what it shares with its file, which can be dropped", Cells: b.cells(own, "%.1f")},
		{Key: "after", What: "  after " + thousands(calls) + " calls", Cells: b.cells(after, "%.1f"), Goal: "at most 60", Met: after[0][0] <= 60},
	}, nil
}

func memory(s *session, name string) (measure.Rounds, error) {
	n, err := measure.Memory(s.pid(), name)
	return measure.Rounds{float64(n) / mib}, err
}

// measureSize is what has to be installed.
func measureSize(_ context.Context, b *bench) ([]finding, error) {
	size := table()
	for place, r := range b.rivals {
		size[place] = measure.Rounds{float64(r.size) / mib}
	}
	return []finding{{What: "what is installed, MiB; the gateway's without Node", Cells: b.cells(size, "%.1f")}}, nil
}
