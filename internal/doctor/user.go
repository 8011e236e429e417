package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

// key asks Flexie whose it is.
func (p *patient) key(ctx context.Context) Finding {
	if p.auth == nil && p.haveTheirOwn() {
		return skipped(noKeyHere)
	}
	if p.client == nil {
		return wrong("no request can be made with these settings", "check base_url: https, and the root of the API")
	}
	if f, isOne := p.stranger(); isOne {
		return f
	}
	ctx, heard := listening(ctx)
	user, err := p.client.Self(ctx)
	e := heard.last("users.self")
	if err != nil {
		return p.failure(err, e)
	}
	p.mu.Lock()
	p.self = user
	p.mu.Unlock()
	var names []string
	for _, field := range []string{"username", "firstName", "lastName", "email"} {
		if text, _ := user.Values.Get(field).(string); text != "" {
			names = append(names, text)
		}
	}
	p.veil.hide("(user)", append(names, strings.Join(names, " "))...)
	if user.ID == "" {
		return warning("Flexie takes it, and does not say whose it is", "nothing: times are taken in UTC, and what was made by it can't be told from what others made")
	}
	return ok(fmt.Sprintf("Flexie takes it, after %s", roughly(e.took))).with("user " + user.ID + ": " + strings.Join(names, ", "))
}

// viewing is whether a user may see the records of a group: by the names that
// Flexie has for that. Which those are, tools knows.
func viewing(names []string) (all []string) {
	for _, name := range names {
		if strings.Contains(name, ":view") {
			all = append(all, name)
		}
	}
	return all
}

// permissions asks what the user may do.
func (p *patient) permissions(ctx context.Context) Finding {
	id, isID := flexie.ParseID(p.self.ID)
	if !isID {
		return skipped("it is not known who the user is")
	}
	names := tools.PermissionsFor(tools.All())
	ctx, heard := listening(ctx)
	told, err := p.client.Permissions(ctx, id, names)
	if err != nil {
		f := p.failure(err, heard.last("users.permission"))
		return warning("what the user may do can't be asked: "+f.Found, "nothing, unless hide_forbidden is set, which then hides nothing").with(f.Detail)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rights = map[string]bool{}
	var hidden []string
	for _, name := range names {
		if told.Values.Has(name) {
			p.rights[name] = isYes(told.Values.Get(name))
		}
	}
	for _, group := range flexie.Groups {
		if may, known := maySee(areaOf(group, names), p.rights); known && !may {
			hidden = append(hidden, group)
		}
	}
	if len(hidden) > 0 {
		return warning(fmt.Sprintf("the user has %d of the %d permissions that tools need: the user may not see %s", count(p.rights), len(p.rights), strings.Join(hidden, ", ")),
			"nothing, if that is meant to be so; else have an administrator change the user's role. With hide_forbidden, such tools are left out")
	}
	return ok(fmt.Sprintf("the user has %d of the %d permissions that tools need, and may see every group", count(p.rights), len(p.rights)))
}

// areaOf is the permissions of a group's own things: a tool of it may need others.
func areaOf(group string, names []string) (own []string) {
	singular := strings.TrimSuffix(group, "s")
	for _, name := range names {
		if strings.HasPrefix(name, singular+":"+group+":") || group == "roles" && strings.HasPrefix(name, "user:roles:") {
			own = append(own, name)
		}
	}
	return own
}

// maySee says of the names of a group whether one to view is had.
func maySee(names []string, rights map[string]bool) (may, known bool) {
	for _, name := range viewing(names) {
		has, told := rights[name]
		may, known = may || has, known || told
	}
	return may, known
}

func isYes(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return v == "1" || strings.EqualFold(v, "true") || strings.EqualFold(v, "yes")
	case fmt.Stringer: // a number
		return v.String() != "0"
	}
	return false
}

func count(rights map[string]bool) (n int) {
	for _, has := range rights {
		if has {
			n++
		}
	}
	return n
}

// reading is what a read of a group gave.
type reading struct {
	page flexie.Page
	err  error
	e    exchange
	why  string // it was not made; "" if it was
}

