package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/auth"
	"flexie-mcp/tools"
)

func (a *app) tokenNewCommand() *cobra.Command {
	var t auth.Token
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Issue a token, and show it this once",
		Long: `new issues a token: it writes the token to standard output, which is the only
time that it is seen, and how to send it to standard error. NAME says whose it
is. Without a workspace it is for the server's own, and without a key it works
with the server's own. The key itself is not given here: the server reads it.`,
		Example: `  flexie-mcp token new support-bot --subdomain acme --key-env ACME_KEY
  flexie-mcp token new anna --toolsets cases,tasks --read-only --expires 90d`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("token new takes one name, of whom the token is for: flexie-mcp token new support-bot")
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&t.Subdomain, "subdomain", "", "for this workspace, by `name`: acme, for https://acme.flexie.io")
	flags.StringVar(&t.BaseURL, "base-url", "", "or for the one whose API is at this `url`")
	flags.StringVar(&t.KeyEnv, "key-env", "", "the `name` of the variable of the server that has the key")
	flags.StringVar(&t.KeyFile, "key-file", "", "or the `path` of a file that holds the key")
	flags.StringSliceVar(&t.Toolsets, "toolsets", nil, "narrowed to the tools of these `names`")
	flags.StringSliceVar(&t.Tools, "tools", nil, "and to these tools, by their `names`")
	flags.BoolVar(&t.ReadOnly, "read-only", false, "narrowed to tools that change nothing")
	expires := flags.String("expires", "", "how `long` it lasts: 90d, or until which day; else for ever")
	file := tokensFileFlag(cmd)
	completeWords(cmd, "toolsets", tools.Toolsets())
	completeTools(cmd, "tools")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path, err := a.tokensFile(cmd, *file)
		if err != nil {
			return err
		}
		t.Name = args[0]
		if err := wholeToken(&t, *expires, time.Now()); err != nil {
			return err
		}
		return a.newToken(path, t)
	}
	return cmd
}

// wholeToken fills in what has to be worked out, and refuses what is not right.
func wholeToken(t *auth.Token, expires string, now time.Time) (err error) {
	if _, err := tools.Choose(tools.All(), tools.Choice{Toolsets: t.Toolsets, Tools: t.Tools}); err != nil {
		return err
	}
	if t.Expires, err = expiry(expires, now); err != nil {
		return err
	}
	if t.KeyFile != "" {
		if t.KeyFile, err = filepath.Abs(t.KeyFile); err != nil { // in the file it would be relative to that
			return err
		}
	}
	var problems []string
	for _, p := range t.Problems() {
		where := "--" + p.Key
		if p.Key == "name" {
			where = "the name"
		}
		problems = append(problems, flagsOfToken.Replace(where+": "+p.Text))
	}
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "\n"))
	}
	return nil
}

// flagsOfToken puts flags for what the file calls otherwise.
var flagsOfToken = strings.NewReplacer("--base_url", "--base-url", "base_url", "--base-url", "--key_env", "--key-env", "key_env", "--key-env", "key_file", "--key-file")

var lasts = regexp.MustCompile(`^([1-9][0-9]{0,4})([hdw])$`)

// expiry is when a token ends that lasts so long, or until that day; never for "".
func expiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	now = now.UTC().Truncate(time.Second)
	if part := lasts.FindStringSubmatch(text); part != nil {
		n, err := strconv.Atoi(part[1])
		if err != nil {
			return time.Time{}, err
		}
		hours := map[string]int{"h": 1, "d": 24, "w": 7 * 24}[part[2]]
		return now.Add(time.Duration(n*hours) * time.Hour), nil
	}
	end, err := time.Parse(time.DateOnly, text)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("--expires is how long the token lasts, like 90d, 12h or 4w, or a day like 2027-01-31; got %q", text)
	case !end.After(now):
		return time.Time{}, fmt.Errorf("--expires: %s is over already", text)
	}
	return end, nil
}

// newToken issues it: the token alone goes to standard output, for scripts.
func (a *app) newToken(path string, t auth.Token) error {
	t, text, err := auth.AddToken(path, t, time.Now())
	if err != nil {
		return failed(err)
	}
	fmt.Fprintln(a.Out, text)
	fmt.Fprintf(a.Err, `flexie-mcp: token %s (%s) is in %s, and is not shown again.
Whoever it is for sends it with each request:
  Authorization: Bearer TOKEN
`, t.ID, t.Name, path)
	if t.KeyEnv != "" {
		fmt.Fprintln(a.Err, "The server must be started with the variable that --key-env names.")
	}
	return nil
}
