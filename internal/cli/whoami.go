package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/oauth"
)

// whoamiTime is how long Flexie is waited for.
const whoamiTime = 10 * time.Second

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Show the workspace and the user that would be worked as",
		Long: `whoami shows the workspace that servers with these settings work in, as whom, and
by what: an API key that is set, or else a login. Flexie is asked who that is; if
it can't be reached, what is known is shown.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.whoami(cmd) },
	}
}

func (a *app) whoami(cmd *cobra.Command) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	s, kept, err := a.withKeptKey(loaded.Settings)
	if err != nil {
		return err
	}
	logins := a.loginsOf(s)
	byKey := s.Key() != "" || s.Sandbox
	var one oauth.Login // that is used, or that the key wins over
	var found bool
	if !byKey || s.Root() != "" {
		if one, found, err = logins.Find(s.Root()); !byKey && (err != nil || !found) {
			return failed(cmp.Or(err, nobodySignedIn(s.Root())))
		}
	}
	user, asking := a.askWho(cmd.Context(), s)
	rows := [][]string{{"workspace", workedIn(s, one)}, {"user", whoIs(user, asking, one, byKey)}}
	if byKey {
		rows = append(rows, []string{"signed in", byWhatKey(loaded, found) + keptWhere(kept)})
	} else {
		rows = append(rows, []string{"signed in", "by flexie-mcp login, " + one.Since.Local().Format("2006-01-02 15:04")},
			[]string{"token ends", tokenEnds(cmd.Context(), logins, one, asking, time.Now())},
			[]string{"kept in", keptIn(s, logins, one)})
	}
	rows = append(rows, othersOf(logins, one)...)
	writeTable(a.Out, rows, "")
	switch flexie.KindOf(asking) {
	case "", flexie.SignedOut, flexie.Unauthorized: // "" where a call would not get as far as Flexie
		return failed(asking)
	}
	return nil
}

// workedIn is the workspace of a call: a login names one only where no key is set.
func workedIn(s config.Settings, one oauth.Login) string {
	if s.Sandbox {
		return "the sandbox inside the program"
	}
	return cmp.Or(s.Root(), one.Root, "none is set")
}

// askWho asks Flexie who the settings work as.
func (a *app) askWho(ctx context.Context, s config.Settings) (flexie.Record, error) {
	options, w, err := a.open(s)
	if err != nil {
		return flexie.Record{}, err
	}
	defer a.close(w, options)
	client, err := w.Client(ctx)
	if err != nil {
		return flexie.Record{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, whoamiTime)
	defer cancel()
	return client.Self(ctx)
}

// whoIs is the user, or what is known of them.
func whoIs(user flexie.Record, asking error, one oauth.Login, byKey bool) string {
	switch {
	case asking == nil:
		return fmt.Sprintf("%s, id %s", cmp.Or(personOf(user), "no name"), user.ID)
	case flexie.KindOf(asking) == "":
		return "not known"
	case byKey || one.User == "":
		return fmt.Sprintf("not known: %v", asking)
	}
	return fmt.Sprintf("%s, id %s, when last seen; now: %v", one.User, cmp.Or(one.UserID, "unknown"), asking)
}

// byWhatKey says where the key comes from.
func byWhatKey(loaded *config.Loaded, hasLogin bool) string {
	if loaded.Sandbox {
		return "as its administrator; nothing needs to be set for it"
	}
	text := "with an API key"
	for _, row := range loaded.Rows() {
		if strings.HasPrefix(row.Name, "api_key") && row.Value != "" {
			text += ", " + string(row.Origin)
		}
	}
	switch {
	case hasLogin:
		text += "; it wins over the login that there is as well"
	case loaded.Root() == "":
		text += "; with one, no login is used"
	}
	return text
}

// tokenEnds says when, and what comes then. asking is what came of the use of it.
func tokenEnds(ctx context.Context, logins *oauth.Logins, one oauth.Login, asking error, now time.Time) string {
	g, err := logins.Tokens(ctx, one)
	switch {
	case err != nil:
		return "not known: " + err.Error()
	case flexie.KindOf(asking) == flexie.SignedOut:
		return "it is not renewed any more: the sign-in has ended"
	case g.Ends().IsZero():
		return "not known: Flexie did not say; it is renewed by itself when Flexie refuses it"
	case g.Ends().Before(now):
		return g.Ends().Local().Format("2006-01-02 15:04") + ", which is over; the next call renews it"
	}
	return g.Ends().Local().Format("2006-01-02 15:04") + "; it is renewed by itself"
}

// othersOf are the other logins.
func othersOf(logins *oauth.Logins, this oauth.Login) (rows [][]string) {
	all, damaged, err := logins.All()
	if err != nil {
		return [][]string{{"others", err.Error()}}
	}
	for _, one := range all {
		if one.Root == this.Root {
			continue
		}
		text := one.Root + ", as " + cmp.Or(one.User, "a user who is not known")
		if one.Default {
			text += " (the default)"
		}
		rows = append(rows, []string{"also", text})
	}
	for _, d := range damaged {
		rows = append(rows, []string{"damaged", cmp.Or(d.Root, "a login") + ": " + d.Error()})
	}
	return rows
}
