package sandbox

var savedReports = []struct {
	id                        int64
	name, description, source string
}{
	{1, "Open pipeline by stage", "How many deals, and what they are worth", "deals"},
	{2, "Won deals by month", "By close date", "deals"},
	{3, "Open cases by priority", "What support has to do", "cases"},
	{4, "Leads by status and source", "Where leads come from", "leads"},
	{5, "Overdue tasks by owner", "Open and past their due date", "tasks"},
	{42, "Accounts by open pipeline", "The largest first", "accounts"},
}

func seedReports() []*item {
	var items []*item
	for _, r := range savedReports {
		items = append(items, planted(reports, r.id, 150-int(r.id), values{"name": r.name, "description": r.description, "source": r.source, "isPublished": true}))
	}
	return items
}

// reportQueries are what the reports compute, by id. The table stage(id, name)
// and the parameter :now are there for them.
var reportQueries = map[int64]report{
	1: {[]string{"Stage", "Deals", "Amount"}, `
		SELECT stage.name AS stage, count(*) AS deals, sum(data ->> 'amount') AS amount
		FROM item JOIN stage ON stage.id = data ->> 'stage_id'
		WHERE kind = 'deal' AND data ->> 'status' = 'Open' GROUP BY stage.id ORDER BY stage.id`},
	2: {[]string{"Month", "Deals", "Amount"}, `
		SELECT substr(data ->> 'close_date', 1, 7) AS month, count(*) AS deals, sum(data ->> 'amount') AS amount
		FROM item WHERE kind = 'deal' AND data ->> 'status' = 'Won' GROUP BY 1 ORDER BY 1`},
	3: {[]string{"Priority", "Public status", "Cases"}, `
		SELECT data ->> 'priority' AS priority, data ->> 'public_status' AS public_status, count(*) AS cases
		FROM item WHERE kind = 'case' AND data ->> 'internalStatus' <> 'closed' GROUP BY 1, 2
		ORDER BY instr('Urgent,High,Medium,Low', data ->> 'priority'), 2`},
	4: {[]string{"Status", "Source", "Leads"}, `
		SELECT data ->> 'status' AS status, data ->> 'source' AS source, count(*) AS leads
		FROM item WHERE kind = 'lead' GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2`},
	5: {[]string{"Owner", "Tasks", "Oldest"}, `
		SELECT user.data ->> 'firstName' || ' ' || (user.data ->> 'lastName') AS owner, count(*) AS tasks, min(task.data ->> 'due_date') AS oldest
		FROM item AS task LEFT JOIN item AS user ON user.kind = 'user' AND user.id = task.data ->> 'owner_id'
		WHERE task.kind = 'task' AND NOT (task.data ->> 'is_completed') AND task.data ->> 'due_date' < :now
		GROUP BY user.id ORDER BY tasks DESC, user.id`},
	42: {[]string{"Account", "Open deals", "Amount"}, `
		SELECT account.data ->> 'name' AS account, count(*) AS deals, sum(deal.data ->> 'amount') AS amount
		FROM item AS deal JOIN item AS account ON account.kind = 'account' AND account.id = deal.data ->> 'account_id'
		WHERE deal.kind = 'deal' AND deal.data ->> 'status' = 'Open' GROUP BY account.id ORDER BY amount DESC, account.id`},
}
