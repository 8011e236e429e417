// Versus measures flexie-mcp beside what could be taken instead: the generic gateway
// @ivotoby/openapi-mcp-server, and a bare server that passes on what Flexie answers. All
// of them speak to one client by standard input and output, and ask one workspace, which
// is a process of this machine as well; so figures are to be compared within one run only.
//
//	bench/versus/run                 # fetches the gateway, by npm
//	go run ./bench/versus -quick     # without it
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/process"
	"flexie-mcp/bench/internal/workspace"
)

func main() {
	if os.Getenv(process.RoleVariable) == asWorkspace {
		go process.Obey()
		workspace.Serve()
		return
	}
	measure.Main("versus", run)
}

// row is one thing that is measured. Its error is of what could not be measured, and
// not of a goal that was missed.
type row struct {
	name, what string
	measure    func(context.Context, *bench) ([]finding, error)
}

// Called is its name.
func (r row) Called() string { return r.name }

var rows = []row{
	{"start", "from start to the list of tools", measureStart},
	{"memory", "resident memory", measureMemory},
	{"tokens", "what a model is shown", measureTokens},
	{"calls", "calls a second", measureCalls},
	{"latency", "what is added to a request", measureLatency},
	{"size", "what is installed", measureSize},
	{"reach", "endpoints reached", measureReach},
}

func run(ctx context.Context) error {
	o := options{}
	var data, from, pictures string
	flag.BoolVar(&o.quick, "quick", false, "a short run, to see that it works")
	flag.StringVar(&o.only, "only", "", "the `rows` to measure, of "+measure.Names(rows)+"; separated by commas")
	flag.StringVar(&o.modules, "gateway", "", "the node_modules `directory` that "+gatewayPackage+" is in; without it the gateway is not measured")
	flag.StringVar(&o.node, "node", "node", "the `program` that runs the gateway")
	flag.StringVar(&o.openapi, "openapi", "", "the OpenAPI `file` that the gateway reads; made of flexie/testdata/endpoints.json unless set")
	flag.StringVar(&data, "json", "", "a `file` for what was measured")
	flag.StringVar(&from, "from", "", "the `file` of an earlier run, to draw it instead of measuring")
	flag.StringVar(&pictures, "pictures", "", "a `directory` for pictures of it")
	flag.Parse()
	found, err := reportOf(ctx, from, o)
	if err != nil {
		return err
	}
	if data != "" {
		if err := found.write(data); err != nil {
			return err
		}
	}
	if pictures != "" {
		if err := found.draw(pictures); err != nil {
			return err
		}
	}
	if n := found.missed(); n > 0 && !o.quick && from == "" {
		return fmt.Errorf("%d of the goals were missed", n)
	}
	return nil
}

// reportOf measures and prints, or reads what was measured.
func reportOf(ctx context.Context, from string, o options) (report, error) {
	if from != "" {
		return readReport(from)
	}
	found, err := measureAll(ctx, o)
	if err != nil {
		return found, err
	}
	missing := map[string]string{}
	if o.modules == "" {
		missing[gatewayName] = "not measured: no Node"
	}
	return found, found.print(os.Stdout, missing)
}

// measureAll measures the rows that are asked for.
func measureAll(ctx context.Context, o options) (report, error) {
	picked, err := measure.Pick(rows, o.only)
	if err != nil {
		return report{}, err
	}
	b, err := begin(o)
	if err != nil {
		return report{}, err
	}
	defer b.end()
	r := report{About: b.about()}
	for _, row := range picked {
		found, err := row.measure(ctx, b)
		if err != nil {
			return r, fmt.Errorf("%s (%s): %w", row.name, row.what, err)
		}
		r.Findings = append(r.Findings, found...)
	}
	return r, nil
}
