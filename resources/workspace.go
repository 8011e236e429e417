package resources

import (
	"context"
	"strings"

	"flexie-mcp/flexie"
)

// WorkspaceURI is the address of what this server is connected to.
const WorkspaceURI = Scheme + "workspace"

// Workspace says what an assistant is working with.
type Workspace struct {
	BaseURL  string
	Version  string // of this server
	Toolsets []string
	ReadOnly bool
	Sandbox  bool
	Today    string // of a sandbox, whose clock stands still; "" otherwise
}

// Markdown shows the workspace, and the user whom the credential belongs to.
func (w Workspace) Markdown(ctx context.Context, c *flexie.Client) (string, error) {
	user, err := c.Self(ctx)
	if err != nil {
		return "", err
	}
	values := []Value{
		{"user", Title(User, user)},
		{"base URL", w.BaseURL},
		{"toolsets", strings.Join(w.Toolsets, ", ")},
		{"flexie-mcp", w.Version},
	}
	if w.ReadOnly {
		values = append(values, Value{"access", "read only"})
	}
	if w.Sandbox {
		values = append(values, Value{"sandbox", "a made-up workspace inside this program; its today is " + w.Today})
	}
	return Answer{Summary: "Flexie workspace", Parts: []Part{{Values: values}}}.Markdown(), nil
}
