package sandbox

// bargains are the deals, from 1 on: name, contact, amount, stage, days until
// the close date, and what is next.
var bargains = []struct {
	name    string
	contact int64
	amount  int64
	stage   int64
	closes  int
	next    string
}{
	{"Acme fleet tracking, phase 2", 17, 48000, 3, 11, "Legal has the contract; call Pieter on Thursday."},
	{"Acme warehouse roll-out", 47, 31500, 2, 25, "Send the revised offer with 12 more scanners."},
	{"Nordlys field service", 2, 86000, 3, 18, "Procurement wants a second reference."},
	{"Nordlys analytics add-on", 3, 14500, 1, 60, "Workshop on their reporting needs."},
	{"Café Bahía loyalty programme", 4, 6200, 4, -20, ""},
	{"Müller shop-floor terminals", 6, 54000, 2, 33, "Visit the plant on 2 July."},
	{"Müller maintenance module", 56, 19800, 1, 75, "Waiting for their maintenance plan."},
	{"Sakura pilot line", 7, 39000, 1, 90, "Translate the proposal."},
	{"Sakura engineering licences", 49, 72500, 2, 48, "Kenji compares with an in-house tool."},
	{"Okonkwo export desk", 9, 17400, 4, -45, ""},
	{"Okonkwo quality checks", 48, 9800, 3, 7, "Fatima has budget until the end of June."},
	{"Brasa cold chain", 11, 63000, 3, 14, "Discount of 8% asked for."},
	{"Brasa finance integration", 50, 22000, 5, -12, ""},
	{"Hygge webshop connection", 13, 7900, 4, -8, ""},
	{"Zieliński dispatch board", 16, 15600, 2, 21, "Demo for the night shift."},
	{"Zieliński workshop planner", 52, 8700, 1, 55, "Tomasz collects requirements."},
	{"Atlas Medical asset register", 18, 94000, 2, 40, "Security questionnaire is due."},
	{"Atlas Medical purchasing", 19, 27500, 5, -30, ""},
	{"Lumière click and collect", 57, 11200, 3, 9, "Chloé signs after the summer plan is fixed."},
	{"Lumière shop tablets", 21, 5400, 4, -60, ""},
	{"Kaveri reseller bundle", 22, 45000, 2, 30, "Agree on the margin."},
	{"Maple Ridge traceability", 25, 58000, 3, 16, "Emily presents it to the board."},
	{"Maple Ridge lab module", 59, 13300, 1, 80, "Send the data sheet."},
	{"Harbour & Finch matter intake", 27, 18900, 4, -15, ""},
	{"Vltava export papers", 29, 12100, 2, 28, "Tereza tests the customs form."},
	{"Boğaziçi site diary", 31, 66500, 1, 100, "First meeting in Istanbul."},
	{"Illyria booking desk", 33, 4900, 4, -33, ""},
	{"Polar Freight pilot", 37, 21000, 2, 35, "Sigríður visits on the 30th."},
	{"Cedar & Stone project rooms", 39, 16400, 1, 70, "Aoife asked for a reference in Dublin."},
	{"Northwind retail package", 54, 12500, 2, 22, "Victor wants to start in one shop."},
	{"Acme Logistics renewal 2026", 1, 36000, 7, 19, "Ana expects the quote this week."},
	{"Bluewave renewal 2026", 43, 18000, 8, 5, "Signature by Friday."},
	{"Nordlys renewal 2026", 2, 52000, 6, 66, ""},
	{"Müller renewal 2026", 5, 41000, 9, -10, ""},
	{"Brasa renewal 2026", 11, 27000, 7, 13, "They ask for monthly billing."},
	{"Hygge renewal 2026", 14, 3600, 9, -25, ""},
	{"Zieliński renewal 2026", 15, 9900, 6, 44, ""},
	{"Fattoria Verdi renewal 2026", 35, 2800, 10, -50, ""},
	{"Harbour & Finch renewal 2026", 27, 14700, 8, 3, "Paper is at their finance team."},
	{"Maple Ridge renewal 2026", 26, 23500, 6, 38, ""},
	{"Illyria renewal 2026", 34, 2400, 7, -4, "Overdue: Elira has not answered twice."},
	{"Enterprise license renewal", 42, 12500, 2, 100, "David checks the number of seats."}, // as on Flexie's page,
	{"Vltava renewal 2026", 30, 7100, 9, -3, ""},
	{"Bluewave driver app", 44, 24800, 1, 85, "Imran tries it with five drivers."},
}

func seedDeals() []*item {
	var items []*item
	for i, b := range bargains {
		id := int64(i + 1)
		at := stages[b.stage-1]
		account := people[b.contact-1].account
		data := values{
			"name": b.name, "amount": b.amount, "close_date": day(b.closes), "pipeline_id": at.pipeline, "stage_id": at.id,
			"status": at.status, "probability": at.probability, "owner_id": sellerOf(account), "account_id": account,
			"contact_id": b.contact, "type": dealType(at, id), "next_step": orNullText(b.next),
			"competitors": []string{cycle(deals.field("competitors").options, id)}, "discount_approved": id%6 == 0,
		}
		if at.status == "Open" && at.pipeline == 1 {
			data["demo_at"] = hour(int(id%15)-4, 10+int(id%6))
		}
		if at.status == "Won" {
			data["contract"] = "https://files.flexie-demo.example/contracts/" + identifier(id)[4:] + ".pdf"
		}
		items = append(items, planted(deals, id, 20+max(0, -b.closes)+int(id%30), data))
	}
	return items
}

func dealType(at stage, id int64) string {
	switch {
	case at.pipeline == 2:
		return "Renewal"
	case id%3 == 1:
		return "Upsell"
	}
	return "New business"
}
