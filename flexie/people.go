package flexie

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// This file knows what ids are called: users, roles and categories. They are
// read when a name is first needed, and never for their own sake.

// calledBy is one line of a book.
type calledBy struct {
	id    ID
	name  string
	known []string // other names that are as good: a username, an email address
}

func (n calledBy) String() string { return fmt.Sprintf("%s (%s)", short(n.name), n.id) }

// book is what the ids of one sort are called.
type book struct {
	one      string // what one of them is, in an error
	endpoint string
	names    []string // members of the answer that may hold the list
	whole    bool     // the list comes in one piece
}

var (
	users              = &book{"user", "users.list", []string{"users"}, false}
	roles              = &book{"role", "roles.list", []string{"roles"}, false}
	taskCategories     = &book{"task category", "tasks.categories", []string{"categories"}, true}
	workflowCategories = &book{"workflow category", "workflows.categories", []string{"categories"}, true}
)

// reference is a property that is the id of something with a name.
type reference struct {
	group string // whose records have it; "" is all
	id    string
	name  string // the property that holds the name; the same as id: both are one
	in    *book
}

// references are all of them. Flexie may answer with names beside the ids, or
// not: they are looked up only where they are missing. Assumption: names-of-ids.
var references = []reference{
	{"", "owner_id", "owner", users},
	{"", "created_by", "created_by_user", users},
	{"", "modified_by", "modified_by_user", users},
	{"users", "role", "role", roles},
	{"tasks", "category", "category", taskCategories},
	{"workflows", "category", "category", workflowCategories},
}

func (r reference) of(group string) bool { return r.group == "" || r.group == group }

// unnamed is the id that a record has without its name; 0 if none.
func (r reference) unnamed(values *Object) ID {
	id, err := strconv.ParseInt(stringOf(values.Get(r.id)), 10, 64)
	if err != nil || id < 1 || r.id != r.name && !isBlank(values.Get(r.name)) {
		return 0
	}
	return ID(id)
}

// set sets the name of an id that has none, if it is in the book.
func (r reference) set(values *Object, entries []calledBy) bool {
	id := r.unnamed(values)
	i := slices.IndexFunc(entries, func(n calledBy) bool { return n.id == id })
	switch {
	case id == 0 || i < 0:
		return false
	case r.id != r.name:
		values.Set(r.name, entries[i].name)
	default:
		both := NewObject()
		both.Set("id", json.Number(id.String()))
		both.Set("name", entries[i].name)
		values.Set(r.id, both)
	}
	return true
}

type withNames struct{}

// WithNames has what is read under the context show names beside ids: it is for
// people to look at, which is worth a request more.
func WithNames(ctx context.Context) context.Context { return context.WithValue(ctx, withNames{}, true) }

// withoutNames undoes it for what is read on the way.
func withoutNames(ctx context.Context) context.Context {
	return context.WithValue(ctx, withNames{}, nil)
}

// named gives records the names of the ids in them, as far as these can be
// known: what can't be looked up soon stays an id.
func (c *Client) named(ctx context.Context, endpoint string, records []Record) {
	if ctx.Value(withNames{}) == nil {
		return
	}
	group, _, _ := strings.Cut(endpoint, ".")
	books := c.lookUp(ctx, missing(group, records))
	for i, record := range records {
		changed := false
		for _, r := range references {
			if r.of(group) && r.set(record.Values, books[r.in]) {
				changed = true
			}
		}
		if changed {
			records[i].Values = ordered(record.Values)
		}
	}
}

// missing are the books that have names which records lack.
func missing(group string, records []Record) []*book {
	var needed []*book
	for _, r := range references {
		if !r.of(group) || slices.Contains(needed, r.in) {
			continue
		}
		if slices.ContainsFunc(records, func(record Record) bool { return r.unnamed(record.Values) != 0 }) {
			needed = append(needed, r.in)
		}
	}
	return needed
}

const (
	// namesLifetime is how long names are believed.
	namesLifetime = 5 * time.Minute

	// namesPatience is how long an answer waits for the names in it.
	namesPatience = 3 * time.Second

	// namesRest is how long no answer asks again after a failure.
	namesRest = time.Minute

	// namesPage and mostNames bound what is read of users and roles.
	namesPage, mostNames = 200, 2_000
)

// lookUp reads books side by side. One that can't be read is left out.
func (c *Client) lookUp(ctx context.Context, needed []*book) map[*book][]calledBy {
	if len(needed) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, namesPatience)
	defer cancel()
	all := make([][]calledBy, len(needed))
	var reads sync.WaitGroup
	for i, b := range needed {
		reads.Go(func() {
			if !c.shelf.resting(b) {
				all[i], _ = c.entries(ctx, b, namesLifetime)
			}
		})
	}
	reads.Wait()
	books := map[*book][]calledBy{}
	for i, b := range needed {
		books[b] = all[i]
	}
	return books
}

// shelf keeps the books that were read.
type shelf struct {
	asking singleflight.Group

	mu   sync.Mutex
	kept map[*book]keptBook
}

