package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
)

// tokensSetting is the setting that names the tokens file.
const tokensSetting = "http_tokens_file"

func (a *app) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Issue and revoke tokens for http",
		Long: `token manages the file that says who may use a server that flexie-mcp http
runs: one token for each person or program, with the workspace, the key and the
tools that are theirs. A token is shown once, when it is made; the file holds
only its hash. A running server sees a changed file by itself.`,
		Example: `  flexie-mcp token new support-bot --subdomain acme --key-env ACME_KEY
  flexie-mcp token list
  flexie-mcp token revoke support-bot`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.tokenNewCommand(), a.tokenListCommand(), a.tokenRevokeCommand())
	return cmd
}

func tokensFileFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("file", "", "the `path` of the tokens file; else FLEXIE_HTTP_TOKENS_FILE")
}

// tokensFile is the file that a command works on: that of its flag, or else that
// of the settings. Some flags of the command have the names of settings, and
// mean those of the token, so only the others are looked at.
func (a *app) tokensFile(cmd *cobra.Command, flag string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	loaded, err := config.Load(cmd.InheritedFlags(), a.Environ)
	if err != nil {
		return "", err
	}
	for _, row := range loaded.Rows() {
		if row.Name == tokensSetting && row.Value != "" {
			return row.Value, nil
		}
	}
	return "", errors.New("which tokens file? Name it with --file, or in FLEXIE_HTTP_TOKENS_FILE")
}

func (a *app) tokenListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the tokens",
		Long: `list shows the tokens there are: whose, for which workspace, where the server
finds the key, and what they are narrowed to. The tokens themselves are not known.`,
		Args: noArguments,
	}
	file := tokensFileFlag(cmd)
	asJSON := cmd.Flags().Bool("json", false, "as JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		path, err := a.tokensFile(cmd, *file)
		if err != nil {
			return err
		}
		tokens, err := auth.ReadTokens(path)
		if err != nil {
			return failed(err)
		}
		if *asJSON {
			return failed(writeJSON(a.Out, map[string]any{"tokens": append([]auth.Token{}, tokens...)}))
		}
		rows := [][]string{{"ID", "NAME", "WORKSPACE", "KEY", "TOOLS", "CREATED", "EXPIRES"}}
		for _, t := range tokens {
			rows = append(rows, tokenRow(t, time.Now()))
		}
		writeTable(a.Out, rows, count(len(tokens), "token"))
		return nil
	}
	return cmd
}

// tokenRow shows a token. What is not set is the server's own.
func tokenRow(t auth.Token, now time.Time) []string {
	key := t.KeyFile
	if t.KeyEnv != "" {
		key = "$" + t.KeyEnv
	}
	narrowed := strings.Join(append(append([]string{}, t.Toolsets...), t.Tools...), ",")
	if t.ReadOnly {
		narrowed = strings.TrimPrefix(narrowed+" read-only", " ")
	}
	expires := day(t.Expires)
	if t.Expired(now) {
		expires += " (over)"
	}
	row := []string{t.ID, t.Name, cmp.Or(t.Subdomain, t.BaseURL), key, narrowed, day(t.Created), expires}
	for i := range row {
		row[i] = printable(cmp.Or(row[i], "-"))
	}
	return row
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (a *app) tokenRevokeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "revoke NAME|ID",
		Short: "Take a token back",
		Long: `revoke takes a token out of the file, by its name or its id. A running server
refuses it from the next time that it reads the file.`,
		Example: `  flexie-mcp token revoke support-bot`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("token revoke takes the name or the id of one token (flexie-mcp token list has them)")
			}
			return nil
		},
	}
	file := tokensFileFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path, err := a.tokensFile(cmd, *file)
		if err != nil {
			return err
		}
		gone, err := auth.RevokeToken(path, args[0])
		if err != nil {
			return failed(err)
		}
		fmt.Fprintf(a.Err, "flexie-mcp: token %s (%s) is revoked\n", gone.ID, gone.Name)
		return nil
	}
	return cmd
}
