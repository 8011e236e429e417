package doctor

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// noRecord is an id that nothing has.
const noRecord flexie.ID = 2147483629

// missing asks for a record that there is not.
func (r *reader) missing() reading {
	kind, _, _, _ := r.sample(0)
	return r.one("missing", kind.Group+".get", func(ctx context.Context) (flexie.Record, error) {
		return r.c.Records(kind, "").Get(ctx, noRecord)
	})
}

func errorStatuses(_ context.Context, r *reader) verdict {
	got := r.missing()
	wrongKey := r.one("wrong key", "users.self", func(ctx context.Context) (flexie.Record, error) {
		c := r.p.newClient(flexie.APIKey("flexie-mcp-doctor-looks-what-a-wrong-key-gives"), callTime, 0)
		return c.Self(ctx)
	})
	switch {
	case got.e.status == 0 || wrongKey.e.status == 0:
		return untold("no answer came")
	case got.e.status != 404:
		return no("a record that does not exist is answered with HTTP %d, not 404", got.e.status)
	case wrongKey.e.status != 401:
		return no("a wrong key is answered with HTTP %d, not 401", wrongKey.e.status)
	}
	return yes("a wrong key gives 401, and a record that does not exist 404; the others were not met")
}

func errorShapes(_ context.Context, r *reader) verdict {
	got := r.missing()
	o, isObject := got.e.raw().(*flexie.Object)
	switch {
	case got.e.status == 0:
		return untold("no answer came")
	case got.e.status < 400:
		return untold("a record that does not exist is no error here")
	case !isObject:
		return no("the error of HTTP %d is no JSON object", got.e.status)
	case o.Has("error"), o.Has("errors"), (o.Has("code") || o.Has("status")) && o.Has("message"):
		return yes("an error of HTTP %d has one of the shapes", got.e.status)
	}
	return no("the error of HTTP %d has none of the members that are known", got.e.status)
}

func listShapes(_ context.Context, r *reader) verdict {
	for _, kind := range usual {
		if got := r.list(kind); isOddAnswer(got.err, got.e) {
			return no("the list of %s can't be read", kind.Plural)
		}
	}
	kind, got, why, ok := r.sample(1)
	if !ok {
		return why
	}
	for _, record := range got.page.Records {
		if record.ID == "" {
			return no("a list of %s could be read, and what is in it has no id", kind.Plural)
		}
	}
	_, isArray := got.e.raw().([]any)
	switch {
	case isArray:
		return yes("a list is a bare array, without a total")
	case got.page.Total < 0:
		return no("a list of %s has no total that could be found", kind.Plural)
	}
	return yes("a list could be read, with its total")
}

// record is one record of the sample, read by itself.
func (r *reader) record() (kind flexie.Kind, got reading, why verdict, ok bool) {
	kind, list, why, ok := r.sample(1)
	if !ok {
		return kind, got, why, false
	}
	id, isID := flexie.ParseID(list.page.Records[0].ID)
	if !isID {
		return kind, got, untold("the id of a record is no number"), false
	}
	got = r.one("record", kind.Group+".get", func(ctx context.Context) (flexie.Record, error) {
		return r.c.Records(kind, "").Get(ctx, id)
	})
	if got.err != nil && !isOddAnswer(got.err, got.e) {
		return kind, got, r.failed(got.err, got.e), false
	}
	return kind, got, verdict{}, true
}

// fields are those of the sample's kind.
func (r *reader) fields(ctx context.Context, kind flexie.Kind) []flexie.Field {
	fields, _ := r.c.Records(kind, "").KnownFields(ctx) // none, if they can't be had
	return fields
}

func recordShapes(ctx context.Context, r *reader) verdict {
	kind, got, why, ok := r.record()
	switch {
	case !ok:
		return why
	case got.err != nil:
		return no("one of the %s can't be read", kind.Plural)
	}
	fields := r.fields(ctx, kind)
	if len(fields) == 0 {
		return untold("the fields of %s could not be read, to compare with", kind.Plural)
	}
	there := 0
	for _, f := range fields {
		if got.page.Records[0].Values.Has(f.Alias) {
			there++
		}
	}
	if there == 0 {
		return no("one of the %s was read, and none of its %d fields found", kind.Plural, len(fields))
	}
	return yes("one of the %s was read, with %d of %d fields", kind.Plural, there, len(fields))
}

func fieldShape(_ context.Context, r *reader) verdict {
	kind, _, _, _ := r.sample(0)
	var fields []flexie.Field
	got := r.read("fields", kind.Group+".fields", func(ctx context.Context) (flexie.Page, error) {
		var err error
		fields, err = r.c.Records(kind, "").Fields(ctx)
		return flexie.Page{}, err
	})
	switch {
	case isOddAnswer(got.err, got.e):
		return no("the fields of %s can't be read", kind.Plural)
	case got.err != nil:
		return r.failed(got.err, got.e)
	case len(fields) == 0:
		return untold("no field is listed")
	}
	for _, lack := range []struct {
		what string
		has  func(flexie.Field) bool
	}{
		{"a label", func(f flexie.Field) bool { return f.Label != "" }},
		{"a type", func(f flexie.Field) bool { return f.Type != "" }},
		{"a group", func(f flexie.Field) bool { return f.Category != "" }},
	} {
		if !slices.ContainsFunc(fields, lack.has) {
			return no("no field has %s", lack.what)
		}
	}
	return memberLacking(string(got.e.body), fields)
}

