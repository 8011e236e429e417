package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// How long looking at the journal waits for Flexie: to hear whether it is there,
// and to find out what came of changes whose program did not learn that.
const (
	reachTime  = 3 * time.Second
	settleTime = 5 * time.Second
)

// openJournal opens the journal for whoever runs the program. It needs neither
// a workspace that answers nor one that is set: without, it is that of all, and
// times are in UTC.
func (a *app) openJournal(cmd *cobra.Command) (*server.Workspace, tools.Caller, error) {
	loaded, err := a.settings(cmd)
	if err != nil {
		return nil, tools.Caller{}, err
	}
	if err := recorded(loaded.Settings); err != nil {
		return nil, tools.Caller{}, failed(err)
	}
	options, w, err := a.open(loaded.Settings)
	if err != nil {
		return nil, tools.Caller{}, err
	}
	client, err := a.reached(cmd.Context(), options, w)
	if err != nil {
		return nil, tools.Caller{}, errors.Join(err, w.Close())
	}
	return w, tools.Caller{Client: client, Workspace: w.Safety.Workspace, Journal: w.Safety.Journal, Operator: true}, nil
}

// recorded refuses to look where there is no journal: that would make one.
func recorded(s config.Settings) error {
	if s.Fleeting() {
		return errors.New("no changes are recorded of a sandbox that ends with each command: --sandbox-file keeps it")
	}
	if s.DatabaseURL != "" {
		return nil
	}
	if s.StateDir == "" {
		return nil // the journal says what to set
	}
	if _, err := os.Stat(filepath.Join(s.StateDir, "journal.db")); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no changes are recorded in %s", s.StateDir)
	}
	return nil
}

// reached is the client of a workspace that answers, and else one that knows
// nothing, at once.
func (a *app) reached(ctx context.Context, options server.Options, w *server.Workspace) (*flexie.Client, error) {
	client, err := w.Client(ctx)
	if err != nil {
		return unreachable() // nothing is set, which is no news
	}
	if err := settle(ctx, client, options, w); err != nil {
		fmt.Fprintf(a.Err, "flexie-mcp: times are in UTC, and what is not known of a change stays so, since Flexie can't be asked: %v\n", err)
		return unreachable()
	}
	return client, nil
}

// settle finds out the ends of changes that were not known, if the workspace
// answers. If it does not, they stay to be found out another time.
func settle(ctx context.Context, client *flexie.Client, options server.Options, w *server.Workspace) error {
	asking, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	if _, err := client.Self(asking); err != nil {
		return err
	}
	settling, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	w.Settle(settling, options.Log)
	return nil
}

// unreachable is a client of no workspace.
func unreachable() (*flexie.Client, error) {
	return flexie.New(flexie.Options{BaseURL: "https://nowhere.invalid/api", Auth: flexie.APIKey("none"), Transport: nowhere{}})
}

type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("there is no workspace")
}
