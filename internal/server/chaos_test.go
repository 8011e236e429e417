package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// TestChaos lets every tool meet every fault: at each request that it makes and,
// if it writes, at the write alone. Whatever happens on the way, an answer comes,
// what it says is so, and the journal says the same.
func TestChaos(t *testing.T) {
	met, tally := map[string]bool{}, &chaosTally{told: map[journal.Outcome]int{}}
	t.Cleanup(func() { t.Logf("%s, by %d tools and %d faults", tally, len(met), len(chaos.Faults)) })
	for _, c := range chaosCalls() {
		met[c.tool] = true
		t.Run(c.tool, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newChaosBench(t, c).meetAll(t, tally) })
		})
	}
	for _, tool := range chaosTools(t) {
		require.True(t, met[tool.Name], "there is no call of %s", tool.Name)
	}
}

// chaosKey is the key of the workspace, which nothing may say.
const chaosKey = "k3y-that-nobody-may-see"

// bearer is that key as the sandbox takes any that it is given.
type bearer string

func (b bearer) Authorize(r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+string(b))
	return nil
}

func chaosTools(t *testing.T) []tools.Tool {
	picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"all", "discover"}})
	require.NoError(t, err)
	return picked
}

// chaosBench is a call that meets one fault after the other.
type chaosBench struct {
	call    chaosCall
	tools   []tools.Tool // that of the call, and of the one before it
	journal *journal.Journal
	last    int64            // the last change in it
	met     int              // how many faults
	box     *sandbox.Sandbox // as it is seeded, but for what comes before the call; or nil
}

func newChaosBench(t *testing.T, c chaosCall) *chaosBench {
	b := &chaosBench{call: c, journal: journal.New(journal.Options{Store: store.Memory()})}
	names := []string{c.tool}
	if c.after != nil {
		names = append(names, c.after.tool)
	}
	for _, tool := range chaosTools(t) {
		if slices.Contains(names, tool.Name) {
			b.tools = append(b.tools, tool)
		}
	}
	require.Len(t, b.tools, len(names))
	t.Cleanup(func() {
		b.letGo()
		b.journal.Close()
	})
	return b
}

// tool is that of the call.
func (b *chaosBench) tool() tools.Tool {
	i := slices.IndexFunc(b.tools, func(tool tools.Tool) bool { return tool.Name == b.call.tool })
	return b.tools[i]
}

// chaosSpots are where a call meets a fault, as rules of it: the journal and what
// is told depend on whether the reads before and after a write get through.
var chaosSpots = []struct {
	name string
	rule func(chaos.Fault) chaos.Rule
}{
	{"every request", atEvery},
	{"the write", func(f chaos.Fault) chaos.Rule { return chaos.When(chaos.Writes, chaos.Always(f)) }},
	{"the write and all after it", func(f chaos.Fault) chaos.Rule {
		seen := false
		every := atEvery(f)
		return func(r *http.Request) chaos.Fault {
			if seen = seen || chaos.Writes(r); seen {
				return every(r)
			}
			return chaos.None
		}
	}},
}

// atEvery has the fault at every request. The workspace need not carry out a read
// whose answer nobody gets.
func atEvery(f chaos.Fault) chaos.Rule {
	return func(r *http.Request) chaos.Fault {
		if chaos.Reads(r) && f.Name != chaos.Drip.Name && f.Name != chaos.Truncated.Name && f.Name != chaos.TruncatedChunk.Name {
			return f.Idle()
		}
		return f
	}
}

func (b *chaosBench) meetAll(t *testing.T, tally *chaosTally) {
	for _, fault := range chaos.Faults {
		for i, spot := range chaosSpots {
			if i > 0 && b.tool().Act.ReadOnly || underRace() && b.spares(fault, i) {
				continue
			}
			tally.add(b.meet(t, fault, spot.name, spot.rule(fault)))
		}
	}
}

// spares reports whether a meeting can be done without where each takes many
// times as long: of 100 MB, all but a few; and of the last spot, those of kinds of
// record that have the same code as contacts.
func (b *chaosBench) spares(fault chaos.Fault, spot int) bool {
	if fault == chaos.Huge {
		return b.call.tool != "search_tasks" && b.call.tool != "create_task"
	}
	return spot == 2 && slices.Contains([]string{"leads", "accounts", "deals", "cases"}, b.tool().Toolset)
}

