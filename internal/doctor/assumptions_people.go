package doctor

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/oauth"
	"flexie-mcp/resources"
)

func namesOfIDs(ctx context.Context, r *reader) verdict {
	_, got, why, ok := r.sample(1)
	if !ok {
		return why
	}
	users, err := r.c.SearchUsers(ctx, flexie.Query{Limit: 100})
	if err != nil {
		return r.failed(err, exchange{})
	}
	there, others := idsOf(users.Records), 0
	for _, record := range got.page.Records {
		for _, name := range []string{"owner_id", "created_by"} {
			id, isNumber := numberOf(record.Values.Get(name))
			if isNumber && slices.Contains(there, id) {
				return r.categories(ctx)
			}
			if isNumber {
				others++
			}
		}
	}
	if others >= fewUsers && users.More() == 0 && len(there) > 0 {
		return no("of %d owners and makers of records, none is a user", others)
	}
	return untold("no record here names a user that is listed")
}

// fewUsers is up to how many users of records may be gone by chance.
const fewUsers = 5

// categories looks whether that of a task is one of those that are listed.
func (r *reader) categories(ctx context.Context) verdict {
	categories, err := r.c.TaskCategories(ctx)
	tasks, alsoErr := r.c.SearchTasks(ctx, flexie.Query{Limit: 10})
	if err != nil || alsoErr != nil {
		return yes("owners are users; categories could not be read")
	}
	there := idsOf(categories)
	for _, task := range tasks.Records {
		if id, isNumber := numberOf(task.Values.Get("category")); isNumber && len(there) > 0 && !slices.Contains(there, id) {
			return no("the category of a task is none of the task categories")
		}
	}
	return yes("owners are users, and categories of tasks are those listed")
}

func idsOf(records []flexie.Record) (ids []string) {
	for _, record := range records {
		ids = append(ids, record.ID)
	}
	return ids
}

func permissionShape(_ context.Context, r *reader) verdict {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	switch {
	case r.p.rights == nil:
		return untold("the permissions could not be asked")
	case len(r.p.rights) == 0:
		return no("the answer says nothing of the permissions that were asked for")
	}
	return yes("the answer says yes or no of %d permissions", len(r.p.rights))
}

// permissionNames compares what a user may see by name with what they can read.
func permissionNames(_ context.Context, r *reader) verdict {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	var differ []string
	agree := 0
	for _, group := range flexie.Groups {
		var all []string
		for name := range r.p.rights {
			all = append(all, name)
		}
		may, known := maySee(areaOf(group, all), r.p.rights)
		got, was := r.p.groups[group]
		switch {
		case !known || !was || got.why != "":
		case got.err == nil && !may, flexie.KindOf(got.err) == flexie.Denied && may:
			differ = append(differ, group)
		case got.err == nil, flexie.KindOf(got.err) == flexie.Denied:
			agree++
		}
	}
	switch {
	case len(differ) > 0:
		return no("by name the user may see other things than they can read: %s", strings.Join(differ, ", "))
	case agree == 0:
		return untold("no permission could be compared with a read")
	}
	return yes("what the user may see by name is what they can read, in %d groups; what they may write was not tried", agree)
}

func userTimezone(_ context.Context, r *reader) verdict {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	name, _ := r.p.self.Values.Get("timezone").(string)
	if name == "" {
		return no("Flexie does not say in which time zone the user is")
	}
	if _, err := time.LoadLocation(name); err != nil {
		return no("the user's time zone is no IANA name")
	}
	return yes("the user's time zone is an IANA name")
}

// zoned is a time that says its zone.
var zoned = regexp.MustCompile(`"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)"`)

// timesAreUTC looks for what is dated in the future: the newest record can't be.
func timesAreUTC(ctx context.Context, r *reader) verdict {
	kind, list, why, ok := r.sample(1)
	if !ok {
		return why
	}
	if zoned.Match(list.e.body) {
		return yes("times say their zone, so that nothing is guessed in reading")
	}
	theirs, said := list.e.date()
	found, err := r.find(ctx, kind, flexie.Query{OrderBy: "date_added", OrderDesc: true, Limit: 1})
	if err != nil {
		return r.failed(err, exchange{})
	}
	if !said || len(found) == 0 {
		return untold("there is nothing to compare with")
	}
	added, _ := found[0].Values.Get("date_added").(string)
	at, isTime := flexie.Moment(added)
	if isTime && at.After(theirs.Add(10*time.Minute)) {
		return no("the newest record would be of the future, by %s", at.Sub(theirs).Round(time.Minute))
	}
	return untold("times have no zone, and none is of the future; doctor --write-test can tell")
}

