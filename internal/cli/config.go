package cli

import (
	"cmp"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/config"
)

func (a *app) configCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Show the settings in force, and where each comes from",
		Long: `config shows the settings that the other commands would work with, and where
each comes from. That the API key is set is shown, and the key is not. If any is
not right, it says so after them, and ends with 2.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := config.Inspect(cmd.Flags(), a.Environ)
			rows := [][]string{{"SETTING", "VALUE", "FROM"}}
			for _, r := range loaded.Rows() {
				rows = append(rows, []string{r.Name, cmp.Or(r.Value, "-"), string(r.Origin)})
			}
			for _, r := range loaded.AssumptionRows() { // only those that are set
				rows = append(rows, []string{r.Name, r.Value, string(r.Origin)})
			}
			writeTable(a.Out, rows, "")
			if err != nil {
				return err
			}
			return a.check(loaded)
		},
	}
}
