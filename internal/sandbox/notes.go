package sandbox

var noteFields = []field{
	{alias: "text", typ: "textarea", required: true},
	{alias: "type", typ: "select", options: []string{"general", "call", "meeting", "email"}, initial: "general"},
	{alias: "datetime", typ: "datetime", as: "dateTime"},
	{alias: "entity_type", typ: "text", as: "entityType", readOnly: true},
	{alias: "entity_id", typ: "number", as: "entityId", readOnly: true},
}

// recordNotes answers the notes of a record, the newest first.
func recordNotes(c *call) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	q, err := c.query(notes, listRequest{})
	if err != nil {
		return nil, err
	}
	q.order = `data ->> 'datetime' DESC, id DESC`
	q.and(`data ->> 'entity_type' = ? AND data ->> 'entity_id' = ?`, it.kind.table, it.id)
	return c.answerPage(notes, q)
}

// createNote puts a note on the record of the path, which the caller must be
// allowed to see. A note without a time is of now.
func createNote(c *call) (any, error) {
	k := recordKind(c.path["entityType"])
	if k == nil {
		return nil, notFound("Notes can't be put on a %q.", c.path["entityType"])
	}
	if err := c.need(k, "view"); err != nil {
		return nil, err
	}
	record, err := c.named(k, "entityId")
	if err != nil {
		return nil, err
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.createWith(notes, body, values{"entity_type": k.table, "entity_id": number64(record.id)})
}

// finishNote gives a note its time.
func finishNote(_ *call, it *item, _ problems) error {
	if isEmpty(it.data["datetime"]) {
		it.data["datetime"] = it.created
	}
	return nil
}
