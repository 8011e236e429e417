package chaos_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/sandbox"
)

// bench is a misbehaving sandbox with somebody who calls it by plain net/http.
type bench struct {
	*chaos.Workspace
	t      testing.TB
	client *http.Client
	root   string
}

// inMemory calls through Transport, and onSocket through Listen.
func inMemory(t testing.TB, box http.Handler, rule chaos.Rule) *bench {
	w := chaos.New(box, rule)
	return &bench{w, t, &http.Client{Transport: w.Transport(), CheckRedirect: noRedirect}, "https://flexie.invalid/api"}
}

func onSocket(t testing.TB, box http.Handler, rule chaos.Rule) *bench {
	w := chaos.New(box, rule)
	root, err := w.Listen()
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &bench{w, t, &http.Client{Transport: transport, CheckRedirect: noRedirect}, root}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// openBox is a healthy workspace.
func openBox(t testing.TB) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	return box
}

// answer is what a caller got.
type answer struct {
	status int
	header http.Header
	body   string
	size   int64
	err    error // of the request, or of reading the answer
}

// call makes a request and reads its answer, for no longer than patience.
func (b *bench) call(patience time.Duration, method, path, body string) answer {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, b.root+path, strings.NewReader(body))
	require.NoError(b.t, err)
	r.Header.Set("apikey", sandbox.Key)
	res, err := b.client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	var start strings.Builder
	size, err := io.Copy(&start, io.LimitReader(res.Body, 1<<20))
	if err == nil && size == 1<<20 {
		var rest int64
		rest, err = io.Copy(io.Discard, res.Body)
		size += rest
	}
	return answer{res.StatusCode, res.Header, start.String(), size, err}
}

// patient is longer than anything takes that isn't silent.
const patient = 20 * time.Second

// move is a write whose effect can be seen: contact 1 moves to another city.
func (b *bench) move(patience time.Duration) answer {
	b.t.Helper()
	return b.call(patience, "PUT", "/contacts/1", `{"city":"Delft"}`)
}

// moved reports whether it did, asking past the faults.
func (b *bench) moved() bool {
	_, contact := b.Direct(sandbox.Key, "GET", "/contacts/1", "")
	return strings.Contains(contact, `"city":"Delft"`)
}

func TestNothingWrongIsTheWorkspace(t *testing.T) {
	for name, open := range map[string]func(testing.TB, http.Handler, chaos.Rule) *bench{"in memory": inMemory, "on a socket": onSocket} {
		t.Run(name, func(t *testing.T) {
			b := open(t, openBox(t), nil)
			defer b.Close()
			got := b.call(patient, "POST", "/contacts/new?x=1", `{"email":"a@b.example"}`)
			require.NoError(t, got.err)
			require.Equal(t, 200, got.status)
			require.Equal(t, "Mon, 22 Jun 2026 09:00:01 GMT", got.header.Get("Date"))
			require.Equal(t, 204, b.call(patient, "DELETE", "/contacts/42", "").status)
			require.Equal(t, 404, b.call(patient, "GET", "/contacts/42", "").status)

			all := b.Requests()
			require.Len(t, all, 3)
			made := all[0]
			require.Equal(t, got.body, made.Answer)
			require.Equal(t, []any{"contacts.create", "POST", "/api/contacts/new", "1", `{"email":"a@b.example"}`, 200, true, true, chaos.None},
				[]any{made.Endpoint, made.Method, made.Path, made.Query.Get("x"), made.Body, made.Status, made.Acted(), made.Writes(), made.Fault})
			require.Equal(t, sandbox.Key, made.Header.Get("apikey"))
			require.Equal(t, []int{204, 404}, []int{all[1].Status, all[2].Status})
			require.Equal(t, []bool{true, false, false}, []bool{all[1].Acted(), all[2].Acted(), all[2].Writes()})
			require.Equal(t, all[:1], b.Requests("contacts.create"))
			b.Forget()
			require.Empty(t, b.Requests())
		})
	}
}

