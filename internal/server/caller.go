package server

import (
	"context"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// Safety is what stands between callers and Flexie.
type Safety struct {
	// Confirm is how risky writes are confirmed.
	Confirm tools.Confirmation

	// Journal has each write before it is sent; Codes make the codes of previews.
	// Both are kept in memory where there is none.
	Journal *journal.Journal
	Codes   *confirm.Codes

	// Writes are those under way.
	Writes *tools.Writes

	// Shown is what the caller has been shown.
	Shown *tools.Shown

	// Allows is the error of a tool that is not allowed; nil allows all.
	Allows func(tools.Tool) error

	// Workspace tells the workspace apart from others; "" is its address.
	Workspace string

	// Caller tells the caller apart from others, and is not the key.
	Caller string

	// LookAgain is how long to wait for a write whose answer was lost.
	LookAgain time.Duration
}

// whole fills in what is not given.
func (s Safety) whole() Safety {
	if s.Journal == nil {
		s.Journal = journal.New(journal.Options{Store: store.Memory()})
	}
	if s.Codes == nil {
		s.Codes = confirm.New(confirm.Options{Store: store.Memory()})
	}
	if s.Writes == nil {
		s.Writes = &tools.Writes{}
	}
	if s.Shown == nil {
		s.Shown = tools.NewShown()
	}
	return s
}

// caller is who asks for a call: somebody who said so over HTTP, or else whoever
// runs the server.
func (o Options) caller(ctx context.Context, request mcp.CallToolRequest) (tools.Caller, error) {
	client, err := o.Client(ctx)
	if err != nil {
		return tools.Caller{}, err
	}
	s := o.Safety
	if a := askingOf(ctx); a != nil {
		s.Workspace = a.workspace
	} else if s.Workspace == "" {
		s.Workspace = client.BaseURL()
	}
	who := tools.Caller{
		Client: client, Workspace: s.Workspace, Name: s.Caller, Operator: true, Shown: s.Shown,
		Via: clientName(ctx, request), Allows: o.allows(ctx, client),
		Reaches: o.reaches(ctx, client),
		Confirm: s.Confirm, CanAsk: canAsk(ctx, request), Journal: s.Journal, Codes: s.Codes,
		Writes: s.Writes, LookAgain: s.LookAgain,
	}
	if a := askingOf(ctx); a != nil {
		who.Name, who.By, who.User = a.Caller, a.Credential, a.Identity.Name
		who.Operator, who.Shown = a.Operator, a.shown
	}
	return who, nil
}

// allows is the check of a tool that a caller may use: by the settings, then by
// their role in Flexie.
func (o Options) allows(ctx context.Context, client *flexie.Client) func(tools.Tool) error {
	return func(t tools.Tool) error {
		if o.Safety.Allows != nil {
			if err := o.Safety.Allows(t); err != nil {
				return err
			}
		}
		if err := askingOf(ctx).allows(t); err != nil {
			return err
		}
		if err := askingOf(ctx).byScope(t); err != nil {
			return err
		}
		return o.forbidden.allows(ctx, client, t)
	}
}

// reaches reports which tools a caller can call: those that can be called here at
// all, and that they may use.
func (o Options) reaches(ctx context.Context, client *flexie.Client) func(tool string) bool {
	may := o.allows(ctx, client)
	return func(tool string) bool {
		t, ok := o.reachable[tool]
		return ok && may(t) == nil
	}
}

// clientName is the program that asks, with its version.
func clientName(ctx context.Context, request mcp.CallToolRequest) string {
	var info mcp.Implementation
	if told := request.Params.Meta.ClientInfo(); told != nil {
		info = *told
	} else if session, ok := mcpserver.ClientSessionFromContext(ctx).(mcpserver.SessionWithClientInfo); ok {
		info = session.GetClientInfo()
	}
	return strings.TrimSpace(info.Name + " " + info.Version)
}
