package tools_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// gathering is a transport that holds each write, once it has said that it came,
// until all may go.
type gathering struct {
	next      http.RoundTripper
	came, let chan struct{}
}

func (g gathering) RoundTrip(r *http.Request) (*http.Response, error) {
	if chaos.Writes(r) {
		g.came <- struct{}{}
		<-g.let
	}
	return g.next.RoundTrip(r)
}

// atOnce makes a call by each of the desks. Their writes go once each call has
// sent its own, or was answered without.
func atOnce(tool string, calls []string, desks ...*desk) (answers []string) {
	g := gathering{desks[0].Transport(), make(chan struct{}, 2*len(calls)), make(chan struct{})}
	answers = make([]string, len(calls))
	for _, d := range desks {
		d.who.Client = d.client(sandbox.Key, func(o *flexie.Options) { o.Transport = g })
	}
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() {
			text, err := desks[i%len(desks)].try(tool, call)
			answers[i] = fmt.Sprint(text, err)
			g.came <- struct{}{}
		})
	}
	for range calls {
		<-g.came
	}
	close(g.let)
	all.Wait()
	return answers
}

// TestTwoAtOnceAreOne: of the same at the same moment, one is made and the others
// are held.
func TestTwoAtOnceAreOne(t *testing.T) {
	for _, x := range []struct{ tool, call string }{
		{"add_note", `{"entity_type":"contact","entity_id":1,"text":"Called her."}`},
		{"create_task", `{"task":"Call back","due_date":"2026-06-25 14:00"}`},
		{"create_deal", `{"fields":{"name":"Twin deal"},"if_exists":"create_anyway"}`},
		{"create_contact", `{"fields":{"last_name":"Twin","email":"twin@x.example"}}`},
	} {
		d := atDesk(t, nil)
		answers := atOnce(x.tool, []string{x.call, x.call, x.call}, d)
		require.Len(t, d.written(), 1, "%s: %s", x.tool, answers)
		require.Len(t, d.entries(), 1)
		held := 0
		for _, a := range answers {
			if strings.Contains(a, "it would be done twice") && strings.Contains(a, "confirm: ") {
				held++
			}
		}
		require.Equal(t, 2, held, "%s: %s", x.tool, answers)
	}
}

// TestTwoCodesForOneAct: each was given before the other was used, and one act is
// all that comes of them.
func TestTwoCodesForOneAct(t *testing.T) {
	for _, x := range []struct{ tool, call string }{
		{"add_case_reply", `{"id":1,"text":"We are on it."}`},
		{"send_email", `{"id":4}`},
	} {
		d := atDesk(t, nil)
		a, b := d.code(d.run(x.tool, x.call)), d.code(d.run(x.tool, x.call))
		atOnce(x.tool, []string{with(x.call, "confirm", a), with(x.call, "confirm", b)}, d)
		require.Len(t, d.written(), 1, x.tool)

		d = atDesk(t, nil)
		a, b = d.code(d.run(x.tool, x.call)), d.code(d.run(x.tool, x.call))
		d.run(x.tool, with(x.call, "confirm", a))
		text := d.run(x.tool, with(x.call, "confirm", b))
		require.Contains(t, text, "It has changed since the preview was made.")
		require.Contains(t, text, "it would be done twice")
		require.Len(t, d.written(), 1, x.tool)
	}
	d := atDesk(t, nil)
	const note = `{"entity_type":"contact","entity_id":1,"text":"Called her."}`
	d.run("add_note", note)
	a, b := d.code(d.run("add_note", note)), d.code(d.run("add_note", note))
	d.run("add_note", with(note, "confirm", a))
	require.Contains(t, d.run("add_note", with(note, "confirm", b)), "(change 2", "the newest one")
	require.Len(t, d.written(), 2)
}

// TestTwoProcessesAtOnce that share a journal.
func TestTwoProcessesAtOnce(t *testing.T) {
	d, dir := atDesk(t, nil), t.TempDir()
	var desks []*desk
	for range 2 {
		s := store.Durable(store.Options{Dir: dir})
		j := journal.New(journal.Options{Store: s})
		defer j.Close()
		desks = append(desks, d.as(func(who *tools.Caller) {
			who.Journal, who.Codes = j, confirm.New(confirm.Options{Store: s})
		}))
	}
	const call = `{"task":"Call back"}`
	answers := strings.Join(atOnce("create_task", []string{call, call}, desks...), "\n")
	require.Contains(t, answers, "has been under way")
	require.Contains(t, answers, "Created")
	require.Len(t, d.written(), 1)
}

// TestTheSameSpelledOtherwise is the same.
func TestTheSameSpelledOtherwise(t *testing.T) {
	for tool, calls := range map[string][]string{
		"add_note": {
			`{"entity_type":"contact","entity_id":1,"text":"Called her."}`,
			`{"entity_type":"contact","entity_id":"1","text":"Called her."}`,
			`{"entityType":"contact","entity_id":1,"text":"Called her."}`,
			`{"entity_type":"Contact","entity_id":1,"text":"Called her."}`,
			`{"entity_type":"contacts","entity_id":1,"text":"Called her."}`,
			`{"entity_type":"contact","entity_id":1,"text":"Called her.","type":null}`,
			`{"entity_type":"contact","entity_id":1,"text":" Called her. "}`,
		},
		"add_case_reply": {`{"id":1,"text":"We are on it."}`, `{"identifier":"REF-1001","text":"We are on it."}`, `{"id":"1","text":"We are on it. "}`},
		"create_task":    {`{"task":"Call back","owner_id":"me"}`, `{"task":"Call back","owner_id":1}`},
		"send_email":     {`{"id":4}`, `{"id":4,"limit":100}`},
	} {
		t.Run(tool, func(t *testing.T) {
			d := atDesk(t, nil)
			text := d.run(tool, calls[0])
			if strings.Contains(text, "confirm: ") {
				d.run(tool, with(calls[0], "confirm", d.code(text)))
			}
			require.Len(t, d.written(), 1)
			for _, call := range calls {
				require.Contains(t, d.run(tool, call), "it would be done twice", call)
			}
			require.Len(t, d.written(), 1)
		})
	}
	d := atDesk(t, nil)
	d.run("add_note", `{"entity_type":"contact","entity_id":1,"text":"Called her."}`)
	for _, other := range []string{
		`{"entity_type":"contact","entity_id":2,"text":"Called her."}`, `{"entity_type":"lead","entity_id":1,"text":"Called her."}`,
		`{"entity_type":"contact","entity_id":1,"text":"Called him."}`, `{"entity_type":"contact","entity_id":1,"text":"Called her.","type":"call"}`,
	} {
		require.NotContains(t, d.run("add_note", other), "confirm: ", other)
	}
}

// TestTheSameAmongMany is found, however many were made in between.
func TestTheSameAmongMany(t *testing.T) {
	d := atDesk(t, nil)
	d.run("create_task", `{"task":"Task 0"}`)
	for i := range 101 {
		d.run("create_task", fmt.Sprintf(`{"task":"Task %d"}`, i+1))
	}
	require.Contains(t, d.run("create_task", `{"task":"Task 0"}`), "(change 1,")
}
