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

// Templates are all of them.
var Templates = func() []Template {
	all := []Template{
		{URI: "cases/{id}/replies", Name: "case_replies", Title: "Replies of a case", Description: "The conversation of a case.", Tool: "get_case_replies", read: readReplies},
		{URI: "reports/{id}", Name: "report", Title: "Report", Description: "A saved report and its rows.", Tool: "get_report", read: readReport},
		{URI: "pages/{id}", Name: "page", Title: "Page", Description: "A landing page.", Tool: "get_page", read: readPage},
	}
	for _, kind := range flexie.Kinds {
		n, uri := NounOf(kind), kind.Plural+"/{id}"
		if kind.Custom() {
			uri = kind.Plural + "/{table}/{id}"
		}
		all = append(all, Template{
			URI: uri, Name: kind.Name, Title: capital(strings.ReplaceAll(kind.Name, "_", " ")),
			Description: "All fields of one " + n.One + ".", Tool: "get_" + kind.Name, read: recordReader(kind),
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
			d, err := t.read(flexie.WithNames(ctx), c, values)
			if err != nil {
				return Content{}, err
			}
			if d.answer.HasTimes() && !isJSON {
				d.answer = d.answer.In(c.ZoneShown(ctx))
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
	data, err := flexie.EncodeJSON(d.data)
	if err != nil {
		return Content{}, err
	}
	var text bytes.Buffer
	err = json.Indent(&text, data, "", "  ")
	return Content{"application/json", text.String()}, err
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

func recordReader(kind flexie.Kind) func(context.Context, *flexie.Client, []string) (document, error) {
	return func(ctx context.Context, c *flexie.Client, values []string) (document, error) {
		table, n := "", NounOf(kind)
		if kind.Custom() {
			table, n = values[0], n.In(values[0])
		}
		id, err := number(values[len(values)-1])
		if err != nil {
			return document{}, err
		}
		r, err := c.Records(kind, table).Get(ctx, id)
		return document{RecordAnswer(n, r), r.Values}, err
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