// memberLacking looks for what may be false in all fields, so that only the answer
// itself shows whether it is there.
func memberLacking(body string, fields []flexie.Field) verdict {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(body, `"`+name+`"`) })
	}
	choice := func(f flexie.Field) bool { return f.Type == "select" || f.Type == "multiselect" }
	switch {
	case !has("isRequired", "required"):
		return no("no field says whether it is required")
	case !has("isUniqueIdentifier", "isUniqueIdentifer", "unique"):
		return no("no field says whether it is unique")
	case slices.ContainsFunc(fields, choice) && !slices.ContainsFunc(fields, func(f flexie.Field) bool { return choice(f) && len(f.Options) > 0 }):
		return no("fields with choices have none that could be found")
	}
	return yes("%d fields could be read, with all that is known of them", len(fields))
}

func valueTypes(ctx context.Context, r *reader) verdict {
	kind, got, why, ok := r.sample(1)
	if !ok {
		return why
	}
	fields := r.fields(ctx, kind)
	if len(fields) == 0 {
		return untold("the fields of %s could not be read", kind.Plural)
	}
	taken, refused := map[string]int{}, map[string]int{}
	for _, record := range got.page.Records {
		for _, f := range fields {
			value := record.Values.Get(f.Alias)
			if value == nil || value == "" || f.Type == "" {
				continue
			}
			one := flexie.NewObject()
			one.Set(f.Alias, value)
			if _, err := r.c.Records(kind, "").Check(ctx, one, false); isRefused(err) {
				refused[f.Type]++
			} else {
				taken[f.Type]++
			}
		}
	}
	return typesTaken(taken, refused)
}

// typesTaken goes by most values of a type: some may be from before there were rules.
func typesTaken(taken, refused map[string]int) verdict {
	for _, t := range slices.Sorted(maps.Keys(refused)) {
		if refused[t] > taken[t] {
			return no("values that Flexie itself gave for fields of type %s would be refused", typeWord(t))
		}
	}
	if len(taken) == 0 {
		return untold("no field has a value")
	}
	return yes("the values that there are, of %d types, would be taken again; only a write of each shows all of it", len(taken))
}

// typeWord is the type of a field, if it is no more than a word.
func typeWord(t string) string {
	if len(t) > 20 || strings.ContainsFunc(t, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' && r != ' ' && r != '/' }) {
		return "another name"
	}
	return t
}

func customRecordNames(_ context.Context, r *reader) verdict {
	r.p.mu.Lock()
	got := r.p.groups["custom_records"]
	r.p.mu.Unlock()
	switch {
	case got.why != "":
		return untold("%s", got.why)
	case isOddAnswer(got.err, got.e):
		return no("the list of a custom table can't be read")
	case got.err != nil:
		return r.failed(got.err, got.e)
	case len(got.page.Records) == 0:
		return untold("the custom table has no records")
	}
	return yes("the list of a custom table could be read")
}

func replyShape(_ context.Context, r *reader) verdict {
	cases := r.list(flexie.Case)
	if cases.err != nil {
		return r.failed(cases.err, cases.e)
	}
	for _, one := range cases.page.Records[:min(5, len(cases.page.Records))] {
		id, isID := flexie.ParseID(one.ID)
		if !isID {
			continue
		}
		got := r.read("replies "+one.ID, "cases.replies", func(ctx context.Context) (flexie.Page, error) {
			return r.c.CaseReplies(ctx, flexie.CaseRef{ID: id})
		})
		switch {
		case isOddAnswer(got.err, got.e):
			return no("the replies of a case can't be read")
		case got.err != nil:
			return r.failed(got.err, got.e)
		case len(got.page.Records) > 0:
			return replyIsRead(got.page.Records[0].Values)
		}
	}
	return untold("none of the first cases has replies")
}

func replyIsRead(reply *flexie.Object) verdict {
	switch {
	case !reply.Has("text"):
		return no("a reply has no text")
	case !reply.Has("date_added"):
		return no("a reply does not say when it was written")
	case !reply.Has("created_by_user") && !reply.Has("author"):
		return no("a reply does not say by whom it is")
	}
	return yes("a reply has its text, when it was written, and by whom")
}

func reportShape(_ context.Context, r *reader) verdict {
	r.p.mu.Lock()
	list := r.p.groups["reports"]
	r.p.mu.Unlock()
	if list.err != nil {
		return r.failed(list.err, list.e)
	}
	if len(list.page.Records) == 0 {
		return untold("this workspace has no reports")
	}
	id, isID := flexie.ParseID(list.page.Records[0].ID)
	if !isID {
		return untold("the id of a report is no number")
	}
	got := r.one("report", "reports.get", func(ctx context.Context) (flexie.Record, error) {
		report, err := r.c.Report(ctx, id)
		return report.Record, err
	})
	o, _ := got.e.raw().(*flexie.Object)
	inner, _ := o.Get("report").(*flexie.Object)
	switch {
	case isOddAnswer(got.err, got.e):
		return no("a report can't be read")
	case got.err != nil:
		return r.failed(got.err, got.e)
	case !o.Has("data") && !inner.Has("data"):
		return no("a report has no data")
	}
	return yes("a report has its rows in data")
}

func wholeNumberIDs(_ context.Context, r *reader) verdict {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	groups := 0
	for _, group := range flexie.Groups {
		for _, record := range r.p.groups[group].page.Records {
			if _, isID := flexie.ParseID(record.ID); !isID {
				return no("the ids of %s are no whole numbers", group)
			}
			groups++
		}
	}
	if groups == 0 {
		return untold("there are no records")
	}
	return yes("so they are in %d groups", groups)
}

// numberOf is a value as a whole number.
func numberOf(v any) (string, bool) {
	switch v := v.(type) {
	case json.Number:
		return v.String(), true
	case string:
		return v, v != ""
	}
	return "", false
}
