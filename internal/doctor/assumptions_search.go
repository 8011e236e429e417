package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// nonsense is a text that nothing has.
const nonsense = "zqxj flexie-mcp doctor zqxj"

// by is a search by one condition.
func by(field, op string, value any) flexie.Query {
	return flexie.Query{Filters: []flexie.Filter{{Field: field, Op: op, Value: value}}, Limit: 5}
}

func number(id string) json.Number { return json.Number(id) }

// trial is a search whose answer is known in part beforehand.
type trial struct {
	q    flexie.Query
	fits func(flexie.Record) bool // each record that is found
	some bool                     // whether at least one must be
}

// refusal is the problem of a search that Flexie would not make.
const refusal = "is refused"

// try says what is wrong with what a trial finds; "" if nothing.
func (r *reader) try(ctx context.Context, kind flexie.Kind, t trial) (problem string, err error) {
	found, err := r.find(ctx, kind, t.q)
	switch {
	case isRefused(err):
		return refusal, nil
	case err != nil:
		return "", err
	case t.some && len(found) == 0:
		return "finds nothing", nil
	}
	for _, record := range found {
		if !t.fits(record) {
			return "finds what it should not", nil
		}
	}
	return "", nil
}

// tryAll is the verdict on several trials, each named by its operator.
func (r *reader) tryAll(ctx context.Context, kind flexie.Kind, all []trial, sound string) verdict {
	var problems []string
	for _, t := range all {
		problem, err := r.try(ctx, kind, t)
		if err != nil {
			return r.failed(err, exchange{})
		}
		if problem != "" {
			problems = append(problems, nameOfTrial(t)+" "+problem)
		}
	}
	if len(problems) > 0 {
		return no("%s", strings.Join(problems, "; "))
	}
	return yes("%s", sound)
}

func nameOfTrial(t trial) string {
	if len(t.q.Filters) == 0 {
		return "the order by " + t.q.OrderBy
	}
	return t.q.Filters[0].Op
}

func filterOperators(ctx context.Context, r *reader) verdict {
	kind, got, why, ok := r.sample(2)
	if !ok {
		return why
	}
	all, isNumbers := idTrials(got.page.Records)
	if !isNumbers {
		return untold("the ids are no numbers, so that nothing is known beforehand")
	}
	texts := textTrials(r.fields(ctx, kind), got.page.Records)
	sound := "all 15 find what they should"
	if problem, _ := r.try(ctx, kind, all[0]); problem == refusal { // which is about ids: see system-properties
		all, sound = nil, "those on texts find what they should; one by id is refused, so that the others could not be tried"
	}
	switch {
	case len(texts) == 0 && len(all) == 0:
		return untold("a filter by id is refused, and there is no text to try others on")
	case len(texts) == 0:
		sound = fmt.Sprintf("%d on ids find what they should; there is no text to try the others on", len(all))
	}
	return r.tryAll(ctx, kind, append(all, texts...), sound)
}

// idTrials go by the lowest and the highest id of some records.
func idTrials(records []flexie.Record) ([]trial, bool) {
	var ids []flexie.ID
	for _, record := range records {
		id, isID := flexie.ParseID(record.ID)
		if !isID {
			return nil, false
		}
		ids = append(ids, id)
	}
	low, high := slices.Min(ids), slices.Max(ids)
	where := func(fits func(flexie.ID) bool) func(flexie.Record) bool {
		return func(record flexie.Record) bool { id, _ := flexie.ParseID(record.ID); return fits(id) }
	}
	lowest, highest := number(low.String()), number(high.String())
	return []trial{
		{by("id", "is", lowest), where(func(id flexie.ID) bool { return id == low }), true},
		{by("id", "is_not", lowest), where(func(id flexie.ID) bool { return id != low }), true},
		{by("id", "gt", lowest), where(func(id flexie.ID) bool { return id > low }), true},
		{by("id", "gte", highest), where(func(id flexie.ID) bool { return id >= high }), true},
		{by("id", "lt", highest), where(func(id flexie.ID) bool { return id < high }), true},
		{by("id", "lte", lowest), where(func(id flexie.ID) bool { return id <= low }), true},
		{by("id", "between", []any{lowest, lowest}), where(func(id flexie.ID) bool { return id == low }), true},
		{by("id", "in", []any{lowest, highest}), where(func(id flexie.ID) bool { return id == low || id == high }), true},
		{by("id", "not_in", []any{lowest, highest}), where(func(id flexie.ID) bool { return id != low && id != high }), false},
	}, true
}

