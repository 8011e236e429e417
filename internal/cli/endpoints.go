package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

func (a *app) endpointsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "endpoints",
		Short: "List the endpoints of Flexie's API, and the tools that reach them",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			rows := [][]string{{"METHOD", "PATH", "TOOL"}}
			all := tools.All()
			for _, e := range flexie.Endpoints {
				rows = append(rows, []string{e.Method, e.Path, strings.Join(reaching(all, e.Name), ", ")})
			}
			writeTable(a.Out, rows, fmt.Sprintf("%d endpoints", len(flexie.Endpoints)))
			return nil
		},
	}
}

func reaching(all []tools.Tool, endpoint string) (names []string) {
	for _, t := range all {
		if slices.Contains(t.Endpoints, endpoint) {
			names = append(names, t.Name)
		}
	}
	return names
}
