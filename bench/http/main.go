// Http measures flexie-mcp over HTTP: against a bare server that passes raw JSON
// through, and with many sessions, many calls, and a workspace that does not
// answer. Servers and workspace are processes of their own on this machine, so
// figures are to be compared within one run only.
//
//	go run ./bench/http
//	go run ./bench/http -quick -only calls
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"text/tabwriter"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/process"
)

func main() {
	if role := os.Getenv(process.RoleVariable); role != "" {
		play(role)
		return
	}
	measure.Main("http", run)
}

// row is one thing that is measured. Its error is of what could not be measured,
// and not of a goal that was missed.
type row struct {
	name, what string
	measure    func(context.Context, *bench) ([]finding, error)
}

// finding is a line of the table. Where there is no goal, it only informs.
type finding struct {
	what, measured, goal string
	met                  bool
}

// Called is its name.
func (r row) Called() string { return r.name }

var rows = []row{
	{"calls", "calls a second of 16 callers", measureCalls},
	{"latency", "what a call of one caller takes", measureLatency},
	{"sessions", "1,000 callers with a session each", measureSessions},
	{"long", "memory over 100,000 calls", measureLong},
	{"stalled", "others, while the workspace of one does not answer", measureStalled},
	{"signin", "calls by who has signed in", measureSignIn},
	{"sizing", "what a session, a caller, a stream and Postgres take", measureSizing},
}

func run(ctx context.Context) error {
	o := options{}
	var only string
	flag.BoolVar(&o.quick, "quick", false, "a short run, to see that it works")
	flag.StringVar(&only, "only", "", "the `rows` to measure, of "+measure.Names(rows)+"; separated by commas")
	flag.StringVar(&o.cpu, "cpuprofile", "", "a `directory` for CPU profiles of flexie-mcp, one a row")
	flag.StringVar(&o.heap, "memprofile", "", "a `directory` for profiles of its memory, one a row")
	flag.StringVar(&o.postgres, "postgres", "", "the `address` of an empty Postgres database, for what that adds; only with sizing and signin")
	flag.Parse()
	picked, err := measure.Pick(rows, only)
	if err != nil {
		return err
	}
	fmt.Println(about(o))
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "what\tmeasured\tgoal\t")
	missed := 0
	for _, r := range picked {
		found, err := measured(ctx, r, o)
		if err != nil {
			return fmt.Errorf("%s (%s): %w", r.name, r.what, err)
		}
		for _, f := range found {
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", f.what, f.measured, f.goal, f.verdict())
			if f.isMissed() {
				missed++
			}
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if missed > 0 && !o.quick {
		return fmt.Errorf("%d of the goals were missed", missed)
	}
	return nil
}

// measured measures one row, with processes of its own.
func measured(ctx context.Context, r row, o options) ([]finding, error) {
	b, err := begin(r.name, o)
	if err != nil {
		return nil, err
	}
	defer b.end()
	return r.measure(ctx, b)
}

func (f finding) isMissed() bool { return f.goal != "" && !f.met }

func (f finding) verdict() string {
	switch {
	case f.goal == "":
		return ""
	case f.met:
		return "met"
	}
	return "MISSED"
}
