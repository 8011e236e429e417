package prompts

// who is a person or company that a call is with.
func who(description string) Argument {
	return Argument{Name: "who", Description: description, Required: true, from: named(contacts, leads, accounts)}
}

const findWho = "Find who. If it ends in a kind and an id, like (contact 42), that is the record. Else call search_contacts, search_leads and search_accounts with the name as search; where a full name finds nothing, with the last name. If several fit, ask which."

var prepareCall = Prompt{
	Name: "prepare_call", Title: "Prepare a call",
	Description: "Prepare a call with a contact, lead or account: who they are, what is open, what to ask.",
	Arguments: []Argument{
		who("Contact, lead or account to call, by name."),
		{Name: "about", Description: "What the call is about.", otherwise: "everything that is open"},
	},
	Tools: []string{
		"search_contacts", "search_leads", "search_accounts", "get_contact", "get_lead", "get_account",
		"describe_deal_fields", "describe_case_fields", "search_deals", "search_cases", "get_case_replies", "search_tasks",
	},
	steps: []string{
		findWho,
		"Read it with get_contact, get_lead or get_account, include notes.",
		"describe_deal_fields, describe_case_fields: which fields name a contact or account? search_deals and search_cases with these as filters and its id, and that of its company; without such fields, with the company's name as search.",
		"get_case_replies of open cases, at most three.",
		"search_tasks with filters association_type is the kind, association_id is the id, is_completed is false.",
	},
	show: "half a page: who they are; when we last spoke and what was agreed; open deals with amount and stage; open cases and who waits for whom; open tasks; three things to ask, fitting about. Give ids. Say what is not known rather than guess.",
	ask:  readsOnly,
}

var logCall = Prompt{
	Name: "log_call", Title: "Log a call",
	Description: "Write down a call: a note on the record, and a task for each thing promised.",
	Arguments: []Argument{
		who("Contact, lead or account of the call, by name."),
		{Name: "said", Description: "What was said and agreed, in your own words.", Required: true, long: true},
		{Name: "when", Description: "When it was, e.g. today 14:00.", choices: []string{"just now", "this morning", "yesterday"}, otherwise: "just now"},
	},
	Tools: []string{"search_contacts", "search_leads", "search_accounts", "get_current_user", "add_note", "create_task"},
	steps: []string{
		findWho,
		"Write the note from said alone: what it was about, what was agreed, what comes next. If said ends in …, it was cut: ask for the rest.",
		"List what we promised, each with a day. Ask for a day that is missing.",
		"After the yes: add_note with entity_type, entity_id, text, type call and datetime.",
		"For each promise create_task with task, due_date, association_type, association_id, and owner_id from get_current_user.",
	},
	show: "the note and the tasks as they will be saved, and on which record; afterwards their ids.",
	ask:  "Ask before you save: show it all, and wait for the user's yes.",
}