type keptBook struct {
	entries []calledBy
	read    time.Time
	failed  time.Time // when a read last did
}

func (s *shelf) of(b *book) keptBook {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[b]
}

func (s *shelf) resting(b *book) bool {
	kept := s.of(b)
	return kept.failed.After(kept.read) && time.Since(kept.failed) < namesRest
}

func (s *shelf) keep(b *book, entries []calledBy, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[*book]keptBook{}
	}
	if err != nil {
		old := s.kept[b]
		old.failed = time.Now()
		s.kept[b] = old
		return
	}
	s.kept[b] = keptBook{entries: entries, read: time.Now()}
}

// forget makes a book be read again when it is next needed.
func (s *shelf) forget(b *book) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, b)
}

// entries are those of a book that is not older than age. Many who ask at once
// make one request.
func (c *Client) entries(ctx context.Context, b *book, age time.Duration) ([]calledBy, error) {
	if kept := c.shelf.of(b); !kept.read.IsZero() && time.Since(kept.read) < age {
		return kept.entries, nil
	}
	asked := c.shelf.asking.DoChan(b.endpoint, func() (any, error) {
		entries, err := c.readBook(detached(ctx), b)
		c.shelf.keep(b, entries, err)
		return entries, err
	})
	select {
	case <-ctx.Done():
		return nil, gaveUp(ctx)
	case told := <-asked:
		entries, _ := told.Val.([]calledBy)
		return entries, told.Err
	}
}

// readBook reads all of a book, page by page.
func (c *Client) readBook(ctx context.Context, b *book) ([]calledBy, error) {
	var entries []calledBy
	q := Query{Limit: namesPage}
	for {
		r := call{endpoint: b.endpoint, query: map[string][]string{}}
		if !b.whole {
			c.assumed.setPaging(r.query, q)
		}
		page, err := c.readPage(ctx, r, q, b.names...)
		if err != nil {
			return nil, err
		}
		for _, record := range page.Records {
			if entry, ok := entryOf(record); ok {
				entries = append(entries, entry)
			}
		}
		q.Start = page.More()
		if b.whole || q.Start == 0 || q.Start >= mostNames {
			return entries, nil
		}
	}
}

func entryOf(r Record) (calledBy, bool) {
	id, err := strconv.ParseInt(r.ID, 10, 64)
	entry := calledBy{id: ID(id), name: firstNonEmpty(personName(r.Values), stringOf(r.Values.Get("title")), stringOf(r.Values.Get("label")))}
	for _, other := range []string{"username", "email", "alias"} {
		if text := stringOf(r.Values.Get(other)); text != "" {
			entry.known = append(entry.known, text)
		}
	}
	return entry, err == nil && id > 0 && entry.name != ""
}

// UserID is the id of the user who is meant by an id, by "me", or by a name,
// username or email address that only one user has.
func (c *Client) UserID(ctx context.Context, name string) (ID, error) {
	if strings.EqualFold(strings.TrimSpace(name), "me") {
		return c.selfID(ctx)
	}
	return c.idIn(ctx, users, name)
}

// RoleID is the id of the role that is meant by an id or a name.
func (c *Client) RoleID(ctx context.Context, name string) (ID, error) {
	return c.idIn(ctx, roles, name)
}

// WorkflowCategoryID is the id of the category that is meant by an id or a name.
func (c *Client) WorkflowCategoryID(ctx context.Context, name string) (ID, error) {
	return c.idIn(ctx, workflowCategories, name)
}

// ListID is the id of the list of this kind that is meant by an id or a name: its
// whole name, since Flexie does not answer which list it was.
func (r Records) ListID(ctx context.Context, name string) (ID, error) {
	if id, isID, err := plainID(name); isID {
		return id, err
	}
	lists, err := r.Lists(ctx)
	if err != nil {
		return 0, notLookedUp("list", err)
	}
	var entries []calledBy
	for _, l := range lists {
		if entry, ok := entryOf(l); ok {
			entries = append(entries, entry)
		}
	}
	return pick("list", name, entries, exactly)
}

func (c *Client) selfID(ctx context.Context) (ID, error) {
	self, err := c.Self(withoutNames(ctx))
	if err != nil {
		return 0, notLookedUp("user", err)
	}
	id, _, err := plainID(self.ID)
	return id, err
}

// idIn finds a name in a book. One that is not in it may be new, so the book is
// then read again.
func (c *Client) idIn(ctx context.Context, b *book, name string) (ID, error) {
	if id, isID, err := plainID(name); isID {
		return id, err
	}
	began := time.Now()
	entries, err := c.entries(ctx, b, namesLifetime)
	if err == nil && len(loosely(name, entries)) == 0 && c.shelf.of(b).read.Before(began) {
		entries, err = c.entries(ctx, b, 0)
	}
	if err != nil {
		return 0, notLookedUp(b.one, err)
	}
	return pick(b.one, name, entries, loosely)
}

