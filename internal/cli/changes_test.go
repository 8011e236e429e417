package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// forgetful is a Flexie with one contact. It does what it is asked to, and does
// not answer a write.
type forgetful struct {
	mu      sync.Mutex
	city    string
	silent  bool          // answers nothing
	written chan struct{} // gets a value for each write
	end     chan struct{}
}

func newForgetful(t *testing.T) (*forgetful, string) {
	f := &forgetful{city: "London", written: make(chan struct{}, 10), end: make(chan struct{})}
	s := httptest.NewServer(f)
	t.Cleanup(func() { close(f.end); s.Close() })
	return f, s.URL + "/api"
}

func (f *forgetful) be(silent bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.silent = silent
}

func (f *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Method == http.MethodPut {
		var given struct{ City string }
		_ = json.Unmarshal(body, &given)
		f.mu.Lock()
		f.city = given.City
		f.mu.Unlock()
		f.written <- struct{}{}
		<-f.end
		return
	}
	f.mu.Lock()
	city, silent := f.city, f.silent
	f.mu.Unlock()
	if silent {
		<-f.end
		return
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/fields"):
		fmt.Fprint(w, `{"fields":[{"alias":"city","label":"City","type":"text"}]}`)
	case strings.HasSuffix(r.URL.Path, "/users/self"):
		fmt.Fprint(w, `{"id":1,"timezone":"UTC"}`)
	default:
		fmt.Fprintf(w, `{"contact":{"id":42,"name":"Jo","city":%q}}`, city)
	}
}

// output is what a command prints, and says on standard error.
func output(t *testing.T, environ []string, args ...string) (out, said string) {
	t.Helper()
	c := command(t, environ, args...)
	var o, e strings.Builder
	c.Stdout, c.Stderr = &o, &e
	require.NoError(t, c.Run(), e.String())
	return o.String(), e.String()
}

// TestChangesFindsOut what came of a change whose program was killed before it
// knew; where Flexie can't be asked it does not wait long, and another time will do.
func TestChangesFindsOut(t *testing.T) {
	f, url := newForgetful(t)
	environ := []string{"FLEXIE_STATE_DIR=" + t.TempDir(), "FLEXIE_API_KEY=" + secretKey, "FLEXIE_BASE_URL=" + url}
	p := start(t, environ)
	p.send(hello)
	p.receive()
	p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"update_contact","arguments":{"id":42,"fields":{"city":"Ghent"}}}}`)
	await(t, f.written, "the write")
	out, _ := output(t, environ, "changes")
	require.Regexp(t, `(?m)^1 .* under way `, out)
	require.NoError(t, p.cmd.Process.Kill())
	p.end()

	for _, unasked := range [][]string{
		{environ[0]}, // no workspace and no key
		{environ[0], environ[2], "FLEXIE_API_KEY="},
	} {
		out, said := output(t, unasked, "changes")
		require.Regexp(t, `(?m)^1 .* not known `, out)
		require.Empty(t, said)
	}

	f.be(true)
	out, said := output(t, environ, "changes")
	require.Regexp(t, `(?m)^1 .* not known `, out, "it stays to be found out")
	require.Contains(t, said, "since Flexie can't be asked")
	f.be(false)

	out, _ = output(t, environ, "changes")
	require.Regexp(t, `(?m)^1 .*city: London → Ghent .* done +yes `, out)
	out, _ = output(t, environ, "changes", "show", "1")
	require.Contains(t, out, "The program ended before it knew what came of this. It is now as it was to become.")
	out, _ = output(t, environ, "undo", "1", "--dry-run")
	require.Contains(t, out, "\ncity | Ghent | London")
}
