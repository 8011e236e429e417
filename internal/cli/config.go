package cli

import (
	"cmp"

	"github.com/spf13/cobra"
)

func (a *app) configCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Show the settings in force, and where each comes from",
		Long: `config shows the settings that the other commands would work with, and where
each comes from. That the API key is set is shown, and the key is not.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := a.settings(cmd)
			if err != nil {
				return err
			}
			rows := [][]string{{"SETTING", "VALUE", "FROM"}}
			for _, r := range loaded.Rows() {
				rows = append(rows, []string{r.Name, cmp.Or(r.Value, "-"), string(r.Origin)})
			}
			writeTable(a.Out, rows, "")
			return nil
		},
	}
}