// plainID reads what is an id already.
func plainID(text string) (id ID, isID bool, err error) {
	text = strings.TrimSuffix(strings.TrimSpace(text), ".0")
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text == "":
		return 0, true, invalidf("it is empty: give an id or a name")
	case err != nil:
		return 0, false, nil
	case n < 1:
		return 0, true, invalidf("an id is above 0, like 42; got %d", n)
	}
	return ID(n), true, nil
}

// pick is the one that a name means, or says which it may mean.
func pick(one, name string, entries []calledBy, meant func(string, []calledBy) []calledBy) (ID, error) {
	found := meant(name, entries)
	switch {
	case len(found) == 1:
		return found[0].id, nil
	case len(found) > 1:
		return 0, invalidf("%s may be %s: give the id", quoted(name), Or(texts(found)))
	case len(entries) == 0:
		return 0, invalidf("no %s is called %s, or may be seen: give an id", one, quoted(name))
	}
	return 0, invalidf("no %s is called %s; did you mean %s?", one, quoted(name), Closest(name, texts(entries)))
}

func texts(entries []calledBy) (all []string) {
	for _, n := range entries {
		all = append(all, n.String())
	}
	return all[:min(mostShown, len(all))]
}

// exactly are those called just so.
func exactly(name string, entries []calledBy) []calledBy {
	wanted := lettersOf(name)
	return fitting(entries, func(n calledBy) bool {
		names := append([]string{n.name, n.String()}, n.known...)
		return slices.ContainsFunc(names, func(s string) bool { return lettersOf(s) == wanted })
	})
}

// loosely are those called just so, or else those that have all the words of the
// name in theirs.
func loosely(name string, entries []calledBy) []calledBy {
	if found := exactly(name, entries); len(found) > 0 {
		return found
	}
	wanted := strings.Fields(lettersOf(name))
	return fitting(entries, func(n calledBy) bool {
		has := strings.Fields(lettersOf(n.name))
		return !slices.ContainsFunc(wanted, func(word string) bool { return !slices.Contains(has, word) })
	})
}

func fitting(entries []calledBy, fits func(calledBy) bool) []calledBy {
	return slices.DeleteFunc(slices.Clone(entries), func(n calledBy) bool { return !fits(n) })
}

// notLookedUp is the failure of a read that a name needs.
func notLookedUp(one string, err error) error {
	return saying(fmt.Sprintf("the %s can't be looked up by name (give an id)", one), err)
}

// saying puts something before what an error says.
func saying(first string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	said := *e
	said.Message = first + ": " + e.Message
	said.Problems = nil
	return &said
}

// In says of an error in which argument or field it is.
func In(field string, err error) error {
	if err == nil {
		return nil
	}
	return saying(field, err)
}

// asKept writes what a query filters by as Flexie keeps it: names as ids, and
// moments in UTC.
func (c *Client) asKept(ctx context.Context, group string, q Query, types map[string]string) (Query, error) {
	q.Filters = slices.Clone(q.Filters)
	for i, f := range q.Filters {
		if !slices.Contains(comparisons, f.Op) {
			continue
		}
		if t := types[f.Field]; t == "" || c.assumed.typeKnown(t) == "datetime" {
			q.Filters[i].Value = c.inUTC(ctx, f.Value)
		}
		b := bookOf(group, f.Field)
		if b == nil {
			continue
		}
		value, err := c.idsFor(ctx, b, f.Value)
		if err != nil {
			return q, In("filter on "+f.Field, err)
		}
		q.Filters[i].Value = value
	}
	return q, nil
}

// bookOf is where the name of a property's id is found; nil if it is no id.
func bookOf(group, property string) *book {
	for _, r := range references {
		if r.of(group) && r.id == property {
			return r.in
		}
	}
	return nil
}

func (c *Client) idsFor(ctx context.Context, b *book, value any) (any, error) {
	switch v := value.(type) {
	case []any:
		ids := slices.Clone(v)
		for i := range ids {
			var err error
			if ids[i], err = c.idsFor(ctx, b, ids[i]); err != nil {
				return nil, err
			}
		}
		return ids, nil
	case string:
		if _, isID, _ := plainID(v); isID || isBlank(v) {
			return v, nil
		}
		return c.idFor(ctx, b, v)
	}
	return value, nil
}

// idFor is an id as it is sent.
func (c *Client) idFor(ctx context.Context, b *book, name string) (any, error) {
	find := func(ctx context.Context, name string) (ID, error) { return c.idIn(ctx, b, name) }
	if b == users {
		find = c.UserID
	}
	id, err := find(ctx, name)
	return json.Number(id.String()), err
}

// nameOwner writes the id of an owner given by name among values to write.
func (c *checking) nameOwner(ctx context.Context) {
	name, isText := c.checked.Get("owner_id").(string)
	if _, isID, _ := plainID(name); !isText || isID || isBlank(name) {
		return
	}
	id, err := c.of.c.idFor(ctx, users, name)
	if err != nil {
		c.problem("owner_id: %v", err)
		return
	}
	c.checked.Set("owner_id", id)
}
