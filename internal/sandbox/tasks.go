package sandbox

// taskFields are a task's attributes, by the names of Flexie's page.
// Guess: category is a number, and date_completed is what says when.
var taskFields = []field{
	{alias: "task", typ: "text", required: true},
	{alias: "owner_id", typ: "owner", target: "user"},
	{alias: "due_date", typ: "datetime"},
	{alias: "association_type", typ: "text"},
	{alias: "association_id", typ: "number"},
	{alias: "reminder_type", typ: "select", options: []string{"email", "popup", "sms"}},
	{alias: "remind_minutes", typ: "number"},
	{alias: "category", typ: "lookup", target: "category"},
	{alias: "is_completed", typ: "boolean", initial: false},
	{alias: "date_completed", typ: "datetime", readOnly: true},
}

// finishTask checks what a task is about, gives it an owner, and notes when it
// was done.
func finishTask(c *call, it *item, bad problems) error {
	if isEmpty(it.data["owner_id"]) {
		it.data["owner_id"] = number64(c.user.id)
	}
	done := it.data["is_completed"] == true
	switch {
	case !done:
		it.data["date_completed"] = nil
	case isEmpty(it.data["date_completed"]):
		it.data["date_completed"] = max(it.created, it.modified)
	}
	return c.checkAssociation(it, bad)
}

// checkAssociation: a task is about an existing record, or about none.
func (c *call) checkAssociation(it *item, bad problems) error {
	name, id := it.data["association_type"], it.data["association_id"]
	switch {
	case isEmpty(name) && isEmpty(id):
		return nil
	case isEmpty(name) || isEmpty(id):
		bad.add("association_id", "association_type and association_id go together.")
		return nil
	}
	k := recordKind(name)
	if k == nil {
		bad.add("association_type", "%s is not a kind of record.", shown(name))
		return nil
	}
	ok, err := c.exists(k.table, integer(id))
	if err == nil && !ok {
		bad.add("association_id", "No %s has the id %s.", shown(name), shown(id))
	}
	return err
}

func completeTask(c *call) (any, error) { return c.setCompleted(true) }
func reopenTask(c *call) (any, error)   { return c.setCompleted(false) }

func (c *call) setCompleted(done bool) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	return c.change(it, values{"is_completed": done})
}
