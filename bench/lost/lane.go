package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// Times are short, as the workspace is in this process; a real one has 30 s.
const (
	timeout   = 400 * time.Millisecond
	lookAgain = 30 * time.Millisecond
)

// writesFail lets no answer to a write through. Somewhat more than half are
// carried out first.
var writesFail = []chaos.Rate{
	{Fault: chaos.ResetBefore, Share: .20}, {Fault: chaos.ResetAfter, Share: .25},
	{Fault: chaos.SilenceBefore, Share: .10}, {Fault: chaos.SilenceAfter, Share: .10},
	{Fault: chaos.ServerError, Share: .05}, {Fault: chaos.ServerError.Acting(), Share: .05},
	{Fault: chaos.ProxyError.Idle(), Share: .05}, {Fault: chaos.ProxyError, Share: .05},
	{Fault: chaos.Truncated, Share: .05}, {Fault: chaos.Garbage, Share: .10},
}

// readsFail now and then.
var readsFail = []chaos.Rate{{Fault: chaos.ResetBefore, Share: .02}, {Fault: chaos.Unavailable, Share: .01}}

// lane is an assistant and the workspace that it works in.
type lane struct {
	n    int
	w    *chaos.Workspace
	mcp  *client.Client
	made map[string]int // how many there are by now of those alike
	end  []func()
}

func openLane(ctx context.Context, n int, seed uint64) (*lane, error) {
	box, err := sandbox.Open(sandbox.Options{})
	if err != nil {
		return nil, err
	}
	rule := chaos.FirstOf(
		chaos.When(chaos.Writes, chaos.Random(seed, writesFail...)),
		chaos.When(chaos.Reads, chaos.Random(seed+1<<32, readsFail...)),
	)
	l := &lane{n: n, w: chaos.New(&equalDeals{Handler: box}, rule), made: map[string]int{}}
	j := journal.New(journal.Options{Store: store.Memory()})
	l.end = []func(){func() { j.Close() }, l.w.Close, func() { box.Close() }}
	at, err := flexie.New(flexie.Options{
		BaseURL: "https://lost.flexie.invalid/api", Auth: flexie.APIKey(sandbox.Key), Transport: l.w.Transport(),
		Timeout: timeout, Retries: 3, Now: func() time.Time { return sandbox.Today },
	})
	if err != nil {
		return nil, err
	}
	l.mcp, err = client.NewInProcessClient(server.New(server.Options{
		Tools: tools.All(), Log: slog.New(slog.DiscardHandler),
		Client: func(context.Context) (*flexie.Client, error) { return at, nil },
		Safety: server.Safety{Confirm: tools.Never, Journal: j, Caller: "lane", LookAgain: lookAgain},
	}))
	if err != nil {
		return nil, err
	}
	hello := mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: mcp.LATEST_PROTOCOL_VERSION}}
	_, helloErr := l.mcp.Initialize(ctx, hello)
	return l, errors.Join(l.mcp.Start(ctx), helloErr)
}

func (l *lane) close() {
	l.mcp.Close()
	for _, end := range l.end {
		end()
	}
}

// counts are how many there are of each kind.
func (l *lane) counts() (all []int) {
	for _, k := range kinds {
		all = append(all, k.count(func(path string) string {
			_, answer := l.w.Direct(sandbox.Key, "GET", path, "")
			return answer
		}))
	}
	return all
}

// call is a call of a tool, as an assistant makes it.
func (l *lane) call(ctx context.Context, c call) (text string, failed bool, err error) {
	answer, err := l.mcp.CallTool(ctx, mcp.CallToolRequest{Params: mcp.CallToolParams{Name: c.tool, Arguments: json.RawMessage(c.arguments)}})
	if err != nil {
		return "", false, err
	}
	return answer.Content[0].(mcp.TextContent).Text, answer.IsError, nil
}

// mostTries is how often an assistant tries before it gives up.
const mostTries = 30

// get asks for one until it is told that there is one.
func (l *lane) get(ctx context.Context, k kind, i int, row *row) error {
	row.asked++
	ask, acted, told := k.ask(l.n, i), 0, []string(nil)
	for range mostTries {
		l.w.Forget()
		said, failed, err := l.call(ctx, ask)
		if err != nil {
			return err
		}
		did := l.count(row)
		acted += did
		told = append(told, fmt.Sprintf("%d were carried out, and it was told: %s", did, said))
		is := row.judge(said, failed, did)
		if is == notKnown {
			if is, err = l.look(ctx, k, i, l.made[ask.arguments]); err != nil {
				return err
			}
		}
		if is == wasDone {
			break
		}
	}
	l.made[ask.arguments]++
	if acted > 1 {
		row.duplicates += acted - 1
	}
	if acted == 0 {
		row.missing++
	}
	if acted != 1 {
		row.errors = append(row.errors, told...)
	}
	return nil
}

// count counts the writes since Forget, and gives how many were carried out.
func (l *lane) count(row *row) (acted int) {
	for _, r := range l.w.Requests() {
		switch {
		case !r.Writes():
		case r.Acted():
			acted++
			row.lostAfter++
		default:
			row.lostBefore++
		}
	}
	return acted
}

// look looks for what it is not known of whether it is there.
func (l *lane) look(ctx context.Context, k kind, i, before int) (verdict, error) {
	for range mostTries {
		said, failed, err := l.call(ctx, k.look(l.n, i))
		switch {
		case err != nil:
			return notKnown, err
		case failed, strings.Contains(said, "could not be read"):
			continue
		case k.there(said, l.n, i, before):
			return wasDone, nil
		}
		return wasNot, nil
	}
	return notKnown, fmt.Errorf("the %s can't be looked for", k.name)
}

// verdict is what an answer tells of a write.
type verdict int

const (
	wasDone verdict = iota
	wasNot
	notKnown
)

func verdictOf(said string, failed bool) (verdict, bool) {
	unknown, undone := strings.Contains(said, "It is NOT known whether this was done"), strings.Contains(said, "Nothing was changed")
	switch {
	case !failed && !unknown && !undone:
		return wasDone, true
	case failed && unknown && !undone:
		return notKnown, true
	case failed && undone && !unknown:
		return wasNot, true
	}
	return notKnown, false
}
