package sandbox

import "fmt"

// people are the contacts, from 1 on: name, company, position, title, status.
var people = []struct {
	first, last     string
	account         int64
	position, title string
	status          string
}{
	{"Ana", "Ruiz", 1, "Head of Operations", "Ms.", "Customer"},
	{"Lars", "Haugen", 3, "Procurement Director", "Mr.", "Customer"},
	{"Ingrid", "Solberg", 3, "IT Manager", "Ms.", "Customer"},
	{"Marta", "Puig", 4, "Owner", "Mrs.", "Customer"},
	{"Jürgen", "Müller", 5, "Managing Director", "Dr.", "Customer"},
	{"Katrin", "Schäfer", 5, "Plant Manager", "Ms.", "Customer"},
	{"Haruto", "Nakamura", 6, "Purchasing Manager", "Mr.", "Nurture"},
	{"Yui", "Kobayashi", 6, "Automation Engineer", "Ms.", "New"},
	{"Chidi", "Okonkwo", 7, "Chief Executive", "Mr.", "Customer"},
	{"Amaka", "Eze", 7, "Finance Manager", "Mrs.", "Customer"},
	{"Beatriz", "Gonçalves", 8, "Supply Chain Director", "Ms.", "Customer"},
	{"João", "Araújo", 8, "Warehouse Supervisor", "Mr.", "Customer"},
	{"Søren", "Kjær", 9, "Founder", "Mr.", "Customer"},
	{"Mette", "Østergaard", 9, "Store Manager", "Ms.", "Customer"},
	{"Łukasz", "Zieliński", 10, "Owner", "Mr.", "Customer"},
	{"Agnieszka", "Wójcik", 10, "Dispatcher", "Ms.", "Customer"},
	{"Pieter", "van Dijk", 1, "Fleet Manager", "Mr.", "Customer"},
	{"Grace", "Whitfield", 11, "Chief Information Officer", "Dr.", "Nurture"},
	{"Marcus", "Bell", 11, "Purchasing Lead", "Mr.", "New"},
	{"Camille", "Lefèvre", 12, "Marketing Director", "Ms.", "Customer"},
	{"Théo", "Marchand", 12, "Shop Manager", "Mr.", "Customer"},
	{"Ananya", "Krishnan", 13, "Partner Manager", "Ms.", "Customer"},
	{"Sanne", "de Boer", 1, "Finance Controller", "Ms.", "Customer"},
	{"Rohit", "Deshpande", 13, "Solutions Architect", "Mr.", "Customer"},
	{"Emily", "Tremblay", 14, "VP Operations", "Ms.", "Customer"},
	{"Noah", "Campbell", 14, "Logistics Analyst", "Mr.", "Customer"},
	{"Olivia", "Harcourt", 15, "Practice Manager", "Ms.", "Customer"},
	{"Liam", "Nguyen", 15, "IT Administrator", "Mr.", "Customer"},
	{"Tereza", "Dvořáková", 16, "Export Manager", "Ms.", "Customer"},
	{"Pavel", "Svoboda", 16, "Production Planner", "Mr.", "Customer"},
	{"Ayşe", "Yıldız", 17, "Project Director", "Ms.", "New"},
	{"Emre", "Şahin", 17, "Site Engineer", "Mr.", "New"},
	{"Arben", "Hoxha", 18, "Managing Partner", "Mr.", "Customer"},
	{"Elira", "Çela", 18, "Reservations Manager", "Ms.", "Customer"},
	{"Giulia", "Verdi", 19, "Owner", "Mrs.", "Former customer"},
	{"Matteo", "Bianchi", 19, "Agronomist", "Mr.", "Former customer"},
	{"Sigríður", "Jónsdóttir", 20, "Operations Manager", "Ms.", "Nurture"},
	{"Björn", "Þórsson", 20, "Chief Executive", "Mr.", "New"},
	{"Aoife", "O'Sullivan", 21, "Senior Partner", "Ms.", "New"},
	{"Cillian", "Byrne", 21, "Studio Manager", "Mr.", "New"},
	{"Hannah", "Brooks", 42, "Buyer", "Ms.", "Nurture"},
	{"David", "Okafor", 2, "Operations Director", "Mr.", "Nurture"},
	{"Charlotte", "Ashworth", 2, "Head of Finance", "Mrs.", "Customer"},
	{"Imran", "Siddiqui", 2, "Transport Planner", "Mr.", "Customer"},
	{"Miguel", "Santos", 4, "Restaurant Manager", "Mr.", "Customer"},
	{"Nina", "Petrović", 18, "Travel Designer", "Ms.", "Customer"},
	{"Jim", "Halloran", 1, "Warehouse Manager", "Mr.", "Customer"},
	{"Fatima", "Bello", 7, "Quality Lead", "Ms.", "Customer"},
	{"Kenji", "Mori", 6, "Director of Engineering", "Mr.", "Nurture"},
	{"Rafael", "Nogueira", 8, "Chief Financial Officer", "Mr.", "Customer"},
	{"Astrid", "Bakke", 3, "Sustainability Lead", "Ms.", "Customer"},
	{"Tomasz", "Kowalczyk", 10, "Workshop Manager", "Mr.", "Customer"},
	{"Denise", "Romero", 42, "Controller", "Ms.", "New"},
	{"Victor", "Hall", 42, "Chief Operating Officer", "Mr.", "Nurture"},
	{"Priscilla", "Adeyemi", 7, "Export Coordinator", "Ms.", "Customer"},
	{"Stefan", "Vogel", 5, "Maintenance Lead", "Mr.", "Customer"},
	{"Chloé", "Dubois", 12, "E-commerce Manager", "Ms.", "Customer"},
	{"Joost", "Bakker", 1, "IT Lead", "Mr.", "Customer"},
	{"Megan", "Doyle", 14, "Quality Manager", "Mrs.", "Customer"},
	{"Luca", "Moretti", 19, "Export Manager", "Mr.", "Former customer"},
	{"Zoë", "Papadaki", 15, "Paralegal", "Ms.", "Customer"},
	{"Ibrahim", "Kaya", 17, "Purchasing Chief", "Mr.", "New"},
}

