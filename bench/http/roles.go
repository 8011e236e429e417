package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"flexie-mcp/bench/internal/process"
	"flexie-mcp/bench/internal/workspace"
	"flexie-mcp/internal/cli"
)

// The roles of this program.
const (
	asServer    = "server"    // flexie-mcp http
	asBare      = "bare"      // what it is compared with
	asWorkspace = "workspace" // what both ask
)

// play plays a role until standard input ends. The first line on standard output
// is the address that is served; after it, each command is answered by a line.
func play(role string) {
	go process.Obey()
	switch role {
	case asServer:
		os.Exit(cli.Run([]string{"http", "--listen", "127.0.0.1:0"}, cli.Surroundings{
			In: strings.NewReader(""), Out: io.Discard, Err: &announcing{to: os.Stderr}, Environ: os.Environ(),
		}))
	case asBare:
		serveBare(os.Getenv(rootVariable))
	case asWorkspace:
		workspace.Serve()
	}
}

// announcing passes on what flexie-mcp says on standard error, and announces the
// address in it.
type announcing struct {
	to   io.Writer
	once sync.Once
}

func (a *announcing) Write(b []byte) (int, error) {
	if _, rest, ok := strings.Cut(string(b), "serving http://"); ok {
		a.once.Do(func() {
			address, _, _ := strings.Cut(rest, "/")
			fmt.Println(address)
		})
	}
	return a.to.Write(b)
}
