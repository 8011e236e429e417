package tools

import (
	"context"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

func formTools() []Tool {
	return []Tool{
		searchForms(),
		getTool(resources.Form, "Read one form by id, with its fields.", (*flexie.Client).Form),
	}
}

// searchForms takes no filters: the API has no POST for forms.
func searchForms() Tool {
	return define(Tool{
		Name: "search_forms", Title: "Search forms", Act: Read, Toolset: "forms", Endpoints: []string{"forms.list"},
		Description: "Find forms by text.",
	}, func(ctx context.Context, c *flexie.Client, a findArgs) (resources.Answer, error) {
		page, err := c.SearchForms(ctx, a.query())
		return resources.ListAnswer(resources.Form, page, a.query(), nil), err
	})
}
