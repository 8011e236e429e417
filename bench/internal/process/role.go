package process

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
)

// RoleVariable says which role a process has. Without it, it is the benchmark.
const RoleVariable = "FLEXIE_MCP_BENCH_ROLE"

// Obey does as the lines of standard input say, and ends with them.
func Obey() {
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

// Serve announces and serves on a free port, for as long as the process lives.
func Serve(h http.Handler) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	_ = http.Serve(l, h)
}
