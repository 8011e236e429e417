package prompts

var chaseOverdueTasks = Prompt{
	Name: "chase_overdue_tasks", Title: "Chase overdue tasks",
	Description: "Go through the tasks that are overdue and settle each: done, moved to a new day, or handed on.",
	Arguments: []Argument{
		{Name: "owner", Description: "Whose tasks, by the user's name, or everybody.", from: named(users), otherwise: "the current user's"},
	},
	Tools: []string{
		"get_current_user", "search_users", "search_tasks",
		"get_contact", "get_lead", "get_account", "get_deal", "get_case", "complete_task", "update_task",
	},
	steps: []string{
		findOwner + " Not given: get_current_user. If it says everybody, leave owner_id out of the filters.",
		"search_tasks with filters is_completed is false, due_date lt today, owner_id is that id; order_by due_date, order asc, limit 100.",
		"Where the task alone does not say what it is about, read the record that association_type and association_id name: get_contact, get_lead, get_account, get_deal or get_case. At most ten.",
		"For each propose one: done, because the record shows it; a new day; or somebody else's.",
		"After the yes: complete_task, or update_task with due_date or owner_id.",
	},
	show: "how many are overdue and since when the oldest, then a table: id, task, record, days late, owner, proposal and why.",
	ask:  "Ask before you change anything: the user may say yes to all, or to single ids. Mark nothing as done on a guess.",
}
