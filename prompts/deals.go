package prompts

import "flexie-mcp/flexie"

var reviewPipeline = Prompt{
	Name: "review_pipeline", Title: "Review the pipeline",
	Description: "Review the open deals: sums by stage, what closes soon, what is stuck.",
	Arguments: []Argument{
		{Name: "pipeline", Description: "Only this pipeline.", from: optionsNamed(flexie.Deal, "pipeline"), otherwise: "all, each on its own"},
		{Name: "owner", Description: "Whose deals, by the user's name.", from: named(users), otherwise: "everybody's"},
	},
	Tools: []string{"describe_deal_fields", "search_users", "search_deals", "get_deal"},
	steps: []string{
		"describe_deal_fields: find the aliases of pipeline, stage, status, amount, close date and owner (likely pipeline_id, stage_id, status, amount, close_date, owner_id), and their values. " + ofValue,
		findOwner,
		"search_deals with filters for open deals, pipeline and owner, these columns, limit 200. Read all pages (start) before you add up.",
		"Mark as stuck: close date past, no amount, no close date, or date_modified more than 14 days ago.",
		"get_deal with include notes for the five largest of them.",
	},
	show: "a table by stage: number, sum of amount (currencies apart). Then what closes in the next 14 days; what is stuck: id, name, amount, owner, why, next step. Last the filters used and how many deals were read.",
	ask:  readsOnly,
}
