package measure

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// Main runs a benchmark until it ends or is interrupted, and exits with 1 if it fails.
func Main(name string, run func(context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// Named is a row of a table: one thing that is measured.
type Named interface{ Called() string }

// Names are those of rows, for a person.
func Names[R Named](rows []R) string {
	var all []string
	for _, r := range rows {
		all = append(all, r.Called())
	}
	return strings.Join(all, ", ")
}

// Pick are the rows asked for, by names with commas between, in that order; "" asks
// for all.
func Pick[R Named](rows []R, only string) (picked []R, err error) {
	if only == "" {
		return rows, nil
	}
	for _, name := range strings.Split(only, ",") {
		i := slices.IndexFunc(rows, func(r R) bool { return r.Called() == strings.TrimSpace(name) })
		if i < 0 {
			return nil, fmt.Errorf("-only %s: there is no such row; there are %s", name, Names(rows))
		}
		picked = append(picked, rows[i])
	}
	return picked, nil
}
