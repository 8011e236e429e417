package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"

	"flexie-mcp/internal/cli"
)

// This program is each of its processes, in the role that this variable says.
const roleVariable = "FLEXIE_MCP_BENCH_ROLE"

const (
	asServer    = "server"    // flexie-mcp http
	asBare      = "bare"      // what it is compared with
	asWorkspace = "workspace" // what both ask
)

// play plays a role until standard input ends. The first line on standard output
// is the address that is served; after it, each command is answered by a line.
func play(role string) {
	go obey()
	switch role {
	case asServer:
		os.Exit(cli.Run([]string{"http", "--listen", "127.0.0.1:0"}, cli.Surroundings{
			In: strings.NewReader(""), Out: io.Discard, Err: &announcing{to: os.Stderr}, Environ: os.Environ(),
		}))
	case asBare:
		serveBare(os.Getenv(rootVariable))
	case asWorkspace:
		serveWorkspace()
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

// obey does as the lines of standard input say, and ends with them.
func obey() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		command, file, _ := strings.Cut(lines.Text(), " ")
		if err := do(command, file); err != nil {
			fmt.Println("failed:", err)
		}
	}
	os.Exit(0)
}

var profile *os.File // of the CPU, while there is one

func do(command, file string) (err error) {
	switch command {
	case "heap": // in use once the garbage is gone, in bytes; and goroutines
		runtime.GC()
		runtime.GC() // pools give back what they hold at the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Println(m.HeapAlloc, runtime.NumGoroutine())
		return nil
	case "profile":
		if profile, err = os.Create(file); err == nil {
			err = pprof.StartCPUProfile(profile)
		}
	case "stop":
		pprof.StopCPUProfile()
		err = profile.Close()
	case "memprofile":
		err = writeHeap(file)
	default:
		err = fmt.Errorf("there is no command %q", command)
	}
	if err == nil {
		fmt.Println("done")
	}
	return err
}

func writeHeap(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	runtime.GC()
	return pprof.Lookup("allocs").WriteTo(f, 0) // which has what is in use, too
}
