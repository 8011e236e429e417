package sandbox

// listFieldsOf are the attributes of a list (Mautic: a segment) of records.
var listFieldsOf = []field{
	{alias: "name", typ: "text", required: true},
	{alias: "alias", typ: "text"},
	{alias: "description", typ: "textarea"},
	published,
}

// allLists answers .../list/lists: every list of a kind. Guess: in the classic
// dialect it is a bare array, as Mautic's list of segments is.
func allLists(c *call) (any, error) {
	q := &query{order: "id", limit: largestLimit}
	items, total, err := c.page(c.kind.lists, q)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, it := range items {
		body, err := c.render(it)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{it.id, body})
	}
	if c.dialect.keyed {
		return array(entries), nil
	}
	return c.dialect.list("lists", total, entries), nil
}

// filterLists answers .../lists: lists by search and page, as records are.
func filterLists(c *call) (any, error) {
	q, err := c.query(c.kind.lists, listRequest{})
	if err != nil {
		return nil, err
	}
	q.order = "id"
	return c.answerPage(c.kind.lists, q)
}

// recordLists answers the lists that a record is in.
func recordLists(c *call) (any, error) {
	return c.linked(c.kind.lists, inList(c.kind))
}

// linked answers what points at a record: its lists, or its workflows.
func (c *call) linked(k *kind, relation string) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	q, err := c.query(k, listRequest{})
	if err != nil {
		return nil, err
	}
	q.order = "id"
	q.and(`id IN (SELECT parent FROM link WHERE relation = ? AND child = ?)`, relation, it.id)
	return c.answerPage(k, q)
}

func addToList(c *call) (any, error) {
	return c.inList(`INSERT OR IGNORE INTO link VALUES (?, ?, ?)`)
}

func removeFromList(c *call) (any, error) {
	return c.inList(`DELETE FROM link WHERE relation = ? AND parent = ? AND child = ?`)
}

// inList links the list and the record of the path, or unlinks them. Doing
// either twice is no mistake.
func (c *call) inList(statement string) (any, error) {
	list, err := c.named(c.kind.lists, "id")
	if err != nil {
		return nil, err
	}
	record, err := c.named(c.kind, "entityId")
	if err != nil {
		return nil, err
	}
	if _, err := c.tick(); err != nil {
		return nil, err
	}
	if _, err := c.Exec(statement, inList(c.kind), list.id, record.id); err != nil {
		return nil, err
	}
	return c.dialect.done(), nil
}
