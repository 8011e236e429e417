package resources

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"flexie-mcp/flexie"
)

// Scheme starts every address.
const Scheme = "flexie://"

// Template is a family of addresses that can be read, each as Markdown, and
// with .json at its end as JSON.
type Template struct {
	URI         string // RFC 6570: flexie://contacts/{id}
	Name        string
	Title       string
	Description string
	Tool        string // the tool that shows the same: without it, the address can't be read

	read func(context.Context, *flexie.Client, []string) (document, error)
}

// document is what an address holds: an answer to show, and the same as data.
type document struct {
	answer Answer
	data   any
}

// Templates are all of them. What has no braces is one address.
var Templates = func() []Template {
	all := []Template{
		{URI: "cases/{id}/replies", Name: "case_replies", Title: "Replies of a case", Description: "The conversation of a case.", Tool: "get_case_replies", read: readReplies},
		{URI: "reports/{id}", Name: "report", Title: "Report", Description: "A saved report and its rows.", Tool: "get_report", read: readReport},
		oneOf(Task, (*flexie.Client).Task),
		oneOf(Note, (*flexie.Client).Note),
		oneOf(Email, (*flexie.Client).Email),
		oneOf(Workflow, (*flexie.Client).Workflow),
		oneOf(Form, (*flexie.Client).Form),
		oneOf(Page, (*flexie.Client).Page),
		oneOf(User, (*flexie.Client).User),
		oneOf(Role, (*flexie.Client).Role),
	}
	for _, kind := range flexie.Kinds {
		all = append(all, ofKind(kind)...)
	}
	for i := range all {
		all[i].URI = Scheme + all[i].URI
	}
	return all
}()

// ofKind are the addresses of a kind of record: its fields and its lists, which
// no id can be mistaken for, and each record.
func ofKind(kind flexie.Kind) []Template {
	n, at, name := NounOf(kind), kind.Plural, strings.ReplaceAll(kind.Name, "_", " ")
	if kind.Custom() {
		at += "/{table}"
	}
	return []Template{
		{URI: at + "/fields", Name: kind.Name + "_fields", Title: Capital(name) + " fields", Description: "The fields of " + n.Many + " in this workspace.", Tool: "describe_" + kind.Name + "_fields", read: fieldsReader(kind)},
		{URI: at + "/lists", Name: kind.Name + "_lists", Title: Capital(name) + " lists", Description: "The lists that " + n.Many + " can be on.", Tool: "list_" + kind.Name + "_lists", read: listsReader(kind)},
		{URI: at + "/{id}", Name: kind.Name, Title: Capital(name), Description: "All fields of one " + n.One + ".", Tool: "get_" + kind.Name, read: recordReader(kind)},
	}
}

// oneOf are the addresses of what has no fields of the workspace's own.
func oneOf(n Noun, read func(*flexie.Client, context.Context, flexie.ID) (flexie.Record, error)) Template {
	return Template{
		URI: n.Address + "/{id}", Name: n.One, Title: Capital(n.One), Description: "One " + n.One + ".", Tool: "get_" + n.One,
		read: func(ctx context.Context, c *flexie.Client, values []string) (document, error) {
			id, err := number(values[0])
			if err != nil {
				return document{}, err
			}
			r, err := read(c, ctx, id)
			return document{RecordAnswer(n, r), r.Values}, err
		},
	}
}

// Fixed reports whether there is just one address.
func (t Template) Fixed() bool { return !strings.Contains(t.URI, "{") }

// Content is what an address holds, in one format.
type Content struct {
	MIMEType, Text string

	Shown []Shown // the records in it, as Flexie answered them
}

// Address is an address that can be read: the template that it belongs to, and
// what it has in place of the braces.
type Address struct {
	Template

	values []string
	isJSON bool
}

// AddressOf reads an address. It belongs to the first template that it fits, and
// to no other: {id} fits "fields" as well. If it fits none, it is an error.
func AddressOf(uri string) (Address, error) {
	plain, isJSON := strings.CutSuffix(uri, ".json")
	for _, t := range Templates {
		if values, ok := match(t.URI, plain); ok {
			return Address{t, values, isJSON}, nil
		}
	}
	return Address{}, fmt.Errorf("there is nothing at %q; addresses look like flexie://contacts/42", uri)
}

