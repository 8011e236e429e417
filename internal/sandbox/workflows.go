package sandbox

var workflowFields = []field{
	{alias: "name", typ: "text", required: true},
	{alias: "description", typ: "textarea"},
	{alias: "category", typ: "lookup", target: "category"},
	{alias: "runtime", typ: "select", options: []string{"async", "sync"}},
	{alias: "entity", typ: "text", readOnly: true},
	published,
}

var categoryFields = []field{
	{alias: "title", typ: "text", required: true},
	{alias: "alias", typ: "text"},
	{alias: "color", typ: "text"},
	{alias: "bundle", typ: "text"},
}

// recordWorkflows answers the workflows that a record is in.
func recordWorkflows(c *call) (any, error) {
	return c.linked(workflows, inWorkflow(c.kind))
}

// listCategories answers the categories of tasks or of workflows. Guess: their
// ids are of one sequence, as Mautic's are.
func listCategories(c *call) (any, error) {
	q, err := c.query(categories, listRequest{})
	if err != nil {
		return nil, err
	}
	q.order = "id"
	q.and(`data ->> 'bundle' = ?`, c.kind.table)
	return c.answerPage(categories, q)
}
