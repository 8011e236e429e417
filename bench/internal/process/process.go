// Package process has a benchmark be several processes, each of them the program
// itself in another role.
package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Process is this program in another role.
type Process struct {
	Address string // what it serves, host:port
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// Start starts a role, and returns once it serves. What it says on standard
// error goes to the null device, a line at a time, as a log would.
func Start(role string, environ ...string) (*Process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: exec.Command(program)}
	p.cmd.Env = append(environ, RoleVariable+"="+role)
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
	if p.Address, err = p.line(); err != nil {
		p.End()
		return nil, fmt.Errorf("the process as %s did not start: %w", role, err)
	}
	return p, nil
}

func (p *Process) line() (string, error) {
	if !p.out.Scan() {
		return "", errors.Join(errors.New("it has ended"), p.out.Err())
	}
	if what, ok := strings.CutPrefix(p.out.Text(), "failed:"); ok {
		return "", errors.New(strings.TrimSpace(what))
	}
	return p.out.Text(), nil
}

// Tell has a command done, and returns what it is answered with.
func (p *Process) Tell(command string) (string, error) {
	if _, err := io.WriteString(p.in, command+"\n"); err != nil {
		return "", err
	}
	return p.line()
}

// End ends it, and waits for that.
func (p *Process) End() {
	p.in.Close()
	late := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait() // it ends as it was told to
}

// Heap is what is in use of its memory once the garbage is gone, in bytes, and
// how many goroutines there are.
func (p *Process) Heap() (bytes, goroutines int, err error) {
	line, err := p.Tell("heap")
	if err == nil {
		_, err = fmt.Sscan(line, &bytes, &goroutines)
	}
	return bytes, goroutines, err
}

// PID is that of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }
