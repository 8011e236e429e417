package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) configCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Show the settings in force, and where each comes from",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := a.settings(cmd)
			if err != nil {
				return err
			}
			if _, err := chosen(loaded.Settings); err != nil {
				return err
			}
			rows := [][]string{{"SETTING", "VALUE", "FROM"}}
			for _, r := range loaded.Rows() {
				rows = append(rows, []string{r.Name, r.Value, string(r.Origin)})
			}
			return failed(writeTable(a.Out, rows))
		},
	}
}
