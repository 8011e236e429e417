package sandbox

import (
	"strings"
	"unicode"
)

// alias is a name as addresses have it: "Hot leads" is hot-leads.
func alias(name string) string {
	between := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	parts := strings.FieldsFunc(fold(name), between)
	for i, part := range parts {
		parts[i] = ascii.Replace(part)
	}
	return strings.Join(parts, "-")
}

var seededCategories = []struct {
	id                   int64
	title, color, bundle string
}{
	{1, "Call", "1a73e8", "task"}, {2, "Email", "34a853", "task"}, {3, "Meeting", "fbbc04", "task"}, {4, "To do", "9aa0a6", "task"},
	{10, "Sales", "1a73e8", "workflow"}, {11, "Support", "ea4335", "workflow"}, {12, "Onboarding", "34a853", "workflow"},
}

func seedCategories() []*item {
	var items []*item
	for _, c := range seededCategories {
		items = append(items, planted(categories, c.id, 800, values{"title": c.title, "alias": alias(c.title), "color": c.color, "bundle": c.bundle}))
	}
	return items
}

// automations are the workflows; members are the records that are in them.
var automations = []struct {
	id                int64
	name, description string
	category          int64
	runtime           string
	kind              *kind
	on                bool
	members           []int64
}{
	{1, "New lead: assign and greet", "Gives a new lead an owner and sends the first mail", 10, "async", leads, true, []int64{1, 5, 10, 13, 42}},
	{2, "Deal won: create subscription", "Makes a subscription of a won deal", 10, "sync", deals, true, []int64{5, 10, 14}},
	{3, "Renewal reminder", "Reminds the owner 60, 30 and 7 days before", 10, "async", deals, true, []int64{31, 32, 33, 42}},
	{4, "Urgent case: escalate", "Tells the head of support at once", 11, "sync", cases, true, []int64{6, 10, 23, 42}},
	{5, "Case resolved: ask for satisfaction", "Mails a survey a day later", 11, "async", cases, true, []int64{2, 3}},
	{6, "Customer onboarding", "Five mails in three weeks", 12, "async", contacts, true, []int64{17, 42, 47}},
	{7, "Win back", "Switched off since May", 10, "async", contacts, false, []int64{35, 36}},
	{8, "Key account review", "Makes a task each quarter", 10, "async", accounts, true, []int64{1, 3, 5, 42}},
	{9, "Subscription renewal", "Sends the invoice a week before", 10, "async", subscriptions, true, []int64{1, 2, 42}},
	{10, "Service due", "Makes a task for the technician", 11, "async", equipment, true, []int64{2, 5, 42}},
	{42, "VIP lead onboarding", "Send a welcome sequence to new VIP leads", 12, "async", leads, true, []int64{3, 6, 42}},
}

func seedWorkflows() []*item {
	var items []*item
	for _, a := range automations {
		items = append(items, planted(workflows, a.id, 300-int(a.id)*5, values{"name": a.name, "description": a.description,
			"category": a.category, "runtime": a.runtime, "entity": a.kind.table, "isPublished": a.on}))
	}
	return items
}

func seedEnrolments() []link {
	var links []link
	for _, a := range automations {
		for _, id := range a.members {
			links = append(links, link{inWorkflow(a.kind), a.id, id})
		}
	}
	return links
}
