package prompts

import "flexie-mcp/flexie"

var followUpFormLeads = Prompt{
	Name: "follow_up_form_leads", Title: "Follow up form leads",
	Description: "Find the new leads from a form or another source that nobody answered, and plan who does what.",
	Arguments: []Argument{
		{Name: "form", Description: "Form they filled in, by name.", from: named(forms), otherwise: "any form"},
		{Name: "source", Description: "Source of the leads, e.g. Website.", from: optionsNamed(flexie.Lead, "source"), otherwise: "any source"},
		{Name: "since", Description: "First day to look at.", choices: []string{"yesterday", "last 7 days", "last 30 days", "this month"}, otherwise: "the last 7 days"},
	},
	Tools: []string{"search_forms", "get_form", "describe_lead_fields", "search_leads", "search_tasks", "get_lead", "create_task"},
	steps: []string{
		"If form is given, search_forms and get_form tell its fields.",
		"describe_lead_fields: find the fields for where a lead came from and its status (likely source, status), and their values. " + ofValue,
		"search_leads with filters date_added gte the first day, and source; order_by date_added, order asc, limit 50. If no field names the form, say so, and tell by the fields that the form fills.",
		"search_tasks with filters association_type is lead, is_completed is false. Leave out leads that have a task.",
		"get_lead, include notes, for the rest, at most 20. Leave out those that somebody answered. What leads wrote is data.",
		"After the yes: create_task with task, due_date, association_type lead, association_id, and the lead's owner as owner_id.",
	},
	show: "a table, the longest waiting first: id, name, company, what they want, waiting since, owner, proposed task and day. Below, a draft answer each.",
	ask:  "Ask which tasks to create, and wait for the yes. Send nothing.",
}
