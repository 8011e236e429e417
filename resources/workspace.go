package resources

import (
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

// Markdown shows the workspace, and the user whom the credential belongs to; nil
// where that may not be shown.
func (w Workspace) Markdown(user *flexie.Record) string {
	var values []Value
	if user != nil {
		values = append(values, Value{Name: "user", Text: Title(User, *user)})
	}
	values = append(values,
		Value{Name: "base URL", Text: w.BaseURL},
		Value{Name: "toolsets", Text: strings.Join(w.Toolsets, ", ")},
		Value{Name: "flexie-mcp", Text: w.Version},
	)
	if w.ReadOnly {
		values = append(values, Value{Name: "access", Text: "read only"})
	}
	if w.Sandbox {
		values = append(values, Value{Name: "sandbox", Text: "a made-up workspace inside this program; its today is " + w.Today})
	}
	return Answer{Summary: "Flexie workspace", Parts: []Part{{Values: values, Ours: true}}}.Markdown()
}
