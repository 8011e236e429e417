package main

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/workspace"
	"flexie-mcp/internal/auth"
)

// stalledCalls are as many as one caller may have in flight.
const stalledCalls = 32

// stalledToken issues the token of a caller whose workspace never answers, and
// says what flexie-mcp must be told of it.
func (b *bench) stalledToken() (token string, environ []string, err error) {
	file := filepath.Join(b.dir, "tokens.toml")
	_, token, err = auth.AddToken(file, auth.Token{
		Name: "stalled", BaseURL: "http://" + b.space.Address + workspace.StalledPath, KeyEnv: "STALLED_KEY",
	}, time.Now())
	return token, []string{"FLEXIE_HTTP_TOKENS_FILE=" + file, "STALLED_KEY=key"}, err
}

// waitInVain has the caller of the token wait for as many calls as they may have,
// and make each again that ends, until stop is called.
func waitInVain(ctx context.Context, address, token string) (stop func(), err error) {
	first, err := open(ctx, newClient(), address, "Authorization", "Bearer "+token)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for range stalledCalls {
		one := asker{http: first.http, url: first.url, header: first.header, message: first.message}
		all.Go(func() {
			for ctx.Err() == nil {
				_ = one.Call(ctx) // it fails, by its time or by stop
			}
		})
	}
	return func() { cancel(); all.Wait(); leave(context.WithoutCancel(ctx), []*asker{first}) }, nil
}

// withinNoise reports whether the median of figures is no further above that of
// others than the highest of those is.
func withinNoise(figures, others measure.Rounds) bool { return figures.Median() <= slices.Max(others) }
