package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/process"
)

// options are how to measure.
type options struct {
	quick     bool
	cpu, heap string // directories for profiles; "" for none
	postgres  string
}

// bench is the measuring of one row.
type bench struct {
	options
	row   string
	dir   string // for state
	space *process.Process
	all   []*process.Process
}

func begin(row string, o options) (*bench, error) {
	dir, err := os.MkdirTemp("", "flexie-mcp-bench")
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, row: row, dir: dir}
	if b.space, err = b.start(asWorkspace); err != nil {
		b.end()
		return nil, err
	}
	return b, nil
}

func (b *bench) end() {
	for _, p := range b.all {
		p.End()
	}
	_ = os.RemoveAll(b.dir)
}

func (b *bench) start(role string, environ ...string) (*process.Process, error) {
	p, err := process.Start(role, environ...)
	if err == nil {
		b.all = append(b.all, p)
	}
	return p, err
}

// root is the API root of the workspace; before is "", or workspace.SlowPath.
func (b *bench) root(before string) string { return "http://" + b.space.Address + before + "/api" }

// server starts flexie-mcp http, as it is by default but for max_rate and
// max_concurrent, and what environ says.
func (b *bench) server(root string, environ ...string) (*process.Process, error) {
	state, err := os.MkdirTemp(b.dir, "state")
	if err != nil {
		return nil, err
	}
	return b.start(asServer, append([]string{
		"HOME=" + state, "FLEXIE_STATE_DIR=" + state, "FLEXIE_BASE_URL=" + root, "FLEXIE_API_KEY=key", "FLEXIE_MAX_RATE=0", "FLEXIE_MAX_CONCURRENT=0",
		"GOGC=" + os.Getenv("GOGC"), "GOMEMLIMIT=" + os.Getenv("GOMEMLIMIT"), // to see what more memory would do, or less
	}, environ...)...)
}

// both are flexie-mcp and the bare server.
func (b *bench) both(root string) (ours, bare *process.Process, err error) {
	if ours, err = b.server(root); err != nil {
		return nil, nil, err
	}
	bare, err = b.start(asBare, rootVariable+"="+root)
	return ours, bare, err
}

// span is the first, or the second for a short run.
func span[T int | time.Duration](b *bench, whole, quick T) T {
	if b.quick {
		return quick
	}
	return whole
}

// profiled has what is done meanwhile in the profiles that were asked for.
func (b *bench) profiled(p *process.Process, work func() error) error {
	if b.cpu != "" {
		if _, err := p.Tell("profile " + filepath.Join(b.cpu, b.row+".cpu")); err != nil {
			return err
		}
	}
	err := work()
	if b.cpu != "" {
		_, stopErr := p.Tell("stop")
		err = errors.Join(err, stopErr)
	}
	if b.heap != "" {
		_, heapErr := p.Tell("memprofile " + filepath.Join(b.heap, b.row+".heap"))
		err = errors.Join(err, heapErr)
	}
	return err
}

// about says what was measured on what.
func about(o options) string {
	mcp := "?"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if strings.HasSuffix(m.Path, "/mcp-go") {
				mcp = m.Version
			}
		}
	}
	how := ""
	if o.quick {
		how = " A short run: its figures say little."
	}
	return fmt.Sprintf(`%s, mcp-go %s, %d processors. Servers, workspace and client are processes of this
machine and share these; the load is %.1f before it begins. All call get_contact in
sessions of revision %s. The workspace answers from memory. Settings are the usual
ones but for max_rate, which is off, and max_concurrent, which is off too where two
servers are compared. Figures are medians of rounds in turns, with the lowest and
the highest. "Each calling", of 1,000 sessions, is taken for a call every two seconds,
a thousand busy people; it can also mean that all calls are made at the same time,
which is why that is measured against the same goals.%s
`, runtime.Version(), mcp, runtime.NumCPU(), measure.LoadNow(), revision, how)
}
