package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/process"
)

// asWorkspace is this program as the workspace that all ask.
const asWorkspace = "workspace"

// options are how to measure.
type options struct {
	quick   bool
	openapi string // what the gateway reads; "" is made from Flexie's page
	modules string // with the gateway in it; "" leaves it out
	node    string
	only    string
}

// bench is a run.
type bench struct {
	options
	module  string // directory of the module
	dir     string // for all that is written
	page    []operation
	space   *process.Process
	rivals  []rival
	program string // flexie-mcp
	states  int
}

func begin(o options) (b *bench, err error) {
	b = &bench{options: o}
	defer func() {
		if err != nil {
			b.end()
		}
	}()
	if b.dir, err = os.MkdirTemp("", "flexie-mcp-versus"); err != nil {
		return b, err
	}
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return b, fmt.Errorf("this builds the program, and so must be run in its source tree: %w", err)
	}
	b.module = strings.TrimSpace(string(module))
	if b.page, err = readPage(b.module); err != nil {
		return b, err
	}
	if b.space, err = process.Start(asWorkspace); err != nil {
		return b, err
	}
	return b, b.compete()
}

// compete builds those that are measured.
func (b *bench) compete() (err error) {
	if b.program, err = build(b.module, b.dir, ".", "flexie-mcp"); err != nil {
		return err
	}
	plain, err := build(b.module, b.dir, "./bench/versus/bare", "bare")
	if err != nil {
		return err
	}
	first, err := b.ours()
	if err != nil {
		return err
	}
	second, err := bare(plain)
	b.rivals = []rival{first, second}
	if err != nil || b.modules == "" {
		return err
	}
	if b.openapi == "" {
		b.openapi = filepath.Join(b.dir, "openapi.json")
		made, err := document(b.page)
		if err == nil {
			err = os.WriteFile(b.openapi, made, 0o644)
		}
		if err != nil {
			return err
		}
	}
	third, err := gateway(b.node, b.modules, b.openapi)
	b.rivals = append(b.rivals, third)
	return err
}

// ours is flexie-mcp that knows nothing yet.
func (b *bench) ours() (rival, error) {
	b.states++
	state := filepath.Join(b.dir, fmt.Sprint("state", b.states))
	if err := os.Mkdir(state, 0o700); err != nil {
		return rival{}, err
	}
	return ours(b.program, state)
}

func (b *bench) end() {
	if b.space != nil {
		b.space.End()
	}
	_ = os.RemoveAll(b.dir)
}

// root is the API root of the workspace; before is "", or workspace.SlowPath.
func (b *bench) root(before string) string { return "http://" + b.space.Address + before + "/api" }

// open starts a rival with a client, for a workspace, with more in its environment.
func (b *bench) open(ctx context.Context, r rival, root string, more ...string) (*session, error) {
	return open(ctx, r.command, append(r.environ(root), more...))
}

// each has all of them measured in turn, in so many rounds after one that warms up.
func (b *bench) each(rounds int, measureOne func(place, round int, r rival) error) error {
	for i := range rounds + 1 {
		for place, r := range b.rivals {
			if err := measureOne(place, i, r); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	return nil
}

// sessions opens one with each of them.
func (b *bench) sessions(ctx context.Context, before string) (all []*session, end func(), err error) {
	end = func() {
		for _, s := range all {
			s.end()
		}
	}
	for _, r := range b.rivals {
		s, err := b.open(ctx, r, b.root(before))
		if err != nil {
			end()
			return nil, nil, err
		}
		all = append(all, s)
	}
	return all, end, nil
}

// span is the first, or the second for a short run.
func span[T int | time.Duration](b *bench, whole, quick T) T {
	if b.quick {
		return quick
	}
	return whole
}

// cells are rounds by rival, each in its column.
func (b *bench) cells(rounds []measure.Rounds, format string) map[string]cell {
	all := map[string]cell{}
	for i, r := range b.rivals {
		all[r.name] = several(rounds[i], format)
	}
	return all
}

// table is a place for the rounds of each rival, whether it takes part or not.
func table() []measure.Rounds { return make([]measure.Rounds, len(columns)) }

// about says what was measured on what.
func (b *bench) about() string {
	versions := runtime.Version() + ", mcp-go " + versionOf("github.com/mark3labs/mcp-go")
	if b.modules != "" {
		node, _ := exec.Command(b.node, "-v").Output()
		versions += fmt.Sprintf(", %s %s on Node %s", gatewayPackage, gatewayVersion(b.modules), strings.TrimSpace(string(node)))
	}
	how := ""
	if b.quick {
		how = "A short run: its figures say little.\n"
	}
	return fmt.Sprintf("%s\n%s, %d processors; the load is %.1f before it begins.\n%s", versions, processor(), runtime.NumCPU(), measure.LoadNow(), how)
}

func versionOf(module string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == module {
				return m.Version
			}
		}
	}
	return "?"
}

// processor is what the machine has.
func processor() string {
	all, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(all)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(name), ":"))
		}
	}
	return runtime.GOARCH
}
