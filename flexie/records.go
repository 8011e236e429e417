package flexie

import (
	"context"
	"net/url"
)

// Records are the records of one kind: the sixteen endpoints that every kind
// has, written once.
type Records struct {
	c     *Client
	kind  Kind
	table string
}

// Records gives the records of a kind. table names the table of custom
// records, and is not read for the other kinds.
func (c *Client) Records(kind Kind, table string) Records {
	if !kind.Custom() {
		table = ""
	}
	return Records{c, kind, table}
}

// path adds the custom table to a path's parameters.
func (r Records) path(p params) params {
	if !r.kind.Custom() {
		return p
	}
	all := params{"tableName": r.table}
	for k, v := range p {
		all[k] = v
	}
	return all
}

// listNames are the members of an answer that may hold a list of this kind.
// Those of custom records are not known. Assumption: custom-record-names.
func (r Records) listNames() []string {
	if r.kind.Custom() {
		return append([]string{r.table}, r.c.assumed.CustomRecordNames["list"]...)
	}
	return []string{r.kind.Plural}
}

func (r Records) oneNames() []string {
	if r.kind.Custom() {
		return append([]string{r.table}, r.c.assumed.CustomRecordNames["one"]...)
	}
	return []string{r.kind.Name}
}

// Search finds records. With filters or an order, the fields of the workspace
// are read first (once) to type the filters and to catch unknown fields, which
// Flexie might silently ignore.
func (r Records) Search(ctx context.Context, q Query) (Page, error) {
	resolved, types, err := r.resolve(ctx, q)
	if err != nil {
		return Page{}, err
	}
	page, err := r.search(ctx, resolved, types)
	if refusedByFlexie(err) && !q.plain() {
		page, err = r.searchAfresh(ctx, q, resolved, types, err)
	}
	return page, r.c.assumed.refusal(q, err)
}

func (r Records) search(ctx context.Context, resolved Query, types map[string]string) (Page, error) {
	page, err := r.c.search(ctx, r.kind.Group, r.path(nil), resolved, types, r.listNames()...)
	if len(page.Records) > 0 { // an empty list may be the answer for any name
		r.c.knowledge.used(r.kind, r.table)
	}
	return page, err
}

// Get reads one record.
func (r Records) Get(ctx context.Context, id ID) (Record, error) {
	record, err := r.c.one(ctx, call{endpoint: r.kind.Group + ".get", path: r.path(idParam(id))}, r.oneNames()...)
	if err == nil {
		r.c.knowledge.used(r.kind, r.table)
	}
	return record, err
}

// Create makes a record of field values by alias.
func (r Records) Create(ctx context.Context, values *Object) (Record, error) {
	return r.written(ctx, call{endpoint: r.kind.Group + ".create", path: r.path(nil), body: given(values)})
}

// Update changes the values given of one record.
func (r Records) Update(ctx context.Context, id ID, values *Object) (Record, error) {
	return r.written(ctx, call{endpoint: r.kind.Group + ".update", path: r.path(idParam(id)), body: given(values)})
}

// Edit changes the record that a unique field among the values names.
func (r Records) Edit(ctx context.Context, values *Object) (Record, error) {
	return r.written(ctx, call{endpoint: r.kind.Group + ".edit", path: r.path(nil), body: given(values)})
}

// given is what to send of values: nil are none.
func given(values *Object) *Object {
	if values == nil {
		return NewObject()
	}
	return values
}

// Delete deletes one record.
func (r Records) Delete(ctx context.Context, id ID) error {
	return r.c.deleted(ctx, call{endpoint: r.kind.Group + ".delete", path: r.path(idParam(id))})
}

// FieldCategories lists the categories that the fields are arranged in.
func (r Records) FieldCategories(ctx context.Context) ([]Record, error) {
	return r.c.list(ctx, r.kind.Group+".field_categories", r.path(nil), "categories", "groups")
}

// Lists lists the lists that records of this kind can be in.
func (r Records) Lists(ctx context.Context) ([]Record, error) {
	return r.c.list(ctx, r.kind.Group+".all_lists", r.path(nil), "lists")
}

// FilterLists finds lists by a text in their name. The API page shows this
// endpoint without a parameter; that it takes those of every other list is a
// guess. Assumption: filter-lists-query.
func (r Records) FilterLists(ctx context.Context, q Query) (Page, error) {
	query := url.Values{}
	if q.Search != "" {
		query.Set(r.c.assumed.QueryNames["search"], q.Search)
	}
	r.c.assumed.setPaging(query, q)
	return r.c.page(ctx, call{endpoint: r.kind.Group + ".filter_lists", path: r.path(nil), query: query}, q, "lists")
}

// ListsOf lists the lists that one record is in.
func (r Records) ListsOf(ctx context.Context, id ID) (Page, error) {
	return r.c.whole(ctx, call{endpoint: r.kind.Group + ".record_lists", path: r.path(idParam(id))}, "lists")
}

// NotesOf lists the notes of one record.
func (r Records) NotesOf(ctx context.Context, id ID) (Page, error) {
	return r.c.whole(ctx, call{endpoint: r.kind.Group + ".notes", path: r.path(idParam(id))}, "notes")
}

// WorkflowsOf lists the workflows that one record is in.
func (r Records) WorkflowsOf(ctx context.Context, id ID) (Page, error) {
	return r.c.whole(ctx, call{endpoint: r.kind.Group + ".workflows", path: r.path(idParam(id))}, "workflows")
}

// AddToList puts a record on a list.
func (r Records) AddToList(ctx context.Context, listID, id ID) error {
	return r.onList(ctx, "add_to_list", listID, id)
}

// RemoveFromList takes a record off a list.
func (r Records) RemoveFromList(ctx context.Context, listID, id ID) error {
	return r.onList(ctx, "remove_from_list", listID, id)
}

func (r Records) onList(ctx context.Context, act string, listID, id ID) error {
	path := params{"id": listID.String(), "entityId": id.String()}
	return r.c.succeed(ctx, call{endpoint: r.kind.Group + "." + act, path: r.path(path)})
}