// some are the records of a kind that a list begins with; where there are none, why
// says what that tells of a guess.
func (r *reader) some(kind flexie.Kind) (records []flexie.Record, why verdict, ok bool) {
	got := r.list(kind)
	switch {
	case got.err != nil:
		return nil, r.failed(got.err, got.e), false
	case len(got.page.Records) == 0:
		return nil, untold("this workspace has no %s", kind.Plural), false
	}
	return got.page.Records, verdict{}, true
}

func caseRecipient(_ context.Context, r *reader) verdict {
	cases, why, ok := r.some(flexie.Case)
	if !ok {
		return why
	}
	named := false
	for _, one := range cases {
		if one.Values.Get("contact_id") != nil {
			return yes("a case has contact_id")
		}
		named = named || one.Values.Has("contact_id")
	}
	if named {
		return untold("no case here names a contact")
	}
	return no("no case has contact_id")
}

// caseClosed looks for a word that says that nothing is to be done any more.
func caseClosed(_ context.Context, r *reader) verdict {
	cases, why, ok := r.some(flexie.Case)
	if !ok {
		return why
	}
	named := false
	for _, one := range cases {
		closed, known := resources.CaseState(one)
		if closed {
			return yes("there are cases that are closed, by their status")
		}
		named = named || known
	}
	if named {
		return untold("no case here is closed by its status")
	}
	return no("no case has a status that is known")
}

// dealStage looks whether deals are at stages, and worth something.
func dealStage(_ context.Context, r *reader) verdict {
	deals, why, ok := r.some(flexie.Deal)
	if !ok {
		return why
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(deals, func(deal flexie.Record) bool {
			return slices.ContainsFunc(names, func(name string) bool { v, ok := numberOf(deal.Values.Get(name)); return ok && v != "" })
		})
	}
	switch {
	case !has("stage_id", "stage", "status"):
		return no("no deal has a stage")
	case !has("amount"):
		return no("no deal has an amount")
	}
	return yes("deals have a stage and an amount")
}

// email is one email, read by itself.
func (r *reader) email() (got reading, why verdict, ok bool) {
	r.p.mu.Lock()
	list := r.p.groups["emails"]
	r.p.mu.Unlock()
	if list.err != nil {
		return got, r.failed(list.err, list.e), false
	}
	if len(list.page.Records) == 0 {
		return got, untold("this workspace has no emails"), false
	}
	id, isID := flexie.ParseID(list.page.Records[0].ID)
	if !isID {
		return got, untold("the id of an email is no number"), false
	}
	got = r.one("email", "emails.get", func(ctx context.Context) (flexie.Record, error) { return r.c.Email(ctx, id) })
	if got.err != nil {
		return got, r.failed(got.err, got.e), false
	}
	return got, verdict{}, true
}

func emailRecipients(_ context.Context, r *reader) verdict {
	got, why, ok := r.email()
	if !ok {
		return why
	}
	values := got.page.Records[0].Values
	for _, name := range []string{"pendingCount", "recipientCount", "queuedCount"} {
		if values.Has(name) {
			return yes("an email says how many it would go to")
		}
	}
	if values.Has("lists") {
		return yes("an email names its lists; it does not say how many it would go to, which it need not")
	}
	return no("an email says neither how many it would go to, nor its lists")
}

func emailSentCount(_ context.Context, r *reader) verdict {
	got, why, ok := r.email()
	if !ok {
		return why
	}
	if !got.page.Records[0].Values.Has("sentCount") {
		return no("an email has no sentCount")
	}
	return untold("an email has sentCount; that it grows, only sending one shows")
}

