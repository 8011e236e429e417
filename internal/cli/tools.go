package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/spf13/cobra"

	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

func (a *app) toolsCommand() *cobra.Command {
	var asJSON, asMarkdown bool
	var toolsets []string
	cmd := &cobra.Command{
		Use:   "tools",
		Short: "List the tools that the settings offer",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := a.settings(cmd)
			if err != nil {
				return err
			}
			if len(toolsets) > 0 {
				loaded.Settings.Toolsets = toolsets
			}
			picked, err := chosen(loaded.Settings)
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				return failed(writeToolsJSON(a.Out, picked))
			case asMarkdown:
				_, err := io.WriteString(a.Out, tools.Markdown(picked))
				return failed(err)
			}
			return failed(writeTools(a.Out, picked))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as clients get them, with their schemas")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "as a document")
	cmd.Flags().StringSliceVar(&toolsets, "toolset", nil, "of these toolsets instead: "+strings.Join(tools.Toolsets(), ", "))
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	return cmd
}

func writeTools(to io.Writer, picked []tools.Tool) error {
	rows := [][]string{{"TOOL", "ACT", "TOOLSET", "WHAT IT DOES"}}
	for _, t := range picked {
		rows = append(rows, []string{t.Name, t.Act.Name, t.Toolset, t.Title})
	}
	if err := writeTable(to, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(to, "\n%d tools\n", len(picked))
	return err
}

func writeToolsJSON(to io.Writer, picked []tools.Tool) error {
	described := []mcp.Tool{}
	for _, t := range picked {
		described = append(described, server.Describe(t))
	}
	e := json.NewEncoder(to)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(map[string]any{"tools": described})
}