// Read reads what it holds. Whether the caller may is not asked here.
func (a Address) Read(ctx context.Context, c *flexie.Client) (Content, error) {
	d, err := a.read(flexie.WithNames(ctx), c, a.values)
	if err != nil {
		return Content{}, err
	}
	if d.answer.HasTimes() && !a.isJSON {
		d.answer = d.answer.In(c.ZoneShown(ctx))
	}
	return d.content(a.isJSON)
}

func (d document) content(isJSON bool) (Content, error) {
	if !isJSON {
		return Content{"text/markdown", d.answer.Markdown(), d.answer.Shown}, nil
	}
	data, err := flexie.EncodeJSON(d.data)
	if err != nil {
		return Content{}, err
	}
	var text bytes.Buffer
	err = json.Indent(&text, data, "", "  ")
	return Content{"application/json", jsonAsText(escapeHidden(text.String())), d.answer.Shown}, err
}

// match takes the values of the braces out of an address.
func match(template, uri string) (values []string, ok bool) {
	want, got := strings.Split(template, "/"), strings.Split(uri, "/")
	if len(want) != len(got) {
		return nil, false
	}
	for i, part := range want {
		if strings.HasPrefix(part, "{") {
			value, err := url.PathUnescape(got[i])
			if err != nil {
				return nil, false
			}
			values = append(values, value)
		} else if part != got[i] {
			return nil, false
		}
	}
	return values, true
}

// tableIn is the table that an address of custom records names.
func tableIn(kind flexie.Kind, values []string) string {
	if kind.Custom() {
		return values[0]
	}
	return ""
}

func recordReader(kind flexie.Kind) func(context.Context, *flexie.Client, []string) (document, error) {
	return func(ctx context.Context, c *flexie.Client, values []string) (document, error) {
		table := tableIn(kind, values)
		id, err := number(values[len(values)-1])
		if err != nil {
			return document{}, err
		}
		r, err := c.Records(kind, table).Get(ctx, id)
		return document{RecordAnswer(NounOf(kind).In(table), r), r.Values}, err
	}
}

func fieldsReader(kind flexie.Kind) func(context.Context, *flexie.Client, []string) (document, error) {
	return func(ctx context.Context, c *flexie.Client, values []string) (document, error) {
		fields, err := c.Records(kind, tableIn(kind, values)).Fields(ctx)
		return document{FieldsAnswer(NounOf(kind), fields, nil), fields}, err
	}
}

func listsReader(kind flexie.Kind) func(context.Context, *flexie.Client, []string) (document, error) {
	return func(ctx context.Context, c *flexie.Client, values []string) (document, error) {
		lists, err := c.Records(kind, tableIn(kind, values)).Lists(ctx)
		page := flexie.Page{Records: lists, Total: int64(len(lists))}
		return document{ListAnswer(List, page, flexie.Query{}, nil), valuesOf(lists)}, err
	}
}

func readReplies(ctx context.Context, c *flexie.Client, values []string) (document, error) {
	id, err := number(values[0])
	if err != nil {
		return document{}, err
	}
	p, err := c.CaseReplies(ctx, flexie.CaseRef{ID: id})
	return document{RepliesAnswer("case "+values[0], p), valuesOf(p.Records)}, err
}

func readReport(ctx context.Context, c *flexie.Client, values []string) (document, error) {
	id, err := number(values[0])
	if err != nil {
		return document{}, err
	}
	r, err := c.Report(ctx, id)
	data := flexie.NewObject()
	data.Set("report", r.Values)
	data.Set("rows", valuesOf(r.Rows.Records))
	return document{ReportAnswer(r), data}, err
}

func number(id string) (flexie.ID, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("an id is a whole number, like 42; got %q", id)
	}
	return flexie.ID(n), nil
}

func valuesOf(records []flexie.Record) []*flexie.Object {
	values := []*flexie.Object{}
	for _, r := range records {
		values = append(values, r.Values)
	}
	return values
}

// Capital is a text with its first letter, an ASCII one, in upper case.
func Capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
