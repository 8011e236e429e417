package tools

import (
	"context"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

func workflowTools() []Tool {
	n := resources.Workflow
	return []Tool{
		searchTool(n, "Find workflows (automations), e.g. by name.", (*flexie.Client).SearchWorkflows),
		getTool(n, "Read one workflow: what it does, whether it is on.", (*flexie.Client).Workflow),
		updateWorkflow(),
		deleteTool(workflowSubject, "Delete a workflow for good: what it automates stops.", (*flexie.Client).DeleteWorkflow),
		categoriesTool(n, "List workflow categories, for update_workflow.", (*flexie.Client).WorkflowCategories),
	}
}

func updateWorkflow() Tool {
	type args struct {
		idArg
		Name        *string `json:"name"`
		Description *string `json:"description"`
		Category    ref     `json:"category" doc:"Its id or name."`
		IsPublished *bool   `json:"is_published" doc:"Whether it runs."`
		Runtime     *string `json:"runtime" doc:"E.g. async."`
	}
	return defineWrite(Tool{
		Name: "update_workflow", Title: "Update workflow", Act: Change, Toolset: "workflows", Endpoints: []string{"workflows.update"},
		Description: "Change what is given of a workflow; is_published starts or stops it for everyone.",
	}, func(ctx context.Context, c *flexie.Client, a args) (Write, error) {
		category, err := a.Category.optional(ctx, "category", c.WorkflowCategoryID)
		if err != nil {
			return Write{}, err
		}
		w := flexie.Workflow{Name: a.Name, Description: a.Description, Category: category, IsPublished: a.IsPublished, Runtime: a.Runtime}
		if w == (flexie.Workflow{}) {
			return Write{}, wrong("nothing to change: give name, description, category, is_published or runtime")
		}
		return planUpdate(ctx, c, workflowSubject, a.ID, w, func(ctx context.Context) (flexie.Record, error) {
			return c.UpdateWorkflow(ctx, a.ID, w)
		})
	})
}
