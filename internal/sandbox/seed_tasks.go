package sandbox

// chores are the tasks, from 1 on: what, about which record, due in how many
// days at which hour, whether done, by whom.
var chores = []struct {
	task   string
	kind   *kind
	record int64
	due, h int
	done   bool
	owner  int64
}{
	{"Call Pieter about the contract", deals, 1, 0, 14, false, 3},
	{"Send Ana the renewal quote", deals, 31, -3, 12, false, 3},
	{"Prepare the demo for Zieliński's night shift", deals, 15, 2, 17, false, 4},
	{"Ask Lars for a second reference", deals, 3, -6, 10, false, 42},
	{"Book the flight to Stuttgart", deals, 6, 4, 9, false, 3},
	{"Translate the Sakura proposal", deals, 8, 8, 16, false, 4},
	{"Check the discount for Brasa", deals, 12, 0, 11, false, 2},
	{"Fill in Atlas Medical's security questionnaire", deals, 17, -1, 18, false, 42},
	{"Congratulate Marta on the launch", contacts, 4, -18, 10, true, 2},
	{"Introduce Ananya to the support team", contacts, 22, -9, 15, true, 3},
	{"Call Grace about single sign-on", contacts, 18, 1, 15, false, 42},
	{"Find out who follows Matteo", contacts, 36, 12, 10, false, 42},
	{"Follow up with Mohammed", leads, 3, 0, 10, false, 2},
	{"Send Hye-jin the questionnaire", leads, 6, -2, 9, false, 42},
	{"Call Sara at Acme Ventures", leads, 9, 1, 11, false, 4},
	{"Qualify Oliver Grant", leads, 1, 3, 10, false, 4},
	{"Answer Pedro in Spanish", leads, 10, -4, 13, true, 42},
	{"Invite Chiara to the webinar", leads, 39, 6, 12, false, 2},
	{"Find the broken trackers' batch number", cases, 1, 0, 16, false, 6},
	{"Ship a new terminal to line 4", cases, 6, -1, 12, false, 5},
	{"Call Beatriz about the late alarm", cases, 10, 0, 16, false, 5},
	{"Check the mail domain of Illyria", cases, 28, 2, 10, false, 5},
	{"Ask the operator about Sydney", cases, 23, -2, 8, true, 6},
	{"Write the incident report for Bluewave", cases, 42, 3, 12, false, 5},
	{"Send the list of subprocessors", cases, 41, 1, 12, false, 6},
	{"Yearly review with Acme", accounts, 1, 9, 10, false, 3},
	{"Yearly review with Nordlys", accounts, 3, 23, 10, false, 42},
	{"Update the address of Zieliński", accounts, 10, -12, 9, true, 4},
	{"Ask Kaveri for their certification", accounts, 13, 15, 14, false, 3},
	{"Win Fattoria Verdi back?", accounts, 19, 40, 10, false, 42},
	{"Order gateways for hall C", equipment, 2, 5, 9, false, 5},
	{"Collect handheld 7", equipment, 3, 1, 9, false, 6},
	{"Renew Bluewave Team", subscriptions, 2, 4, 15, false, 4},
	{"Talk to Elira about the pause", subscriptions, 11, -5, 11, false, 4},
	{"Clean up the newsletter list", nil, 0, 7, 17, false, 1},
	{"Prepare the Monday meeting", nil, 0, 0, 9, true, 2},
	{"Quarterly forecast", nil, 0, 8, 12, false, 2},
	{"Order business cards", nil, 0, -20, 12, true, 42},
	{"Onboard the new support colleague", nil, 0, 10, 9, false, 1},
	{"Back up the reports", nil, 0, -7, 18, true, 7},
	{"Call Charlotte about the PO number", contacts, 43, -8, 11, true, 4},
	{"Call the customer to confirm renewal terms", contacts, 47, 3, 14, false, 3},
	{"Send Jim the scanner prices", contacts, 47, -1, 15, false, 3},
	{"Thank Olivia for the reference", contacts, 27, 0, 17, false, 42},
	{"Close the lost deal with Brasa's finance", deals, 13, -10, 10, true, 2},
	{"Plan the visit of Sigríður", deals, 28, 6, 9, false, 2},
	{"Check stage of Harbour & Finch renewal", deals, 39, 2, 10, false, 42},
	{"Remind Elira of the renewal", deals, 41, -4, 10, false, 4},
}

func seedTasks() []*item {
	var items []*item
	for i, p := range chores {
		id := int64(i + 1)
		data := values{"task": p.task, "owner_id": p.owner, "due_date": hour(p.due, p.h), "is_completed": p.done, "category": cycle([]int64{1, 2, 3, 4}, id)}
		if p.kind != nil {
			data["association_type"], data["association_id"] = p.kind.table, p.record
		}
		if id%4 == 2 {
			data["reminder_type"], data["remind_minutes"] = "email", int64(30)
		}
		it := planted(tasks, id, 5+max(0, -p.due)+int(id%11), data)
		if p.done {
			it.modified, it.modifiedBy = hour(min(p.due, -1), max(8, p.h-1)), p.owner
			data["date_completed"] = it.modified
		}
		items = append(items, it)
	}
	return items
}
