package tools_test

import (
	"testing"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// trusted is a caller whose writes are made at once.
func trusted(t *testing.T, c *flexie.Client) tools.Caller {
	who := careful(t, c)
	who.Confirm = tools.Never
	return who
}

// careful is a caller whose risky writes are previewed.
func careful(t *testing.T, c *flexie.Client) tools.Caller {
	j := journal.New(journal.Options{Store: store.Memory()})
	t.Cleanup(func() { j.Close() })
	return tools.Caller{
		Client: c, Workspace: "https://acme.flexie.io/api", Name: "one", Via: "test 1", Operator: true,
		Journal: j, Codes: confirm.New(confirm.Options{Store: store.Memory()}), Shown: tools.NewShown(),
	}
}
