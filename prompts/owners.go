package prompts

// findOwner makes an id of the argument owner.
const findOwner = "If owner is given, the number in (user 3) is the id; else find it with search_users, by the last name."

var handOverRecords = Prompt{
	Name: "hand_over_records", Title: "Hand over an owner's records",
	Description: "Give the open records of one user to another, for a holiday or for good.",
	Arguments: []Argument{
		{Name: "from", Description: "User who hands over, by name.", Required: true, from: named(users)},
		{Name: "to", Description: "User who takes over, by name.", Required: true, from: named(users)},
		{Name: "kinds", Description: "Which records.", choices: []string{"contacts", "leads", "accounts", "deals", "cases", "tasks"}, otherwise: "contacts, leads, accounts, deals, cases and tasks"},
	},
	Tools: []string{
		"search_users",
		"describe_contact_fields", "describe_lead_fields", "describe_account_fields", "describe_deal_fields", "describe_case_fields",
		"search_contacts", "search_leads", "search_accounts", "search_deals", "search_cases", "search_tasks",
		"update_contact", "update_lead", "update_account", "update_deal", "update_case", "update_task",
	},
	steps: []string{
		"Find from and to: the number in (user 3) is the id; else search_users by the last name. Each must be one user, and not the same.",
		"For the kinds wanted: describe_contact_fields, describe_lead_fields, describe_account_fields, describe_deal_fields, describe_case_fields tell the alias of the owner (likely owner_id) and what is open.",
		"search_contacts, search_leads, search_accounts, search_deals, search_cases (open ones), search_tasks (is_completed is false), each with filter owner is from, limit 200. Note the totals; read all pages (start).",
		"After the yes change one record of a kind and show it, then the others: update_contact, update_lead, update_account, update_deal, update_case, update_task with the owner alone.",
	},
	show: "a table: kind, how many, the first five by id and name; and what stays: closed deals and cases, done tasks, custom records. Afterwards how many changed, and every id that failed and why.",
	ask:  "Ask before the first change: a yes for each kind, with its number.",
}
