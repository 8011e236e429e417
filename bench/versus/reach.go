package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"

	"flexie-mcp/flexie"
)

// measureReach counts the endpoints that calls of all tools reach, in a sandbox of each
// server's own, since they change and delete. flexie-mcp is asked by testdata/calls.txt,
// the others as Flexie's page shows it.
func measureReach(ctx context.Context, b *bench) ([]finding, error) {
	reached := map[string]cell{}
	for _, r := range b.rivals {
		n, err := b.reach(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		reached[r.name] = single(float64(n), "%.0f")
	}
	all := len(flexie.Endpoints)
	return []finding{
		{Key: "reach", What: fmt.Sprintf("endpoints reached, of %d", all), Cells: reached, Goal: fmt.Sprint(all), Met: int(reached[oursName].Median) == all},
	}, nil
}

// reach is how many. A call of flexie-mcp must succeed, or its list is wrong; those of
// the page are of records that there need not be.
func (b *bench) reach(ctx context.Context, r rival) (int, error) {
	box, end, err := b.sandbox()
	if err != nil {
		return 0, err
	}
	defer end()
	log := &recorder{reached: map[string]bool{}}
	proxy := httptest.NewServer(log.before(box))
	defer proxy.Close()
	s, err := b.open(ctx, r, proxy.URL+"/api", "FLEXIE_TOOLSETS=all", "FLEXIE_CONFIRM=never")
	if err != nil {
		return 0, err
	}
	defer s.end()
	calls, err := b.everyCall(ctx, r, s)
	if err != nil {
		return 0, err
	}
	for _, c := range calls {
		answer, err := s.do(ctx, c)
		if err == nil && r.name == oursName && isError(answer) {
			err = fmt.Errorf("%s", answer)
		}
		if err != nil {
			return 0, fmt.Errorf("%s %s: %w", c.tool, c.arguments, err)
		}
	}
	return len(log.reached), nil
}

// everyCall is what reaches every endpoint.
func (b *bench) everyCall(ctx context.Context, r rival, s *session) (all []call, err error) {
	if r.name == oursName {
		return ourCalls(), nil
	}
	names, err := toolNames(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, o := range b.page {
		var c call
		var arguments object
		if r.name == bareName {
			c.tool, arguments = bareCall(o)
		} else {
			c.tool, arguments = names[o.Method+" "+o.path()], o.arguments()
		}
		data, err := json.Marshal(arguments)
		if err != nil {
			return nil, err
		}
		c.arguments = string(data)
		all = append(all, c)
	}
	return all, nil
}

// arguments are those of the example, as OpenAPI has them.
func (o operation) arguments() object {
	all := maps.Clone(o.Body)
	if all == nil {
		all = object{}
	}
	_, values := o.inPath()
	for name, value := range values {
		all[name] = value
		if typeOf(value)["type"] == "integer" {
			all[name] = json.Number(value)
		}
	}
	return all
}

// bareCall is a call of the bare server.
func bareCall(o operation) (tool string, arguments object) {
	e, _ := endpointOf(o.Method, o.path())
	_, values := o.inPath()
	arguments = object{}
	for name, value := range values {
		arguments[name] = value
	}
	if o.Body != nil {
		arguments["body"] = o.Body
	}
	return strings.ReplaceAll(e.Name, ".", "_"), arguments
}

// toolNames are those of the gateway, by METHOD PATH.
func toolNames(ctx context.Context, s *session) (map[string]string, error) {
	all, err := s.tools(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, one := range all {
		var tool struct{ Name, HTTPMethod, OriginalPath string }
		if err := json.Unmarshal(one, &tool); err != nil {
			return nil, err
		}
		names[tool.HTTPMethod+" "+tool.OriginalPath] = tool.Name
	}
	return names, nil
}

//go:embed testdata/calls.txt
var calls string

// ourCalls are those of testdata/calls.txt. A line that begins with "each" is of every
// kind of record.
func ourCalls() (all []call) {
	for line := range strings.Lines(calls) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		ofEach, isOfEach := strings.CutPrefix(line, "each ")
		if !isOfEach {
			tool, arguments, _ := strings.Cut(line, " ")
			all = append(all, call{tool, arguments})
			continue
		}
		for _, kind := range flexie.Kinds {
			table := ""
			if kind.Custom() {
				table = `"table":"subscriptions",`
			}
			one := strings.NewReplacer("KINDS", kind.Plural, "KIND", kind.Name, "TABLE", table).Replace(ofEach)
			tool, arguments, _ := strings.Cut(one, " ")
			all = append(all, call{tool, strings.Replace(arguments, ",}", "}", 1)})
		}
	}
	return all
}

// sandbox starts flexie-mcp sandbox, and returns its address.
func (b *bench) sandbox() (address *url.URL, end func(), err error) {
	cmd := exec.Command(b.program, "sandbox", "--listen", "127.0.0.1:0")
	cmd.Env = []string{"HOME=" + b.dir}
	says, err := cmd.StderrPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	end = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	lines := bufio.NewScanner(says)
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "workspace at "); ok {
			at, _, _ = strings.Cut(at, "/api")
			go func() {
				for lines.Scan() { // else it would wait to be read
				}
			}()
			address, err = url.Parse(at)
			return address, end, err
		}
	}
	end()
	return nil, nil, errors.New("the sandbox did not start")
}

// recorder keeps which endpoints were asked.
type recorder struct {
	mu      sync.Mutex
	reached map[string]bool
}

func (l *recorder) before(box *url.URL) http.Handler {
	proxy := httputil.NewSingleHostReverseProxy(box)
	proxy.ModifyResponse = func(answer *http.Response) error {
		r := answer.Request
		if e, ok := endpointOf(r.Method, strings.TrimPrefix(r.URL.Path, "/api")); ok {
			l.mu.Lock()
			l.reached[e.Name] = true
			l.mu.Unlock()
		}
		return nil
	}
	return proxy
}

// endpointOf is the endpoint of a request: of those that fit, the one that has most of
// the path spelt out.
func endpointOf(method, path string) (best flexie.Endpoint, found bool) {
	most := -1
	segments := strings.Split(path, "/")
	for _, e := range flexie.Endpoints {
		of := strings.Split(e.Path, "/")
		if e.Method != method || len(of) != len(segments) {
			continue
		}
		same := 0
		for i, s := range of {
			switch {
			case s == segments[i]:
				same++
			case !strings.HasPrefix(s, "{"):
				same = -len(of) * len(of)
			}
		}
		if same > most {
			best, most, found = e, same, true
		}
	}
	return best, found
}