// readers make one cheap read of each group. Notes have no list of their own.
var readers = map[string]func(context.Context, *flexie.Client) (flexie.Page, error){
	"contacts": listOf(flexie.Contact),
	"leads":    listOf(flexie.Lead),
	"accounts": listOf(flexie.Account),
	"deals":    listOf(flexie.Deal),
	"cases":    listOf(flexie.Case),
	"tasks":    func(ctx context.Context, c *flexie.Client) (flexie.Page, error) { return c.SearchTasks(ctx, just(1)) },
	"emails":   func(ctx context.Context, c *flexie.Client) (flexie.Page, error) { return c.SearchEmails(ctx, just(1)) },
	"workflows": func(ctx context.Context, c *flexie.Client) (flexie.Page, error) {
		return c.SearchWorkflows(ctx, just(1))
	},
	"forms":   func(ctx context.Context, c *flexie.Client) (flexie.Page, error) { return c.SearchForms(ctx, just(1)) },
	"pages":   func(ctx context.Context, c *flexie.Client) (flexie.Page, error) { return c.SearchPages(ctx, just(1)) },
	"reports": func(ctx context.Context, c *flexie.Client) (flexie.Page, error) { return c.SearchReports(ctx, just(1)) },
	"users":   func(ctx context.Context, c *flexie.Client) (flexie.Page, error) { return c.SearchUsers(ctx, just(1)) },
	"roles":   func(ctx context.Context, c *flexie.Client) (flexie.Page, error) { return c.SearchRoles(ctx, just(1)) },
}

func just(n int) flexie.Query { return flexie.Query{Limit: n} }

func listOf(kind flexie.Kind) func(context.Context, *flexie.Client) (flexie.Page, error) {
	return func(ctx context.Context, c *flexie.Client) (flexie.Page, error) {
		return c.Records(kind, "").Search(ctx, just(1))
	}
}

// reading reads a little of each group, four at a time.
func (p *patient) reading(ctx context.Context) []Finding {
	found := make([]Finding, len(flexie.Groups))
	var all sync.WaitGroup
	turns := make(chan struct{}, 4)
	for i, group := range flexie.Groups {
		if group == "notes" {
			continue // they come after the contacts
		}
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			found[i] = p.readGroup(ctx, group)
		})
	}
	all.Wait()
	found[slices.Index(flexie.Groups, "notes")] = p.readGroup(ctx, "notes")
	for i := range found {
		found[i].Name = "reading " + strings.ReplaceAll(flexie.Groups[i], "_", " ")
	}
	return found
}

func (p *patient) readGroup(ctx context.Context, group string) Finding {
	begun := time.Now()
	r := p.read(ctx, group)
	p.mu.Lock()
	p.groups[group] = r
	p.mu.Unlock()
	var f Finding
	switch {
	case r.why != "":
		f = skipped(r.why)
	case flexie.KindOf(r.err) == flexie.Denied:
		f = warning(fmt.Sprintf("Flexie does not allow it to this user (HTTP %d)", r.e.status), "nothing, if that is meant to be so; else have an administrator change the user's role")
	case flexie.KindOf(r.err) == flexie.NotFound && !r.e.isPage():
		f = warning(fmt.Sprintf("this workspace has no such thing, or keeps it from this user (HTTP %d)", r.e.status), "leave its tools out with exclude_tools or toolsets, if assistants stumble over them")
	case r.err != nil:
		f = p.failure(r.err, r.e)
	default:
		f = ok(fmt.Sprintf("can be read, after %s (HTTP %d)", roughly(r.e.took), r.e.status))
	}
	f.TookMS = time.Since(begun).Milliseconds()
	return f
}

func (p *patient) read(ctx context.Context, group string) (r reading) {
	ctx, heard := listening(ctx)
	endpoint := group + ".list"
	switch group {
	case "notes":
		return p.readNotes(ctx, heard)
	case "custom_records":
		if len(p.s.CustomTables) == 0 {
			return reading{why: "no table is named in custom_tables, and Flexie lists none"}
		}
		r.page, r.err = p.client.Records(flexie.CustomRecord, p.s.CustomTables[0]).Search(ctx, just(1))
	default:
		r.page, r.err = readers[group](ctx, p.client)
	}
	r.e = heard.last(endpoint)
	return r
}

// readNotes reads those of a contact, as notes have no list of their own.
func (p *patient) readNotes(ctx context.Context, heard *heard) (r reading) {
	p.mu.Lock()
	contacts := p.groups["contacts"].page.Records
	p.mu.Unlock()
	if len(contacts) == 0 {
		return reading{why: "there is no contact whose notes could be read"}
	}
	id, isID := flexie.ParseID(contacts[0].ID)
	if !isID {
		return reading{why: "the id of a contact can't be read"}
	}
	r.page, r.err = p.client.Records(flexie.Contact, "").NotesOf(ctx, id)
	r.e = heard.last("contacts.notes")
	return r
}
