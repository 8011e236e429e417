package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/workspace"
	"flexie-mcp/internal/auth"
)

// whoAsks are the ways to say who is asking that are compared, each a caller of the
// same server.
var whoAsks = []string{"a person who has signed in", "an operator's token", "a key of one's own"}

// measureSignIn compares the calls of one caller by the way that they say who they
// are, at a workspace that answers at once, and at one that takes its time.
func measureSignIn(ctx context.Context, b *bench) ([]finding, error) {
	var found []finding
	for _, at := range []struct{ what, path string }{{"answers at once", ""}, {"answers in " + workspace.Slowness.String(), workspace.SlowPath}} {
		p50, err := b.byWhoAsks(ctx, at.path)
		if err != nil {
			return nil, err
		}
		adds := inPercent(p50[0].Minus(p50[1]).Over(p50[1]))
		found = append(found, finding{"what checking a token adds to the p50 of a call; " + at.what, adds.Show("%+.1f %%"), "at most +5 %", adds.Median() <= 5})
		for i, who := range whoAsks {
			found = append(found, finding{what: "  p50, " + who, measured: p50[i].Show("%.0f µs")})
		}
	}
	return found, nil
}

// byWhoAsks is the p50 of calls in several measure.Rounds, in microseconds, for each of
// whoAsks.
func (b *bench) byWhoAsks(ctx context.Context, before string) (p50 [3]measure.Rounds, err error) {
	file := filepath.Join(b.dir, "operators"+filepath.Base(before)+".toml")
	_, token, err := auth.AddToken(file, auth.Token{Name: "bench", KeyEnv: "OPERATORS_KEY"}, time.Now())
	if err != nil {
		return p50, err
	}
	environ := []string{"FLEXIE_PUBLIC_URL=" + publicURL, "FLEXIE_HTTP_TOKENS_FILE=" + file, "OPERATORS_KEY=operators"}
	if b.postgres != "" {
		environ = append(environ, "FLEXIE_DATABASE_URL="+b.postgres, "FLEXIE_ENCRYPTION_KEY="+benchKey)
	}
	ours, err := b.server(b.root(before), environ...)
	if err != nil {
		return p50, err
	}
	askers, err := waysIn(ctx, ours.Address, token)
	if err != nil {
		return p50, err
	}
	calls := span(b, 3000, 300)
	if before != "" {
		calls /= 30
	}
	for i := range span(b, 16, 3) {
		for j := range askers {
			j = (i + j) % len(askers) // so that none always comes after the same one
			l, err := measure.Times(ctx, askers[j:j+1], calls)
			if err != nil {
				return p50, err
			}
			if i > 0 { // the first warms up
				p50[j] = append(p50[j], measure.Micro(l.Each.Quantile(0.5)))
			}
		}
	}
	if before != "" {
		return p50, nil
	}
	return p50, b.profiled(ours, func() error { _, err := measure.Times(ctx, askers[:1], span(b, 10_000, 300)); return err })
}

// waysIn is a session for each of whoAsks.
func waysIn(ctx context.Context, address, operators string) (askers []*asker, err error) {
	persons, err := signIn(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("signing in: %w", err)
	}
	header, key := byKey(1)
	for _, who := range [][2]string{{"Authorization", "Bearer " + persons}, {"Authorization", "Bearer " + operators}, {header, key}} {
		a, err := open(ctx, newClient(), address, who[0], who[1])
		if err != nil {
			return nil, err
		}
		askers = append(askers, a)
	}
	return askers, nil
}

func inPercent(of measure.Rounds) measure.Rounds {
	percent := make(measure.Rounds, len(of))
	for i, share := range of {
		percent[i] = 100 * share
	}
	return percent
}
