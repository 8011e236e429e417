package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"golang.org/x/sync/singleflight"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

const (
	// rightsLifetime is how long it is believed what a user may do.
	rightsLifetime = 10 * time.Minute

	// rightsRest is how long Flexie is not asked again that could not be, or
	// hangs. Meanwhile nothing is left out.
	rightsRest = time.Minute

	// rightsPatience is how long a list of tools, or a call, waits for what the
	// user may do.
	rightsPatience = 3 * time.Second

	// rightsDeadline is how long the asking goes on when nobody waits any more.
	rightsDeadline = 30 * time.Second
)

// forbidden knows which tools the user of whoever asks may not use in Flexie. It
// spares them calls that would be refused; that they are refused is Flexie's
// doing. So in doubt nothing is left out. A nil one leaves nothing out, and
// asks nothing.
type forbidden struct {
	tools  map[string]tools.Tool
	names  []string // the permissions to ask for
	client func(context.Context) (*flexie.Client, error)
	log    *slog.Logger
	asking singleflight.Group

	mu   sync.Mutex
	kept map[*flexie.Client]rights
}

// rights are what is known of a user's permissions. What is not in has is not
// known.
type rights struct {
	has   map[string]bool
	until time.Time
}

func newForbidden(all []tools.Tool, client func(context.Context) (*flexie.Client, error), log *slog.Logger) *forbidden {
	f := &forbidden{tools: map[string]tools.Tool{}, client: client, log: log, kept: map[*flexie.Client]rights{}}
	reachable := tools.Reachable(all)
	for _, t := range reachable {
		f.tools[t.Name] = t
	}
	f.names = tools.PermissionsFor(reachable)
	return f
}

// concerns reports whether f leaves out tools, and the same as another.
func (f *forbidden) concerns(other *forbidden) bool {
	return f != nil && other != nil && maps.EqualFunc(f.tools, other.tools, func(a, b tools.Tool) bool { return a.Name == b.Name })
}

// followForbidden leaves the tools out of lists. It is no filter of mcp-go's, which
// would also have calls of them fail as of tools that there are not.
func (f *Offer) followForbidden(hooks *mcpserver.Hooks) {
	hooks.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, result *mcp.ListToolsResult) {
		f.options().forbidden.leaveOut(ctx, result)
	})
}

func (f *forbidden) leaveOut(ctx context.Context, result *mcp.ListToolsResult) {
	if f == nil {
		return
	}
	client, err := f.client(ctx)
	if err != nil {
		return
	}
	has := f.has(ctx, client)
	result.Tools = left(result.Tools, func(t mcp.Tool) bool { return !tools.Forbidden(f.tools[t.Name], has) })
}

// allows is nil for a tool that the client's user may use as far as is known,
// else it says why not.
func (f *forbidden) allows(ctx context.Context, c *flexie.Client, t tools.Tool) error {
	if f == nil {
		return nil
	}
	needed := tools.PermissionsFor([]tools.Tool{t})
	if len(needed) == 0 || !tools.Forbidden(t, f.has(ctx, c)) {
		return nil
	}
	return tools.NotAllowed(fmt.Sprintf("%s is not allowed here: Flexie says that the key's user has no permission for it (%s); get_current_user says who it is, and an administrator of the workspace can change what they may",
		t.Name, flexie.Or(needed)))
}

// has is what the client's user may do, as far as it is known soon.
func (f *forbidden) has(ctx context.Context, c *flexie.Client) map[string]bool {
	if known, ok := f.known(c); ok {
		return known
	}
	asked := f.asking.DoChan(fmt.Sprintf("%p", c), func() (any, error) { return f.ask(c), nil })
	patience := time.NewTimer(rightsPatience)
	defer patience.Stop()
	select {
	case told := <-asked:
		return told.Val.(map[string]bool)
	case <-patience.C:
		if _, ok := f.known(c); !ok {
			f.keep(c, nil, rightsRest) // until it is told: nobody else should have to wait
		}
	case <-ctx.Done():
	}
	return nil
}

func (f *forbidden) known(c *flexie.Client) (map[string]bool, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, ok := f.kept[c]
	return kept.has, ok && time.Now().Before(kept.until)
}

// keep keeps what is known of one user, and forgets what is out of date of all.
func (f *forbidden) keep(c *flexie.Client, has map[string]bool, lifetime time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(f.kept, func(_ *flexie.Client, kept rights) bool { return !now.Before(kept.until) })
	f.kept[c] = rights{has, now.Add(lifetime)}
}

