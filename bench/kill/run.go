package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/sandbox"
)

// bench is a workspace on a socket, and the program that changes it.
type bench struct {
	w      *chaos.Workspace
	root   string
	writer writer
	draw   *rand.Rand
	ledger ledger

	mu    sync.Mutex
	times []time.Time // when each request came
	seen  int         // how many of them were looked at
}

// run kills the program n times, and then lets it find out what it can.
func run(ctx context.Context, n int, seed uint64) (*sum, error) {
	dir, err := os.MkdirTemp("", "flexie-mcp-kill-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	box, err := sandbox.Open(sandbox.Options{})
	if err != nil {
		return nil, err
	}
	defer box.Close()
	b := &bench{draw: rand.New(rand.NewPCG(seed, 0)), ledger: ledger{dir: dir, came: map[int64]int{}, acted: map[int64]bool{}}}
	b.w = chaos.New(box, b.note)
	defer b.w.Close()
	b.writer = writer{w: b.w, draw: rand.New(rand.NewPCG(seed, 1))}
	if b.root, err = b.w.Listen(); err != nil {
		return nil, err
	}
	s := newSum()
	for range n {
		if err := b.round(ctx, s); err != nil {
			return nil, err
		}
	}
	if err := b.settle(ctx, s); err != nil {
		return nil, err
	}
	if err := b.ledger.check(ctx, b.writes(), s); err != nil { // what came late
		return nil, err
	}
	return s, b.ledger.verdicts(ctx, b.w.Requests(), s)
}

// note writes down when a request comes. Nothing goes wrong with it.
func (b *bench) note(*http.Request) chaos.Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.times = append(b.times, time.Now())
	return chaos.None
}

// writes are those that came since the last time.
func (b *bench) writes() (all []arrived) {
	requests := b.w.Requests()
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := b.seen; i < len(requests); i++ {
		if requests[i].Writes() {
			all = append(all, arrived{requests[i], i, b.times[i]})
		}
	}
	b.seen = len(requests)
	return all
}

// atOnce is how many calls are under way at the same time.
const atOnce = 3

// round starts the program, has it make changes, and kills it.
func (b *bench) round(ctx context.Context, s *sum) error {
	c, err := start(b.root, sandbox.Key, b.ledger.dir)
	if err != nil {
		return err
	}
	s.kills++
	b.arm(c)
	if c.greet() {
		for id := 2; ; id++ {
			if id >= 2+atOnce {
				if _, ok := <-c.answers; !ok {
					break
				}
			}
			c.ask(id, b.writer.next())
		}
	}
	c.end()
	if err := b.ledger.check(ctx, b.writes(), s); err != nil {
		return err
	}
	s.opened++
	return nil
}

// latest is when a child is killed at the latest.
const latest = 400 * time.Millisecond

// arm chooses the moment of the kill: some time, also before it is ready; or as a
// write comes, before it is carried out or after that and before its answer.
func (b *bench) arm(c *child) {
	nth := 1 + b.draw.IntN(8)
	switch b.draw.IntN(4) {
	case 0:
		b.w.BeforeNth(nth, chaos.Writes, c.kill)
	case 1:
		b.w.AfterNth(nth, chaos.Writes, c.kill)
	default:
		time.AfterFunc(time.Duration(b.draw.Int64N(int64(latest))), c.kill)
		return
	}
	time.AfterFunc(20*latest, c.kill)
}

// settle starts it once more, and waits until it has looked into everything.
func (b *bench) settle(ctx context.Context, s *sum) error {
	c, err := start(b.root, sandbox.Key, b.ledger.dir)
	if err != nil {
		return err
	}
	defer c.leave()
	if !c.greet() {
		return fmt.Errorf("the program ended by itself")
	}
	for {
		all, err := b.ledger.entries(ctx)
		if err != nil {
			return err
		}
		left := unsettled(all)
		if left == 0 {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			s.fault("%d changes were not looked into", left)
			return nil
		}
	}
}
