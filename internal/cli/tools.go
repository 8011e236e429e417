package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

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
		Short: "List the tools that an assistant is offered",
		Long: `tools lists what the settings offer an assistant. A toolset is one group of
tools, like contacts; core, what a working day takes; or all. ACCESS is the
lowest access at which a tool is offered.`,
		Example: `  flexie-mcp tools --access write
  flexie-mcp tools --toolset contacts,tasks`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && asMarkdown {
				return errors.New("--json and --markdown are both given: keep one")
			}
			loaded, err := a.settings(cmd)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("toolset") {
				if len(toolsets) == 0 {
					return errors.New("--toolset is empty: name at least one, like core")
				}
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
				fmt.Fprint(a.Out, tools.Markdown(picked))
			default:
				writeTools(a.Out, picked)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as clients get them, with their schemas")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "as a document")
	cmd.Flags().StringSliceVar(&toolsets, "toolset", nil, "of these `toolsets` instead of those that are set")
	completeWords(cmd, "toolset", tools.Toolsets())
	return cmd
}

func writeTools(to io.Writer, picked []tools.Tool) {
	rows := [][]string{{"TOOL", "ACCESS", "ACT", "TOOLSET", "WHAT IT DOES"}}
	for _, t := range picked {
		rows = append(rows, []string{t.Name, string(t.Level()), t.Act.Name, t.Toolset, firstSentence(t.Description)})
	}
	writeTable(to, rows, fmt.Sprintf("%d tools", len(picked)))
}

// firstSentence does without what abbreviations end in.
func firstSentence(text string) string {
	end := endOfSentence.FindStringIndex(text)
	if end == nil {
		return text
	}
	return text[:end[1]-1]
}

var endOfSentence = regexp.MustCompile(`[^.]{2}\. `)

func writeToolsJSON(to io.Writer, picked []tools.Tool) error {
	described := []mcp.Tool{}
	for _, t := range picked {
		described = append(described, server.Describe(t))
	}
	return writeJSON(to, map[string]any{"tools": described})
}

func writeJSON(to io.Writer, v any) error {
	e := json.NewEncoder(to)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