// ask asks Flexie. It is no matter of the request that happened to need it
// first, so it does not end with it.
func (f *forbidden) ask(c *flexie.Client) map[string]bool {
	if known, ok := f.known(c); ok {
		return known // another asked between the look and the turn to ask
	}
	ctx, cancel := context.WithTimeout(context.Background(), rightsDeadline)
	defer cancel()
	has, err := rightsOf(ctx, c, f.names)
	if err != nil {
		f.log.WarnContext(ctx, "Flexie did not say what the user may do, so no tool is left out for it", "kind", kindOf(err))
		f.keep(c, nil, rightsRest)
		return nil
	}
	f.keep(c, has, rightsLifetime)
	return has
}

// rightsOf asks which of the permissions the client's user has, of those that
// the workspace knows.
func rightsOf(ctx context.Context, c *flexie.Client, names []string) (map[string]bool, error) {
	self, err := c.Self(ctx)
	if err != nil || isAdmin(self) || len(names) == 0 {
		return nil, err
	}
	id, err := strconv.ParseInt(self.ID, 10, 64)
	if err != nil {
		return nil, errors.New("the user has no id")
	}
	u := holder{c, flexie.ID(id)}
	has, err := u.hasSome(ctx, names)
	if err != nil {
		return nil, err
	}
	return u.surely(ctx, has)
}

// isAdmin reads the flag of a user or their role, where Flexie shows it.
func isAdmin(self flexie.Record) bool {
	role, _ := self.Values.Get("role").(*flexie.Object)
	for _, of := range []*flexie.Object{self.Values, role} {
		for _, name := range []string{"isAdmin", "is_admin"} {
			if admin, known := readFlag(of.Get(name)); known && admin {
				return true
			}
		}
	}
	return false
}

// holder is a user, whose permissions are asked for.
type holder struct {
	client *flexie.Client
	id     flexie.ID
}

// hasSome asks for all at once. Where Flexie refuses that, which a single name
// that it does not know may be enough for, it is asked area by area: those of an
// area are known or unknown together.
func (u holder) hasSome(ctx context.Context, names []string) (map[string]bool, error) {
	has, err := u.has(ctx, names)
	if !isRefusal(err) {
		return has, err
	}
	has = map[string]bool{}
	for _, area := range byArea(names) {
		some, err := u.has(ctx, area)
		switch {
		case isRefusal(err):
			continue
		case err != nil:
			return nil, err
		}
		maps.Copy(has, some)
	}
	return has, nil
}

// has leaves out what the answer does not say of, or not as a yes or no.
func (u holder) has(ctx context.Context, names []string) (map[string]bool, error) {
	answer, err := u.client.Permissions(ctx, u.id, names)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, name := range names {
		if had, known := readFlag(answer.Values.Get(name)); known {
			has[name] = had
		}
	}
	return has, nil
}

const (
	// madeUp is a permission that no workspace has.
	madeUp = "mcp:nothing:view"

	// confirmedArea is that of the permissions on Flexie's page.
	confirmedArea = "lead:leads"
)

// surely leaves out what may be denied only since the workspace does not know
// it. Some may answer no to whatever they do not know, which what they say of a
// permission that there is not tells. Of these, a no is believed in an area where
// something is granted, or that is on Flexie's page.
func (u holder) surely(ctx context.Context, has map[string]bool) (map[string]bool, error) {
	granted := map[string]bool{confirmedArea: true}
	denies := false
	for name, had := range has {
		granted[areaOf(name)] = granted[areaOf(name)] || had
		denies = denies || !had
	}
	if !denies {
		return has, nil
	}
	of, err := u.has(ctx, []string{madeUp})
	if err != nil && !isRefusal(err) {
		return nil, err
	}
	if said, known := of[madeUp]; known && !said {
		maps.DeleteFunc(has, func(name string, _ bool) bool { return !granted[areaOf(name)] })
	}
	return has, nil
}

// isRefusal reports whether an error is an answer to what was asked, as it may be
// to the name of a permission that there is not.
func isRefusal(err error) bool {
	var e *flexie.Error
	return errors.As(err, &e) && (e.Kind == flexie.Invalid || e.Status == http.StatusInternalServerError)
}

// byArea parts names that are in order.
func byArea(names []string) (areas [][]string) {
	for i, name := range names {
		if i == 0 || areaOf(name) != areaOf(names[i-1]) {
			areas = append(areas, nil)
		}
		last := len(areas) - 1
		areas[last] = append(areas[last], name)
	}
	return areas
}

// areaOf is lead:leads of lead:leads:viewown.
func areaOf(permission string) string { return permission[:strings.LastIndex(permission, ":")] }

// readFlag reads a yes or no in the ways that Flexie may write it.
func readFlag(v any) (yes, known bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case json.Number:
		return v != "0", v == "0" || v == "1"
	case string:
		b, err := strconv.ParseBool(v) // 1, 0, true, false
		return b, err == nil
	}
	return false, false
}
