package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/server"
)

// TestExchanges plays what testdata/exchanges has: what a client sends, and what
// must come back. Each file is played with a server of its own, over a sandbox.
//
//	-- -> POST /mcp --      a request: its headers, an empty line, its body
//	-- <- 200 --            the answer: headers that it must have, and what of its body
//	-- <- event --          the next message on the stream that was opened last
//
// A line that begins with # is a remark. In what must come back, "*" is any
// value, a text with a * in it any that begins and ends so, and "$name" any that
// is put wherever $name stands in a later request. An object may have more than
// is written, and so may a list that ends with "...".
func TestExchanges(t *testing.T) {
	files, err := filepath.Glob("testdata/exchanges/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			e := exchange{t: t, url: overHTTP(t, learning(t)), captured: map[string]string{}}
			for _, part := range archive.Files {
				e.play(part.Name, string(part.Data))
			}
		})
	}
}

// learning are the options of a server whose tools name what it learns of fields.
func learning(t *testing.T) server.Options {
	s := inSandbox
	s.LearnFields = true
	o, w := opened(t, s)
	o.Knowledge = w.Knowledge()
	return o
}

// exchange is one that is being played.
type exchange struct {
	t        *testing.T
	url      string
	captured map[string]string // by $name
	answer   *http.Response    // to the last request
	stream   *bufio.Scanner    // that was opened last
}

func (e *exchange) play(name, text string) {
	headers, body := e.read(text)
	direction, what, _ := strings.Cut(name, " ")
	switch {
	case direction == "->":
		e.send(what, headers, body)
	case what == "event":
		e.match(name, body, e.event())
	default:
		require.Equal(e.t, what, fmt.Sprint(e.answer.StatusCode), "the status of the answer")
		for _, header := range headers {
			key, want, _ := strings.Cut(header, ": ")
			e.match(key, encoded(e.t, want), encoded(e.t, e.answer.Header.Get(key)))
		}
		if e.answer.Header.Get("Content-Type") == "text/event-stream" {
			e.stream = bufio.NewScanner(e.answer.Body)
		} else if body != nil {
			e.match(name, body, []byte(bodyOf(e.t, e.answer)))
		}
	}
}

// read takes a part of the file to its headers and its body. One that begins as
// JSON does has no headers.
func (e *exchange) read(text string) (headers []string, body []byte) {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			kept = append(kept, line)
		}
	}
	head, rest, _ := strings.Cut(strings.Join(kept, ""), "\n\n")
	if strings.HasPrefix(head, "{") {
		head, rest = "", strings.Join(kept, "")
	}
	if head = strings.TrimSpace(head); head != "" {
		headers = strings.Split(head, "\n")
	}
	if rest = strings.TrimSpace(rest); rest != "" {
		body = []byte(rest)
	}
	return headers, body
}

func (e *exchange) send(what string, headers []string, body []byte) {
	// A longer name first: $state must not be found in $state2.
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(e.captured))) {
		what = strings.ReplaceAll(what, name, e.captured[name])
		body = bytes.ReplaceAll(body, []byte(name), []byte(e.captured[name]))
		for i := range headers {
			headers[i] = strings.ReplaceAll(headers[i], name, e.captured[name])
		}
	}
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(e.t.Context(), method, e.url+path, bytes.NewReader(body))
	require.NoError(e.t, err)
	for _, header := range headers {
		key, value, _ := strings.Cut(header, ": ")
		r.Header.Set(key, value)
	}
	e.answer, err = http.DefaultClient.Do(r)
	require.NoError(e.t, err)
	e.t.Cleanup(func() { e.answer.Body.Close() })
}

func (e *exchange) event() []byte {
	require.NotNil(e.t, e.stream, "no stream was opened")
	for e.stream.Scan() {
		if data, ok := strings.CutPrefix(e.stream.Text(), "data: "); ok {
			return []byte(data)
		}
	}
	require.FailNow(e.t, "the stream has ended", "%v", e.stream.Err())
	return nil
}

func encoded(t *testing.T, text string) []byte {
	b, err := json.Marshal(text)
	require.NoError(t, err)
	return b
}
