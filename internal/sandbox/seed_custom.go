package sandbox

import (
	"encoding/json"
	"fmt"
)

// subscribed are the subscriptions: id, name, account, contact, status, yearly
// amount, plan, seats, days until the renewal.
var subscribed = []struct {
	id               int64
	name             string
	account, contact int64
	status           string
	amount           int64
	plan             string
	seats            int64
	renews           int
}{
	{1, "Acme Logistics Enterprise", 1, 1, "won", 36000, "Enterprise", 120, 19},
	{2, "Bluewave Team", 2, 43, "won", 18000, "Team", 60, 5},
	{3, "Nordlys Enterprise", 3, 2, "won", 52000, "Enterprise", 210, 66},
	{4, "Café Bahía Starter", 4, 4, "won", 2400, "Starter", 8, 150},
	{5, "Müller Enterprise", 5, 5, "won", 41000, "Enterprise", 140, 355},
	{6, "Okonkwo Team", 7, 10, "won", 8800, "Team", 30, 120},
	{7, "Brasa Enterprise", 8, 50, "open", 27000, "Enterprise", 95, 13},
	{8, "Hygge Starter", 9, 13, "won", 3600, "Starter", 12, 340},
	{9, "Zieliński Team", 10, 15, "won", 9900, "Team", 34, 44},
	{10, "Harbour & Finch Team", 15, 27, "open", 14700, "Team", 48, 3},
	{11, "Illyria Starter", 18, 33, "paused", 2400, "Starter", 8, -4},
	{12, "Fattoria Verdi Starter", 19, 35, "lost", 2800, "Starter", 9, -50},
	{13, "Maple Ridge Team", 14, 25, "won", 23500, "Team", 80, 38},
	{42, "Acme Renewal 2026 (revised)", 1, 23, "open", 4800, "Team", 16, 60},
}

func seedSubscriptions() []*item {
	var items []*item
	for _, s := range subscribed {
		data := values{
			"name": s.name, "status": s.status, "amount": s.amount, "account_id": s.account, "contact_id": s.contact, "plan": s.plan,
			"seats": s.seats, "starts_on": day(s.renews - 365), "renews_on": day(s.renews), "auto_renew": s.status == "won",
			"billing_email": "billing@" + companyOf(s.account).domain, "owner_id": sellerOf(s.account),
			"portal": "https://portal.flexie-demo.example/" + fmt.Sprint(7000+s.id),
		}
		if s.plan != "Starter" {
			data["add_ons"] = two(addOns, s.id)
		}
		items = append(items, planted(subscriptions, s.id, 40+int(s.id)*6, data))
	}
	return items
}

// installed are the pieces of equipment, from 1 on; the last one has the id 42.
var installed = []struct {
	name    string
	account int64
	status  string
	price   string
	remarks string
}{
	{"Gateway hall A", 1, "Installed", "1890.00", ""},
	{"Gateway hall B", 1, "Installed", "1890.00", "Mounted under the roof; needs a lift."},
	{"Handheld 7", 1, "In repair", "640.50", "Black screen after a fall."},
	{"Cold room sensor 12", 8, "Installed", "219.90", "Clock drifts; replace the gateway first."},
	{"Terminal line 4", 5, "In repair", "2450.00", "Red light, does not start."},
	{"Terminal line 5", 5, "Installed", "2450.00", ""},
	{"Kitchen tablet", 4, "Installed", "389.00", ""},
	{"Label printer 1", 14, "In stock", "720.00", "Delivery promised for 12 June."},
	{"Label printer 2", 14, "In stock", "720.00", "Delivery promised for 12 June."},
	{"Shop counter Lyon", 12, "Installed", "1120.75", ""},
	{"Truck unit PZ-118", 10, "Installed", "845.00", ""},
	{"Truck unit PZ-097", 10, "Retired", "845.00", "Truck sold."},
	{"Meter bridge Oslo", 3, "Installed", "5300.00", ""},
}

func seedEquipment() []*item {
	var items []*item
	for i, e := range installed {
		id := int64(i + 1)
		if i == len(installed)-1 {
			id = 42
		}
		c := companyOf(e.account)
		data := values{
			"name": e.name, "status": e.status, "amount": json.Number(e.price), "account_id": e.account,
			"serial_number": fmt.Sprintf("FX-%06d", 104200+id*37), "under_warranty": id%3 != 0, "country": c.country,
			"support_phone": phone("+4420", 700+id), "manual": "https://manuals.flexie-demo.example/" + fmt.Sprint(id%4),
			"remarks": orNullText(e.remarks), "owner_id": cycle(helpers, id),
		}
		if e.status != "In stock" {
			data["installed_on"], data["last_service_at"] = day(-int(id)*21-30), hour(-int(id)*4-2, 11)
		}
		items = append(items, planted(equipment, id, 33+int(id)*8, data))
	}
	return items
}
