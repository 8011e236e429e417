package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// child is a flexie-mcp that serves on its standard input and output.
type child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan json.RawMessage // closed at its end
	once    sync.Once
}

// start starts one that works at the API at root, and keeps its journal in dir.
func start(root, key, dir string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(program), answers: make(chan json.RawMessage, 100)}
	c.cmd.Env = []string{
		asServer + "=1", "HOME=" + dir, "FLEXIE_STATE_DIR=" + dir, "FLEXIE_BASE_URL=" + root, "FLEXIE_API_KEY=" + key,
		"FLEXIE_TOOLSETS=all", "FLEXIE_CONFIRM=never", "FLEXIE_MAX_RATE=0", "FLEXIE_TIMEOUT=2s", "FLEXIE_LOG_LEVEL=error",
	}
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go c.read(out)
	return c, nil
}

func (c *child) read(out io.Reader) {
	defer close(c.answers)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var answer struct {
			ID     int             `json:"id"`
			Result json.RawMessage `json:"result"`
		}
		if json.Unmarshal(lines.Bytes(), &answer) == nil && answer.ID != 0 {
			c.answers <- answer.Result
		}
	}
}

// greet begins the session. It reports false if the child ended before.
func (c *child) greet() bool {
	c.send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"kill","version":"1"}}}`)
	if _, ok := <-c.answers; !ok {
		return false
	}
	c.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return true
}

// ask calls a tool.
func (c *child) ask(id int, w write) {
	c.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, id, w.tool, w.arguments))
}

// send writes a line; that the child is gone shows in the answers.
func (c *child) send(line string) { _, _ = io.WriteString(c.in, line+"\n") }

// kill ends it at once, as the system does, and nobody can stop that.
func (c *child) kill() { c.once.Do(func() { _ = c.cmd.Process.Kill() }) }

// end waits for its end, after which nothing of it is under way here.
func (c *child) end() {
	for range c.answers {
	}
	_ = c.cmd.Wait() // it was killed: that is its error
}

// leave lets it end by itself.
func (c *child) leave() {
	c.in.Close()
	late := time.AfterFunc(20*time.Second, c.kill)
	defer late.Stop()
	c.end()
}
