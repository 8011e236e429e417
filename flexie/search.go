package flexie

import (
	"context"
	"net/url"
	"strconv"
)

// search runs a query on the list of a group: GET where text and paging are
// all, POST where there are filters or an order. names are the members of the
// answer that may hold the list, and types the known types of the fields
// filtered on.
func (c *Client) search(ctx context.Context, group string, path params, q Query, types map[string]string, names ...string) (Page, error) {
	r := call{endpoint: group + ".list", path: path, query: url.Values{}}
	if q.Search != "" {
		// The API page shows search on GET only. On POST it goes along in
		// the query, the same way. Assumption: search-with-filters.
		r.query.Set(c.assumed.QueryNames["search"], q.Search)
	}
	if q.plain() {
		c.assumed.setPaging(r.query, q)
	} else {
		q, err := c.asKept(ctx, group, q, types)
		if err != nil {
			return Page{}, err
		}
		body, err := c.assumed.wire(q, types)
		if err != nil {
			return Page{}, err
		}
		r.endpoint, r.body = group+".filter", body
	}
	return c.page(ctx, r, q, names...)
}

// setPaging asks for a part of a list in the query. The API page shows limit
// there, and start only in the body of a POST. Assumption: start-on-get.
func (a *assumed) setPaging(query url.Values, q Query) {
	if q.Start > 0 {
		query.Set(a.QueryNames["start"], strconv.Itoa(q.Start))
	}
	if q.Limit > 0 {
		query.Set(a.QueryNames["limit"], strconv.Itoa(q.Limit))
	}
}

// page makes a call that is answered with a list of records, and names what is
// in them.
func (c *Client) page(ctx context.Context, r call, q Query, names ...string) (Page, error) {
	p, err := c.readPage(ctx, r, q, names...)
	c.named(ctx, r.endpoint, p.Records)
	return p, err
}

func (c *Client) readPage(ctx context.Context, r call, q Query, names ...string) (Page, error) {
	answer, err := c.do(ctx, r)
	if err != nil {
		return Page{}, err
	}
	items, total, err := c.assumed.readList(answer, names...)
	if err != nil {
		return Page{}, err
	}
	p := Page{Start: q.Start, Total: total}
	for i, o := range items {
		p.Records = append(p.Records, c.assumed.readRecord(o))
		c.assumed.renamed(r.endpoint, p.Records[i].Values)
		items[i] = nil // a long list takes memory in one form at a time
	}
	end := int64(q.Start + len(items))
	if len(items) > 0 && total < end { // none, or one of this page alone
		p.Total = -1
	}
	if p.Total < 0 && c.assumed.isRest(len(items), q) {
		p.Total = end
	}
	return p, nil
}

// isRest reports whether n records are surely the rest of a list without a
// total: there are some, or none from the very start, and fewer than were asked
// for, or than Flexie lists when not told. A workspace may cap the limit, so 10,
// 15, 20, 25 and so on are not sure. Assumption: list-limit.
func (a *assumed) isRest(n int, q Query) bool {
	limit := q.Limit
	if limit == 0 {
		limit = a.ListLimit
	}
	if n == 0 {
		return q.Start == 0
	}
	return n < limit && (n < 10 || n%5 != 0)
}

// list makes a call without a query that is answered with a whole list.
func (c *Client) list(ctx context.Context, endpoint string, path params, names ...string) ([]Record, error) {
	p, err := c.whole(ctx, call{endpoint: endpoint, path: path}, names...)
	return p.Records, err
}

// mostWhole is how many records of a list are read at most, a page after another.
const mostWhole = 1000

// whole reads a list to its end. Where it can't be reached, as a workspace begins
// from the start again or there are too many, the page says that there are more.
func (c *Client) whole(ctx context.Context, r call, names ...string) (Page, error) {
	all, seen := Page{Total: -1}, map[string]bool{}
	for len(all.Records) < mostWhole {
		q := Query{Start: len(all.Records)}
		if q.Start > 0 {
			r.query = url.Values{}
			c.assumed.setPaging(r.query, q)
		}
		p, err := c.page(ctx, r, q, names...)
		if err != nil {
			return all, err
		}
		fresh := 0
		for _, record := range p.Records {
			if key := keyOf(record); !seen[key] {
				seen[key] = true
				all.Records = append(all.Records, record)
				fresh++
			}
		}
		all.Total = p.Total
		if p.More() == 0 || fresh < len(p.Records) {
			break
		}
	}
	return all, nil
}

// keyOf tells a record of a list from the others; some have no id.
func keyOf(r Record) string {
	if r.ID != "" {
		return r.ID
	}
	text, _ := EncodeJSON(r.Values)
	return string(text)
}

// namedOne is the record that a call was answered with.
func (c *Client) namedOne(ctx context.Context, r call, o *Object) Record {
	records := []Record{c.assumed.readRecord(o)}
	c.assumed.renamed(r.endpoint, records[0].Values)
	c.named(ctx, r.endpoint, records)
	return records[0]
}

// one makes a call that is answered with one record.
func (c *Client) one(ctx context.Context, r call, names ...string) (Record, error) {
	answer, err := c.do(ctx, r)
	if err != nil {
		return Record{}, err
	}
	o, err := c.assumed.readOne(answer, names...)
	if err != nil {
		return Record{}, err
	}
	return c.namedOne(ctx, r, o), nil
}

func idParam(id ID) params { return params{"id": id.String()} }