// textTrials go by a text that one of the records has; none if there is none.
func textTrials(fields []flexie.Field, records []flexie.Record) []trial {
	alias, text := aText(fields, records)
	if alias == "" {
		return nil
	}
	value := func(record flexie.Record) string {
		s, _ := record.Values.Get(alias).(string)
		return strings.ToLower(s)
	}
	lower := strings.ToLower(text)
	start, middle, end := lower[:3], lower[1:len(lower)-1], lower[len(lower)-3:]
	return []trial{
		{by(alias, "contains", middle), func(f flexie.Record) bool { return strings.Contains(value(f), middle) }, true},
		{by(alias, "not_contains", middle), func(f flexie.Record) bool { return !strings.Contains(value(f), middle) }, false},
		{by(alias, "starts_with", start), func(f flexie.Record) bool { return strings.HasPrefix(value(f), start) }, true},
		{by(alias, "ends_with", end), func(f flexie.Record) bool { return strings.HasSuffix(value(f), end) }, true},
		{by(alias, "is", text), func(f flexie.Record) bool { return value(f) == lower }, true},
		{by(alias, "empty", nil), func(f flexie.Record) bool { return value(f) == "" }, false},
		{by(alias, "not_empty", nil), func(f flexie.Record) bool { return value(f) != "" }, true},
	}
}

// aText is a value of plain letters in a field of text, and that field.
func aText(fields []flexie.Field, records []flexie.Record) (alias, text string) {
	for _, f := range fields {
		if f.Type != "text" {
			continue
		}
		for _, record := range records {
			s, _ := record.Values.Get(f.Alias).(string)
			if len(s) >= 4 && !strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }) {
				return f.Alias, s
			}
		}
	}
	return "", ""
}

func systemProperties(ctx context.Context, r *reader) verdict {
	kind, got, why, ok := r.sample(2)
	if !ok {
		return why
	}
	for _, name := range []string{"date_added", "date_modified", "created_by", "owner_id"} {
		if !slices.ContainsFunc(got.page.Records, func(f flexie.Record) bool { return f.Values.Has(name) }) {
			return no("no record has %s", name)
		}
	}
	any, none := func(flexie.Record) bool { return true }, func(flexie.Record) bool { return false }
	problems := []string{}
	for name, t := range map[string]trial{
		"id":                       {by("id", "is", number(got.page.Records[0].ID)), func(f flexie.Record) bool { return f.ID == got.page.Records[0].ID }, true},
		"date_added after 1990":    {by("date_added", "gte", "1990-01-01"), any, true},
		"date_added after 2190":    {by("date_added", "gte", "2190-01-01"), none, false},
		"date_modified after 2190": {by("date_modified", "gte", "2190-01-01"), none, false},
		"owner_id nobody":          {by("owner_id", "is", number(noRecord.String())), none, false},
	} {
		problem, err := r.try(ctx, kind, t)
		if err != nil {
			return r.failed(err, exchange{})
		}
		if problem != "" {
			problems = append(problems, "a filter by "+name+" "+problem)
		}
	}
	if len(problems) > 0 {
		slices.Sort(problems)
		return no("%s", strings.Join(problems, "; "))
	}
	return r.ordered(ctx, kind)
}

// ordered looks whether an order by a system property is kept.
func (r *reader) ordered(ctx context.Context, kind flexie.Kind) verdict {
	for _, descending := range []bool{false, true} {
		found, err := r.find(ctx, kind, flexie.Query{OrderBy: "date_added", OrderDesc: descending, Limit: 10})
		switch {
		case isRefused(err):
			return no("an order by date_added is refused")
		case err != nil:
			return r.failed(err, exchange{})
		}
		inOrder := slices.IsSortedFunc(found, func(a, b flexie.Record) int {
			x, _ := a.Values.Get("date_added").(string)
			y, _ := b.Values.Get("date_added").(string)
			if descending {
				x, y = y, x
			}
			return cmp.Compare(x, y)
		})
		if !inOrder {
			return no("an order by date_added is not kept")
		}
	}
	if _, err := r.find(ctx, kind, by("created_by", "is", number(noRecord.String()))); isRefused(err) {
		return no("filters by dates and owner, and an order by dates, do what they should; a filter by created_by is refused")
	}
	return yes("filters and an order by them do what they should")
}

func filterTypes(ctx context.Context, r *reader) verdict {
	open := by("is_completed", "is", false)
	open.Limit = usualLength // enough for others to be among them
	page, err := r.c.SearchTasks(ctx, open)
	switch {
	case isRefused(err):
		return no("a filter of tasks that are not completed is refused")
	case err != nil:
		return r.failed(err, exchange{})
	}
	for _, task := range page.Records {
		if isYes(task.Values.Get("is_completed")) {
			return no("a filter of tasks that are not completed finds others")
		}
	}
	if len(page.Records) > 0 {
		return yes("a filter of tasks that are not completed finds just those")
	}
	all, err := r.c.SearchTasks(ctx, flexie.Query{})
	if err != nil {
		return r.failed(err, exchange{})
	}
	for _, task := range all.Records {
		if !isYes(task.Values.Get("is_completed")) {
			return no("a filter of tasks that are not completed finds none, though there are some")
		}
	}
	return untold("there are no tasks that are not completed")
}

