// Kill starts flexie-mcp again and again, lets it make changes in a made-up
// workspace, and kills it with SIGKILL at a moment that nobody chose. After each
// time it holds the journal against the requests that reached the workspace.
//
//	go run ./bench/kill -n 200 -seed 1
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"flexie-mcp/internal/cli"
)

// asServer is set for the process that is killed, which is this program again.
const asServer = "FLEXIE_MCP_BENCH_SERVER"

func main() {
	serveIfAsked()
	n := flag.Int("n", 200, "how many times to kill it")
	seed := flag.Uint64("seed", 1, "of what is changed, and when it is killed")
	flag.Parse()
	s, err := run(context.Background(), *n, *seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kill:", err)
		os.Exit(1)
	}
	fmt.Print(s)
	if !s.flawless() {
		os.Exit(1)
	}
}

// serveIfAsked is flexie-mcp in the process that it is asked to be it in.
func serveIfAsked() {
	if os.Getenv(asServer) != "" {
		os.Exit(cli.Run(nil, cli.System()))
	}
}