// The caller's own answer is never mixed up with another's.
func TestManyAtOnce(t *testing.T) {
	b := inMemory(t, openBox(t), chaos.Random(1, chaos.Rate{Fault: chaos.ResetAfter, Share: 0.5}))
	defer b.Close()
	done := make(chan answer)
	for range 40 {
		go func() { done <- b.move(patient) }()
	}
	lost := 0
	for range 40 {
		if got := <-done; got.err != nil {
			lost++
		}
	}
	faults := 0
	for _, r := range b.Requests() {
		require.True(t, r.Acted())
		if r.Fault == chaos.ResetAfter {
			faults++
		}
	}
	require.Equal(t, faults, lost)
	require.NotZero(t, lost)
	require.Less(t, lost, 40)
}

func TestHooks(t *testing.T) {
	b := inMemory(t, openBox(t), chaos.When(chaos.Writes, chaos.Always(chaos.ResetAfter)))
	defer b.Close()
	var seen []string
	look := func(when string) func() {
		return func() {
			_, contact := b.Direct(sandbox.Key, "GET", "/contacts/1", "")
			seen = append(seen, when, map[bool]string{true: "Delft", false: "elsewhere"}[strings.Contains(contact, `"city":"Delft"`)])
		}
	}
	b.BeforeNth(2, chaos.To("contacts.update"), look("before"))
	b.AfterNth(2, chaos.To("contacts.update"), look("after"))
	b.call(patient, "PUT", "/contacts/2", `{}`)
	b.call(patient, "GET", "/contacts/1", ``)
	require.Empty(t, seen)
	require.Error(t, b.move(patient).err)
	b.move(patient)
	require.Equal(t, []string{"before", "elsewhere", "after", "Delft"}, seen, "once each")

	// Another user, between a read and what it was read for.
	b.AfterNth(1, chaos.To("contacts.get"), func() {
		status, _ := b.Direct(sandbox.SalesKey, "PUT", "/contacts/1", `{"city":"Bergen"}`)
		require.Equal(t, 200, status)
	})
	require.Contains(t, b.call(patient, "GET", "/contacts/1", "").body, "Delft", "read before")
	require.Contains(t, b.call(patient, "GET", "/contacts/1", "").body, "Bergen")
	for _, r := range b.Requests() {
		require.NotEqual(t, "Bergen", r.Body, "what is done directly is not written down")
	}
}

func TestDownAndUp(t *testing.T) {
	b := onSocket(t, openBox(t), nil)
	defer b.Close()
	inside := &bench{b.Workspace, t, &http.Client{Transport: b.Transport()}, "https://flexie.invalid/api"}
	require.Equal(t, 200, b.move(patient).status)
	b.Down()
	b.client.CloseIdleConnections() // else it may try the one that has just ended
	require.ErrorContains(t, b.move(patient).err, "connection refused")
	require.ErrorContains(t, inside.move(patient).err, "connection refused")
	require.NoError(t, b.Up())
	require.Equal(t, 200, b.move(patient).status)
	require.Equal(t, 200, inside.move(patient).status)
	_, err := b.Listen()
	require.Error(t, err)
}

func TestCloseEndsSilences(t *testing.T) {
	for _, f := range []chaos.Fault{chaos.SilenceBefore, chaos.SilenceAfter, chaos.Drip} {
		synctest.Test(t, func(t *testing.T) {
			b := inMemory(t, openBox(t), chaos.Always(f))
			defer b.Close()
			time.AfterFunc(time.Minute, b.Close)
			start := time.Now()
			require.Error(t, b.move(time.Hour).err)
			require.Equal(t, time.Minute, time.Since(start))
			require.ErrorContains(t, b.move(patient).err, "connection refused")
		})
	}
}

func TestAGivenUpCallIsNotSent(t *testing.T) {
	b := inMemory(t, openBox(t), nil)
	defer b.Close()
	require.ErrorIs(t, b.move(-time.Second).err, context.DeadlineExceeded)
	require.Empty(t, b.Requests())
}
