package main

import (
	"errors"
	"flag"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts that compare it")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"flexie-mcp": main})
}

// TestScripts runs the command line as the scripts in testdata/script say,
// which read as its documentation. They see none of this machine's settings.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", "atexit_sleep_ms=0") // or each command ends a second late
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits is "exec" of a command that ends with a status: exits STATUS COMMAND…
func exits(s *testscript.TestScript, not bool, args []string) {
	if not || len(args) < 2 {
		s.Fatalf("usage: exits STATUS COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	s.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := s.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		s.Fatalf("%v", err)
	}
	if got != want {
		s.Fatalf("it ended with %d, not %d", got, want)
	}
}
