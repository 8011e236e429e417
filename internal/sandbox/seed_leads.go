package sandbox

// prospects are the leads, from 1 on.
var prospects = []struct {
	first, last, company, city, state, country, status, message string
}{
	{"Oliver", "Grant", "Grant & Daughters Bakery", "Leeds", "", "United Kingdom", "New", "We run nine vans and would like a price."},
	{"Isabella", "Rossi", "Rossi Ceramiche", "Faenza", "", "Italy", "Contacted", "Is there an Italian version?"},
	{"Mohammed", "Al-Farsi", "Gulf Cold Chain", "Muscat", "", "Oman", "Qualify", "Temperature tracking for 40 trucks."},
	{"Emma", "Johansson", "Fjällräven Hytter", "Östersund", "", "Sweden", "Nurture", "Looking for next year's budget."},
	{"Lucas", "Ferreira", "Porto Pescas", "Porto", "", "Portugal", "New", "Need integration with our ERP."},
	{"Hye-jin", "Park", "Hanbit Electronics", "Busan", "", "South Korea", "Qualify", "Please send the security questionnaire."},
	{"Nokuthula", "Dlamini", "Ubuntu Homes", "Durban", "", "South Africa", "Contacted", "Saw you at the trade fair."},
	{"Jack", "Morrison", "Morrison Timber", "Hobart", "", "Australia", "Unqualified", "Only two users."},
	{"Sara", "Visser", "Acme Ventures", "Rotterdam", "", "Netherlands", "Qualify", "Sister company of Acme Logistics; same needs, smaller fleet."},
	{"Pedro", "Álvarez", "Frutas Álvarez", "Valencia", "", "Spain", "New", "¿Ofrecen soporte en español?"},
	{"Leila", "Haddad", "Cedars Catering", "Beirut", "", "Lebanon", "Nurture", "Ask again in September."},
	{"Dmitri", "Ivanov", "Balti Ehitus", "Tallinn", "", "Estonia", "Contacted", "Wants a demo for the board."},
	{"Mei", "Lin", "Jade River Tea", "Taipei", "", "Taiwan", "New", "How are seats counted?"},
	{"Anthony", "Brooks", "Brooks Plumbing", "Denver", "CO", "United States", "New", "Five technicians, one office."},
	{"Renée", "Gagnon", "Atelier Gagnon", "Québec", "", "Canada", "Qualify", "Budget approved."},
	{"Wanjiru", "Kamau", "Savanna Solar", "Nairobi", "", "Kenya", "Qualify", "Rolling out to three counties."},
	{"Felix", "Baumann", "Alpen Logistik", "Innsbruck", "", "Austria", "New", "Interested in the logistics package."},
	{"Gabriela", "Soto", "Clínica Soto", "Santiago", "", "Chile", "Contacted", "Needs data residency details."},
	{"Henrik", "Lund", "Lund Windows", "Malmö", "", "Sweden", "Converted", "Became a customer in May."},
	{"Adaeze", "Obi", "Obi Motors", "Enugu", "", "Nigeria", "New", "Call after 15:00."},
	{"Viktor", "Horváth", "Duna Print", "Budapest", "", "Hungary", "Nurture", "Comparing with Velotrack."},
	{"Claire", "Fontaine", "Domaine Fontaine", "Beaune", "", "France", "New", "Wine club with 3,000 members."},
	{"Samuel", "Owusu", "Gold Coast Cocoa", "Kumasi", "", "Ghana", "Qualify", "Traceability is the main point."},
	{"Natalia", "Popescu", "Carpat Tours", "Brașov", "", "Romania", "Contacted", "Seasonal staff: can seats pause?"},
	{"Ethan", "Walker", "Walker Roofing", "Tulsa", "OK", "United States", "Unqualified", "Out of our market."},
	{"Xiomara", "Vega", "Vega Cosmetics", "Bogotá", "", "Colombia", "New", "Wants to start with forms only."},
	{"Tariq", "Mahmood", "Indus Freight", "Karachi", "", "Pakistan", "Qualify", "Fleet of 120, two depots."},
	{"Linnea", "Berg", "Berg Byggvaror", "Uppsala", "", "Sweden", "New", ""},
	{"George", "Papadopoulos", "Aegean Ferries", "Piraeus", "", "Greece", "Contacted", "Ticketing integration?"},
	{"Siobhan", "Kelly", "Kelly Dairy", "Cork", "", "Ireland", "New", "Came through the newsletter."},
	{"Rin", "Fujita", "Fujita Tools", "Nagoya", "", "Japan", "Nurture", "Next fiscal year starts in April."},
	{"Abdou", "Diop", "Dakar Pêche", "Dakar", "", "Senegal", "New", "Peut-on essayer gratuitement ?"},
	{"Katarzyna", "Nowak", "Nowak Meble", "Wrocław", "", "Poland", "Contacted", "Asked for references in furniture."},
	{"Daniel", "Cohen", "Cohen Optics", "Haifa", "", "Israel", "Qualify", "Decision in July."},
	{"Ivana", "Babić", "Adria Yachts", "Split", "", "Croatia", "New", "Charter season is on; keep it short."},
	{"Jorge", "Medina", "Medina Farma", "Guadalajara", "", "Mexico", "Contacted", "Needs an invoice in pesos."},
	{"Amira", "Ben Salah", "Carthage Textiles", "Tunis", "", "Tunisia", "New", "Export desk of eight people."},
	{"Tim", "Vermeulen", "Vermeulen Bloemen", "Ghent", "", "Belgium", "Nurture", "Flowers: March and May are impossible."},
	{"Chiara", "Conti", "Conti Moda", "Milan", "", "Italy", "Qualify", "Wants single sign-on."},
	{"Owen", "Price", "Price Surveyors", "Cardiff", "", "United Kingdom", "New", "Referred by Harbour & Finch."},
	{"Ruta", "Kazlauskaitė", "Baltic Amber", "Vilnius", "", "Lithuania", "Converted", "Signed at the fair."},
	{"Maria", "Hernandez", "Northwind Trading", "Austin", "TX", "United States", "New", "Please call about the retail package."},
	{"Said", "Benali", "Atlas Ceramics", "Fez", "", "Morocco", "Contacted", "Sent the price list on Monday."},
	{"Paula", "Krüger", "Krüger Gartenbau", "Leipzig", "", "Germany", "New", "Zwölf Mitarbeiter, drei Fahrzeuge."},
}