func searchWithFilters(ctx context.Context, r *reader) verdict {
	kind, got, why, ok := r.sample(2)
	if !ok {
		return why
	}
	a, b := got.page.Records[0], got.page.Records[1]
	text := ownText(a, b)
	if text == "" {
		return untold("no record has a text that another lacks")
	}
	search := func(id string) ([]flexie.Record, error) {
		q := by("id", "is", number(id))
		q.Search = text
		return r.find(ctx, kind, q)
	}
	its, err := search(a.ID)
	if err != nil {
		return r.refused(err, "a text beside filters is refused")
	}
	others, err := search(b.ID)
	switch {
	case err != nil:
		return r.refused(err, "a text beside filters is refused")
	case len(others) > 0:
		return no("a text beside filters is passed over")
	case len(its) == 0:
		return untold("a record is not found by a text that it has, with filters or without")
	}
	return yes("a text beside filters counts")
}

func (r *reader) refused(err error, what string) verdict {
	if isRefused(err) {
		return no("%s", what)
	}
	return r.failed(err, exchange{})
}

// ownText is a word that one record has and the other does not; "" if there is none.
func ownText(a, b flexie.Record) string {
	all, _ := flexie.EncodeJSON(b.Values)
	others := strings.ToLower(string(all))
	for _, name := range []string{"email", "name", "title", "last_name", "lastname", "first_name"} {
		s, _ := a.Values.Get(name).(string)
		if len(s) > 3 && !strings.Contains(others, strings.ToLower(s)) {
			return s
		}
	}
	return ""
}

func searchAcrossFields(ctx context.Context, r *reader) verdict {
	got := r.list(flexie.Contact)
	if got.err != nil {
		return r.failed(got.err, got.e)
	}
	for _, contact := range got.page.Records {
		first, last := nameIn(contact, "first"), nameIn(contact, "last")
		if first == "" || last == "" {
			continue
		}
		both, err := r.find(ctx, flexie.Contact, flexie.Query{Search: first + " " + last, Limit: 5})
		if err != nil {
			return r.failed(err, exchange{})
		}
		if len(both) > 0 {
			return yes("here a search looks across fields, which is as good: one request is made in vain at most")
		}
		return yes("here a search looks in one field at a time")
	}
	return untold("there is no contact with two names")
}

func nameIn(contact flexie.Record, which string) string {
	for _, alias := range []string{which + "_name", which + "name"} {
		if s, _ := contact.Values.Get(alias).(string); s != "" {
			return s
		}
	}
	return ""
}

func startOnGet(ctx context.Context, r *reader) verdict {
	kind, _, why, ok := r.sample(2)
	if !ok {
		return why
	}
	first, err := r.find(ctx, kind, flexie.Query{Limit: 1})
	if err == nil && len(first) > 0 {
		var second []flexie.Record
		second, err = r.find(ctx, kind, flexie.Query{Limit: 1, Start: 1})
		if err == nil && len(second) > 0 && second[0].ID == first[0].ID {
			return no("the second page of a list is the first again")
		}
		if err == nil && len(second) > 0 {
			return yes("the second page of a list is another")
		}
	}
	if err != nil {
		return r.failed(err, exchange{})
	}
	return untold("a page came empty")
}

// usualLength is how long lists are taken to be.
const usualLength = 30

func listLimit(ctx context.Context, r *reader) verdict {
	kind, got, _, ok := r.sample(usualLength)
	if !ok {
		var why verdict
		if kind, got, why, ok = r.sample(1); !ok {
			return why
		}
	}
	n := len(got.page.Records)
	more, err := r.find(ctx, kind, flexie.Query{Limit: 1, Start: n})
	switch {
	case err != nil:
		return r.failed(err, exchange{})
	case len(more) == 0 && n > usualLength:
		return no("a list is longer than %d", usualLength)
	case len(more) == 0:
		return untold("no list has more than %d records", n)
	case n != usualLength:
		return no("a list is %d long, and there is more", n)
	}
	return yes("a list is %d long, and there is more", n)
}

func filterListsQuery(ctx context.Context, r *reader) verdict {
	contacts := r.c.Records(flexie.Contact, "")
	all, err := contacts.FilterLists(ctx, flexie.Query{Limit: 5})
	switch {
	case err != nil:
		return r.failed(err, exchange{})
	case len(all.Records) == 0:
		return untold("there are no lists of contacts")
	}
	found, err := contacts.FilterLists(ctx, flexie.Query{Search: nonsense})
	switch {
	case err != nil:
		return r.refused(err, "a search of lists is refused")
	case len(found.Records) > 0:
		return no("a search of lists for what none is called shows some")
	}
	return yes("a search of lists finds none by a name that none has")
}
