package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is this program in another role.
type process struct {
	address string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// start starts a role, and returns once it serves. What it says on standard
// error goes to the null device, a line at a time, as a log would.
func start(role string, environ ...string) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(program)}
	p.cmd.Env = append(environ, roleVariable+"="+role)
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if p.address, err = p.line(); err != nil {
		p.end()
		return nil, fmt.Errorf("the process as %s did not start: %w", role, err)
	}
	return p, nil
}

func (p *process) line() (string, error) {
	if !p.out.Scan() {
		return "", errors.Join(errors.New("it has ended"), p.out.Err())
	}
	if what, ok := strings.CutPrefix(p.out.Text(), "failed:"); ok {
		return "", errors.New(strings.TrimSpace(what))
	}
	return p.out.Text(), nil
}

// tell has a command done, and returns what it is answered with.
func (p *process) tell(command string) (string, error) {
	if _, err := io.WriteString(p.in, command+"\n"); err != nil {
		return "", err
	}
	return p.line()
}

// end ends it, and waits for that.
func (p *process) end() {
	p.in.Close()
	late := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait() // it ends as it was told to
}

// heap is what is in use of its memory once the garbage is gone, in bytes, and
// how many goroutines there are.
func (p *process) heap() (bytes, goroutines int, err error) {
	line, err := p.tell("heap")
	if err == nil {
		_, err = fmt.Sscan(line, &bytes, &goroutines)
	}
	return bytes, goroutines, err
}

// status is a figure of /proc/PID/status that is in kB, in bytes: VmRSS for the
// memory that it has now, VmHWM for the most that it ever had.
func (p *process) status(name string) (int, error) {
	all, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(all)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == name+":" {
			kb, err := strconv.Atoi(f[1])
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("/proc has no %s", name)
}

// tick is the unit of /proc/PID/stat, which Linux has had at this for ever.
const tick = 10 * time.Millisecond

// cpu is how much time of a processor it has used so far.
func (p *process) cpu() (time.Duration, error) {
	all, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(all), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0, errors.New("/proc/PID/stat is not as it should be")
	}
	user, err := strconv.Atoi(f[11])
	system, err2 := strconv.Atoi(f[12])
	return time.Duration(user+system) * tick, errors.Join(err, err2)
}
