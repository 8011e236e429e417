package resources

import (
	"context"
	"encoding/json"
	"fmt"
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
	Toolset     string // the group it belongs to

	read func(context.Context, *flexie.Client, []string) (document, error)
}

// document is what an address holds: an answer to show, and the same as data.
type document struct {
	answer Answer
	data   any
}

// Templates are all of them.
var Templates = func() []Template {
	all := []Template{
		{URI: "cases/{id}/replies", Name: "case_replies", Title: "Replies of a case", Description: "The conversation of a case.", Toolset: "cases", read: readReplies},
		{URI: "reports/{id}", Name: "report", Title: "Report", Description: "A saved report and its rows.", Toolset: "reports", read: readReport},
		{URI: "pages/{id}", Name: "page", Title: "Page", Description: "A landing page.", Toolset: "pages", read: readPage},
	}
	for _, kind := range flexie.Kinds {
		n, uri := NounOf(kind), kind.Plural+"/{id}"
		if kind.Custom() {
			uri = kind.Plural + "/{table}/{id}"
		}
		all = append(all, Template{
			URI: uri, Name: kind.Name, Title: capital(strings.ReplaceAll(kind.Name, "_", " ")),
			Description: "All fields of one " + n.One + ".", Toolset: kind.Group, read: recordReader(kind),
		})
	}
	for i := range all {
		all[i].URI = Scheme + all[i].URI
	}
	return all
}()

// Content is what an address holds, in one format.
type Content struct{ MIMEType, Text string }

// Read reads an address. It belongs to one of the templates, or is an error.
func Read(ctx context.Context, c *flexie.Client, uri string) (Content, error) {
	plain, isJSON := strings.CutSuffix(uri, ".json")
	for _, t := range Templates {
		if values, ok := match(t.URI, plain); ok {
			d, err := t.read(ctx, c, values)
			if err != nil {
				return Content{}, err
			}
			return d.content(isJSON)
		}
	}
	return Content{}, fmt.Errorf("there is nothing at %s; addresses look like flexie://contacts/42", uri)
}

func (d document) content(isJSON bool) (Content, error) {
	if !isJSON {
		return Content{"text/markdown", d.answer.Markdown()}, nil
	}
	data, err := json.MarshalIndent(d.data, "", "  ")
	return Content{"application/json", string(data)}, err
}

// match takes the values of the braces out of an address.
func match(template, uri string) (values []string, ok bool) {
	want, got := strings.Split(template, "/"), strings.Split(uri, "/")
	if len(want) != len(got) {
		return nil, false
	}
	for i, part := range want {
		if strings.HasPrefix(part, "{") {
			values = append(values, got[i])
		} else if part != got[i] {
			return nil, false
		}
	}
	return values, true
}

func recordReader(kind flexie.Kind) func(context.Context, *flexie.Client, []string) (document, error) {
	return func(ctx context.Context, c *flexie.Client, values []string) (document, error) {
		table := values[0] // only custom records have one; Records passes it over for the rest
		id, err := number(values[len(values)-1])
		if err != nil {
			return document{}, err
		}
		r, err := c.Records(kind, table).Get(ctx, id)
		return document{RecordAnswer(NounOf(kind), r), r.Values}, err
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

func readPage(ctx context.Context, c *flexie.Client, values []string) (document, error) {
	id, err := number(values[0])
	if err != nil {
		return document{}, err
	}
	r, err := c.Page(ctx, id)
	return document{RecordAnswer(Page, r), r.Values}, err
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

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
