package prompts

var weeklyReport = Prompt{
	Name: "weekly_report", Title: "Weekly report",
	Description: "Report a week: new leads, deals won and lost, cases, tasks, and what is next.",
	Arguments: []Argument{
		{Name: "owner", Description: "For whom, by the user's name.", from: named(users), otherwise: "the whole team"},
		{Name: "week", Description: "Which week, e.g. last week, or a day in it.", choices: []string{"this week", "last week"}, otherwise: "this week so far"},
	},
	Tools: []string{
		"search_users", "describe_lead_fields", "describe_deal_fields", "describe_case_fields",
		"search_leads", "search_deals", "search_cases", "search_tasks",
	},
	steps: []string{
		"Turn week into its first and last day, Monday to Sunday. " + findOwner + " Filter everything by it.",
		"describe_lead_fields, describe_deal_fields, describe_case_fields: the aliases and values of owner, status, amount, close date (likely owner_id, status, amount, close_date).",
		"search_leads, search_cases: filters date_added gte the first day, lt the day after the last; the same for the week before. The first line has the total: limit 1 will do.",
		"search_deals: won or lost with close date in the week; open ones that close next week.",
		"search_cases: open, oldest first. search_tasks: is_completed is false, due_date lt today.",
	},
	show: "one page: the week's numbers beside those of the week before; three things that went well, three that need help, with ids; next week; the filters behind each number. If a number can't be had, say so: never estimate.",
	ask:  readsOnly,
}
