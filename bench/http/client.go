package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/internal/auth"
)

// revision is that of the sessions that are measured.
const revision = "2025-06-18"

// contacts are those that are asked for in turn: the sandbox has them.
const contacts = 20

// asker calls a tool, or asks the workspace itself, as one caller.
type asker struct {
	http *http.Client
	url  string

	header  http.Header
	calls   int
	message func(id int) []byte // nil asks by GET
	took    bytes.Buffer
}

// newClient keeps as many connections as it is given callers.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: 1 << 16, DisableCompression: true}}
}

// direct asks the workspace as the tool does.
func direct(c *http.Client, root, key string) *asker {
	return &asker{http: c, url: root + "/contacts/", header: http.Header{"Apikey": {key}, "Accept": {"application/json"}}}
}

// open opens a session at a server, for a caller by a header.
func open(ctx context.Context, c *http.Client, address, header, value string) (*asker, error) {
	a := &asker{http: c, url: "http://" + address + "/mcp", header: http.Header{
		"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}, header: {value},
	}}
	hello := fmt.Appendf(nil, `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":%q,"capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}`, revision)
	answer, err := a.send(ctx, http.MethodPost, a.url, hello)
	if err != nil {
		return nil, err
	}
	a.header.Set(mcpserver.HeaderKeySessionID, answer.Header.Get(mcpserver.HeaderKeySessionID))
	a.header.Set("Mcp-Protocol-Version", revision)
	if _, err := a.send(ctx, http.MethodPost, a.url, []byte(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)); err != nil {
		return nil, err
	}
	a.message = func(id int) []byte {
		return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"get_contact","arguments":{"id":%d}}}`, id, 1+id%contacts)
	}
	return a, nil
}

// byKey names a caller by a Flexie key of theirs, as long as real ones are.
func byKey(i int) (header, value string) {
	return http.CanonicalHeaderKey(auth.KeyHeader), fmt.Sprintf("%032x", i)
}

// Call asks for one contact.
func (a *asker) Call(ctx context.Context) error {
	a.calls++
	if a.message == nil {
		_, err := a.send(ctx, http.MethodGet, a.url+strconv.Itoa(1+a.calls%contacts), nil)
		return err
	}
	if _, err := a.send(ctx, http.MethodPost, a.url, a.message(a.calls)); err != nil {
		return err
	}
	if body := a.took.Bytes(); !bytes.Contains(body, []byte(`"result":{`)) || bytes.Contains(body, []byte(`"isError":true`)) {
		return fmt.Errorf("a call failed: %.500s", body)
	}
	return nil
}

// send sends a request, and reads the answer to its end, so that the connection is
// kept.
func (a *asker) send(ctx context.Context, method, url string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = a.header
	answer, err := a.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	a.took.Reset()
	if _, err := io.Copy(&a.took, answer.Body); err != nil {
		return nil, err
	}
	if answer.StatusCode >= 300 {
		return nil, fmt.Errorf("%s answered %s: %.500s", url, answer.Status, a.took.Bytes())
	}
	return answer, nil
}

// leave ends sessions.
func leave(ctx context.Context, askers []*asker) {
	for _, a := range askers {
		_, _ = a.send(ctx, http.MethodDelete, a.url, nil) // else they end by themselves
		a.http.CloseIdleConnections()
	}
}

// sessions opens a session for each of so many callers.
func sessions(ctx context.Context, address string, callers int) ([]*asker, error) {
	c := newClient()
	var all []*asker
	for i := range callers {
		header, value := byKey(i)
		a, err := open(ctx, c, address, header, value)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}