func seedContacts() []*item {
	var items []*item
	for i, p := range people {
		id := int64(i + 1)
		c := companyOf(p.account)
		data := values{
			"title": p.title, "first_name": p.first, "last_name": p.last, "position": p.position, "status": p.status,
			"email": addressOf(id), "phone": phone(c.dial, id), "company": c.name, "account_id": c.id,
			"city": c.city, "country": c.country, "source": cycle(sources, id), "owner_id": sellerOf(c.id),
			"birthday": fmt.Sprintf("%d-%02d-%02d", 1960+id*7%40, 1+id*5%12, 1+id*11%28), "newsletter": id%3 != 0,
			"interests": two(interests, id), "department": cycle(departments, id), "lead_score": 20 + id*13%80,
			"last_contacted": hour(-int(id*3%45)-1, 8+int(id%9)), "linkedin": "https://social.example/in/" + mailboxName(p.first, p.last),
		}
		if p.status == "Customer" {
			data["lifetime_value"] = 1200*id*7%90000 + 4800
		}
		items = append(items, planted(contacts, id, 12+int(63-id)*6, data))
	}
	items[41].data["phone"] = "+442071838750" // as on Flexie's page
	items[22].data["background"] = "<p>Signs off everything above <b>€10,000</b>. Prefers a call before 10:00.</p>"
	items[28].data["birthday"], items[28].data["phone"] = nil, nil // not every record is complete
	return items
}

// addressOf is a contact's email address.
func addressOf(id int64) string {
	if id == 42 {
		return "david.okafor@example.com" // as on Flexie's page
	}
	p := people[id-1]
	return mailbox(p.first, p.last, companyOf(p.account).domain)
}

func mailboxName(first, last string) string {
	return ascii.Replace(fold(first)) + "-" + ascii.Replace(fold(last))
}