// underRace reports whether the race detector is built in.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func (b *chaosBench) meet(t *testing.T, fault chaos.Fault, spot string, rule chaos.Rule) chaosMeeting {
	b.met++
	time.Sleep(2 * time.Minute) // what the last one began is over, as if it were long ago
	w := chaos.New(b.seeded(t), nil)
	defer w.Close()
	call, end := b.serve(t, w)
	defer end()
	arguments := b.prepare(t, w, call)
	w.Forget()
	w.Use(rule)
	m := chaosMeeting{tool: b.tool(), fault: fault, spot: spot}
	m.text, m.failed = call(b.call.tool, arguments)
	m.sent = w.Requests()
	for _, r := range m.sent {
		if r.Writes() {
			m.writes = append(m.writes, r)
			m.acted = m.acted || r.Acted()
		}
	}
	if !m.tool.Act.ReadOnly {
		m.entry = b.newEntry(t)
	}
	if m.acted || b.call.after != nil {
		b.letGo()
	}
	m.check(t)
	return m
}

// seeded is a sandbox that no call was carried out in.
func (b *chaosBench) seeded(t *testing.T) *sandbox.Sandbox {
	if b.box == nil {
		var err error
		b.box, err = sandbox.Open(sandbox.Options{Token: chaosKey})
		require.NoError(t, err)
	}
	return b.box
}

// letGo closes it: something was changed.
func (b *chaosBench) letGo() {
	if b.box != nil {
		b.box.Close()
	}
	b.box = nil
}

// prepare does what comes before the call, and gives its arguments.
func (b *chaosBench) prepare(t *testing.T, w *chaos.Workspace, call func(tool, arguments string) (string, bool)) string {
	if method, rest, ok := strings.Cut(b.call.before, " "); ok {
		status, answer := w.Direct(sandbox.Key, method, rest, "")
		require.Less(t, status, 300, answer)
	}
	if b.call.after != nil {
		text, failed := call(b.call.after.tool, b.call.after.arguments)
		require.False(t, failed, text)
		require.NotNil(t, b.newEntry(t))
	}
	return strings.ReplaceAll(b.call.arguments, "LAST", fmt.Sprint(b.last))
}

// serve connects a client, with the settings as they are at first and the time
// of the bubble.
func (b *chaosBench) serve(t *testing.T, w *chaos.Workspace) (call func(tool, arguments string) (text string, failed bool), end func()) {
	at, err := flexie.New(flexie.Options{
		BaseURL: "https://acme.flexie.io/api", Auth: bearer(chaosKey), Transport: w.Transport(),
		Retries: 3, Limits: flexie.NewLimits(10, 8), Now: func() time.Time { return sandbox.Today },
	})
	require.NoError(t, err)
	s := server.New(server.Options{
		Tools: b.tools, Log: slog.New(slog.DiscardHandler),
		Client: func(context.Context) (*flexie.Client, error) { return at, nil },
		Safety: server.Safety{
			Confirm: tools.Never, Journal: b.journal, Caller: "one", LookAgain: 1500 * time.Millisecond,
			Workspace: fmt.Sprintf("the %d. of them", b.met), // changes before were made in another
		},
	})
	c, err := client.NewInProcessClient(s)
	require.NoError(t, err)
	require.NoError(t, c.Start(t.Context()))
	_, err = c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: mcp.LATEST_PROTOCOL_VERSION}})
	require.NoError(t, err)
	return func(tool, arguments string) (string, bool) {
		answer, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)}})
		require.NoError(t, err, "%s did not answer", tool)
		data, err := json.Marshal(answer)
		require.NoError(t, err)
		require.NotContains(t, string(data), chaosKey)
		return answer.Content[0].(mcp.TextContent).Text, answer.IsError
	}, func() { c.Close() }
}

// newEntry is the change that the journal has since it was last asked, or nil.
func (b *chaosBench) newEntry(t *testing.T) *journal.Entry {
	e, err := b.journal.Get(t.Context(), b.last+1)
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	require.NoError(t, err)
	b.last++
	_, err = b.journal.Get(t.Context(), b.last+1)
	require.ErrorIs(t, err, journal.ErrNotFound, "one write has one entry")
	return &e
}