func noteEntity(_ context.Context, r *reader) verdict {
	contacts := r.list(flexie.Contact)
	if contacts.err != nil {
		return r.failed(contacts.err, contacts.e)
	}
	for _, contact := range contacts.page.Records[:min(8, len(contacts.page.Records))] {
		id, isID := flexie.ParseID(contact.ID)
		if !isID {
			continue
		}
		notes := r.read("notes "+contact.ID, "contacts.notes", func(ctx context.Context) (flexie.Page, error) {
			return r.c.Records(flexie.Contact, "").NotesOf(ctx, id)
		})
		if notes.err != nil {
			return r.failed(notes.err, notes.e)
		}
		if len(notes.page.Records) == 0 {
			continue
		}
		noteID, isID := flexie.ParseID(notes.page.Records[0].ID)
		if !isID {
			return untold("the id of a note is no number")
		}
		note := r.one("note", "notes.get", func(ctx context.Context) (flexie.Record, error) { return r.c.Note(ctx, noteID) })
		if note.err != nil {
			return r.failed(note.err, note.e)
		}
		return noteIsOn(note.page.Records[0], "contact", contact.ID)
	}
	return untold("none of the first contacts has notes")
}

// noteIsOn looks whether a note says what it is on.
func noteIsOn(note flexie.Record, kind, id string) verdict {
	entity, _ := note.Values.Get("entityType").(string)
	on, _ := numberOf(note.Values.Get("entityId"))
	switch {
	case entity == "" || on == "":
		return no("a note does not say what it is on")
	case entity != kind || on != id:
		return no("a note says in other words what it is on")
	}
	return yes("a note says what it is on")
}

func keyOfOneUser(_ context.Context, r *reader) verdict {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.p.self.ID == "" {
		return no("Flexie does not say whose the key is")
	}
	return yes("Flexie says whose the key is")
}

// begun is whether a sign-in could begin by a client.
func (r *reader) begun(id, secret string) (exchange, error) {
	ctx, heard := listening(r.ctx)
	redirect, _ := r.p.redirect()
	c, err := oauth.NewClient(oauth.Options{Root: r.p.root.String(), ID: id, Secret: secret, Redirect: redirect, Transport: r.p.transport})
	if err != nil {
		return exchange{}, err
	}
	err = c.Check(ctx)
	return heard.last(""), err
}

func oauthCheck(_ context.Context, r *reader) verdict {
	e, err := r.begun("flexie-mcp-doctor-no-such-client", "none")
	switch {
	case e.status == 0:
		return untold("the address of the sign-in does not answer")
	case e.status == 404:
		return untold("there is no sign-in at /oauth2/authorize")
	case err != nil:
		return yes("a client that there is not is refused with HTTP %d, before anybody has signed in", e.status)
	}
	return no("a client that there is not is not refused before somebody has signed in (HTTP %d)", e.status)
}

func oauthRedirect(_ context.Context, r *reader) verdict {
	if r.p.s.OAuthClientID == "" || r.p.s.ClientSecret() == "" {
		return untold("no OAuth client is set")
	}
	if redirect, _ := r.p.redirect(); !strings.HasPrefix(redirect, "http://") {
		return untold("the redirect address that is set is none of plain http")
	}
	e, err := r.begun(r.p.s.OAuthClientID, r.p.s.ClientSecret())
	switch {
	case e.status == 0 || e.status == 404:
		return untold("the address of the sign-in does not answer")
	case err != nil:
		return untold("the sign-in seems to be refused (HTTP %d): the client id or the redirect address is not the one that is entered", e.status)
	}
	return yes("a sign-in with the redirect address that is set would begin")
}

func oauthLifetimes(ctx context.Context, r *reader) verdict {
	login, found, err := oauth.OpenLogins(r.p.s.StateDir, r.p.s.Keyring).Find(r.p.s.Root())
	if err != nil || !found || r.p.isHere() {
		return untold("nobody is signed in by flexie-mcp login")
	}
	g, err := oauth.OpenLogins(r.p.s.StateDir, r.p.s.Keyring).Tokens(ctx, login)
	switch {
	case err != nil:
		return untold("the tokens of the login can't be read")
	case g.Lasts == 0:
		return no("Flexie did not say how long its token lasts")
	case g.Lasts < 10*time.Minute || g.Lasts > 24*time.Hour:
		return no("an access token lasts %s", g.Lasts)
	}
	return yes("an access token lasts %s; how long a refresh token does, only waiting shows", g.Lasts)
}
