package sandbox

import "slices"

// segment is a list of records, and who belongs to it in the seed.
type segment struct {
	kind              *kind
	id                int64
	name, description string
	has               func(*item) bool
}

func where(alias string, wanted ...any) func(*item) bool {
	return func(it *item) bool { return slices.Contains(wanted, it.data[alias]) }
}

var segments = []segment{
	{contacts, 1, "Newsletter", "Agreed to the monthly newsletter", where("newsletter", true)},
	{contacts, 2, "Customers", "Contacts at paying companies", where("status", "Customer")},
	{contacts, 3, "VIP", "Decision makers at key accounts", func(it *item) bool { return slices.Contains([]int64{1, 2, 5, 11, 17, 25, 42}, it.id) }},
	{contacts, 4, "Win back", "Former customers", where("status", "Former customer")},
	{contacts, 42, "Summer webinar", "Invited to the webinar of 9 July", func(it *item) bool { return it.id%4 == 0 }},
	{leads, 1, "Hot leads", "To call this week", where("status", "Qualify")},
	{leads, 2, "Nurture", "Gets a mail a month", where("status", "Nurture")},
	{leads, 42, "Trade fair 2026", "Met at the stand", where("source", "Event")},
	{accounts, 1, "Key accounts", "Reviewed each quarter", func(it *item) bool { return integer(it.data["annual_revenue"]) > 40000000 }},
	{accounts, 2, "Partners", "Resellers", where("status", "Partner")},
	{accounts, 42, "Benelux and UK", "Looked after from Rotterdam", where("billing_country", "Netherlands", "United Kingdom")},
	{deals, 1, "Closing this month", "For the Monday meeting", func(it *item) bool { d, _ := it.data["close_date"].(string); return d >= day(0) && d <= day(8) }},
	{deals, 2, "At risk", "Nobody answers", func(it *item) bool { return slices.Contains([]int64{9, 18, 41}, it.id) }},
	{deals, 42, "Board deals", "Above 50,000", func(it *item) bool { return integer(it.data["amount"]) > 50000 }},
	{cases, 1, "Escalated", "Seen by the head of support daily", where("internalStatus", "escalated")},
	{cases, 2, "Acme", "All cases of Acme Logistics", where("account_id", int64(1))},
	{cases, 42, "Outage 22 June", "Login and codes", func(it *item) bool { return slices.Contains([]int64{23, 42}, it.id) }},
	{subscriptions, 1, "Renewing soon", "Within 30 days", func(it *item) bool { d, _ := it.data["renews_on"].(string); return d >= day(0) && d <= day(30) }},
	{subscriptions, 42, "Enterprise plans", "", where("plan", "Enterprise")},
	{equipment, 1, "In repair", "", where("status", "In repair")},
	{equipment, 42, "Out of warranty", "", where("under_warranty", false)},
}

func seedLists() []*item {
	var items []*item
	for _, s := range segments {
		it := planted(s.kind.lists, s.id, 200-int(s.id), values{"name": s.name, "alias": alias(s.name), "description": orNullText(s.description), "isPublished": true})
		items = append(items, it)
	}
	return items
}

func seedMembers() []link {
	seeded := map[*kind][]*item{contacts: seedContacts(), leads: seedLeads(), accounts: seedAccounts(), deals: seedDeals(),
		cases: seedCases(), subscriptions: seedSubscriptions(), equipment: seedEquipment()}
	var links []link
	for _, s := range segments {
		for _, it := range seeded[s.kind] {
			if s.has(it) {
				links = append(links, link{inList(s.kind), s.id, it.id})
			}
		}
	}
	return links
}