func seedLeads() []*item {
	var items []*item
	for i, p := range prospects {
		id := int64(i + 1)
		domain := ascii.Replace(fold(p.last)) + "-lead.example"
		data := values{
			"title": cycle(titles, id), "first_name": p.first, "last_name": p.last, "company": p.company,
			"email": mailbox(p.first, p.last, domain), "phone": phone("+"+cycle([]string{"44", "39", "34", "46", "1"}, id)+"20", id+300),
			"city": p.city, "state": orNullText(p.state), "country": p.country, "status": p.status, "source": cycle(sources, id*5),
			"message": orNullText(p.message), "consent": id%4 != 0, "interests": two(interests, id+2), "owner_id": cycle(sellers, id),
			"position": cycle([]string{"Owner", "Operations Manager", "Office Manager", "IT Manager", "Buyer"}, id),
			"industry": cycle(industries, id*3), "employees": 3 + id*29%240, "budget": 1500 * (1 + id*7%20),
			"expected_start": day(int(id*9%120) + 10), "website": "https://www." + domain,
		}
		if p.status == "Contacted" || p.status == "Qualify" {
			data["follow_up_at"] = hour(int(id%9)-3, 9+int(id%8))
		}
		items = append(items, planted(leads, id, 2+int(45-id)*2, data))
	}
	maria := items[41].data // as on Flexie's page
	maria["email"], maria["phone"], maria["source"] = "maria.hernandez@example.com", "+15125550148", "Website"
	return items
}
