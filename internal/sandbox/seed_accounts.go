package sandbox

import (
	"fmt"
	"slices"
)

type company struct {
	id                     int64
	name, domain, industry string
	city, country, dial    string
	revenue, employees     int64
	status                 string
}

var companies = []company{
	{1, "Acme Logistics", "acme.example", "Logistics", "Rotterdam", "Netherlands", "+3110", 48500000, 640, "Customer"},
	{2, "Bluewave Logistics", "bluewave.example", "Logistics", "London", "United Kingdom", "+4420", 12750000, 180, "Customer"},
	{3, "Nordlys Energi", "nordlys.example", "Energy", "Oslo", "Norway", "+472", 210000000, 1450, "Customer"},
	{4, "Café Bahía", "cafebahia.example", "Hospitality", "Barcelona", "Spain", "+3493", 3200000, 74, "Customer"},
	{5, "Müller Präzisionstechnik", "mueller-praezision.example", "Manufacturing", "Stuttgart", "Germany", "+49711", 67300000, 520, "Customer"},
	{6, "Sakura Robotics", "sakura-robotics.example", "Manufacturing", "Osaka", "Japan", "+816", 154000000, 980, "Qualify"},
	{7, "Okonkwo Textiles", "okonkwo-textiles.example", "Retail", "Lagos", "Nigeria", "+2341", 8900000, 310, "Customer"},
	{8, "Brasa Alimentos", "brasa.example", "Food", "São Paulo", "Brazil", "+5511", 31000000, 860, "Customer"},
	{9, "Hygge Møbler", "hygge-mobler.example", "Retail", "Aarhus", "Denmark", "+458", 5400000, 62, "Customer"},
	{10, "Zieliński Transport", "zielinski-transport.example", "Logistics", "Poznań", "Poland", "+4861", 18200000, 240, "Customer"},
	{11, "Atlas Medical", "atlas-medical.example", "Healthcare", "Boston", "United States", "+1617", 96000000, 710, "Qualify"},
	{12, "Lumière Optique", "lumiere-optique.example", "Retail", "Lyon", "France", "+334", 7600000, 95, "Customer"},
	{13, "Kaveri Software", "kaveri.example", "Software", "Bengaluru", "India", "+9180", 22400000, 430, "Partner"},
	{14, "Maple Ridge Foods", "mapleridge.example", "Food", "Toronto", "Canada", "+1416", 41000000, 390, "Customer"},
	{15, "Harbour & Finch", "harbourfinch.example", "Professional services", "Sydney", "Australia", "+612", 15800000, 120, "Customer"},
	{16, "Vltava Glass", "vltava-glass.example", "Manufacturing", "Prague", "Czech Republic", "+4202", 9900000, 205, "Customer"},
	{17, "Boğaziçi Yapı", "bogazici-yapi.example", "Construction", "Istanbul", "Turkey", "+90212", 58000000, 1100, "New"},
	{18, "Illyria Travel", "illyria.example", "Hospitality", "Tirana", "Albania", "+3554", 2100000, 38, "Customer"},
	{19, "Fattoria Verdi", "fattoria-verdi.example", "Agriculture", "Verona", "Italy", "+39045", 4300000, 57, "Former customer"},
	{20, "Polar Freight", "polarfreight.example", "Logistics", "Reykjavík", "Iceland", "+354", 11600000, 140, "Qualify"},
	{21, "Cedar & Stone Architects", "cedarstone.example", "Professional services", "Dublin", "Ireland", "+3531", 6700000, 48, "New"},
	{42, "Northwind Trading LLC", "northwind.example", "Retail", "Austin", "United States", "+1512", 4500000, 120, "Qualify"},
}

func companyOf(id int64) company {
	return companies[slices.IndexFunc(companies, func(c company) bool { return c.id == id })]
}

// sellerOf is who looks after a company: its deals and contacts go with it.
func sellerOf(account int64) int64 { return cycle(sellers, account-1) }

func seedAccounts() []*item {
	var items []*item
	for _, c := range companies {
		items = append(items, planted(accounts, c.id, 720-int(c.id)*14, values{
			"name": c.name, "status": c.status, "email": "info@" + c.domain, "website": "https://www." + c.domain,
			"phone": phone(c.dial, c.id*100), "industry": c.industry, "annual_revenue": c.revenue, "employees": c.employees,
			"vat_number":   fmt.Sprintf("%s%09d", vatPrefix(c.country), c.id*7654321%999999999),
			"billing_city": c.city, "billing_country": c.country, "description": about(c),
			"customer_since": customerSince(c), "next_review": hour(int(c.id*5%60)+3, 10+int(c.id%6)),
			"is_partner": c.status == "Partner", "tags": accountTagsOf(c), "owner_id": sellerOf(c.id)}))
	}
	items[3].data["parent_account_id"] = int64(18) // Café Bahía belongs to a travel group
	return items
}

func about(c company) string {
	return fmt.Sprintf("<p>%s in <b>%s</b> with about %d people.</p>", c.industry, c.city, c.employees)
}

func customerSince(c company) any {
	if c.status == "New" || c.status == "Qualify" {
		return nil
	}
	return day(-700 + int(c.id)*23)
}

func accountTagsOf(c company) []string {
	switch {
	case c.revenue > 40000000:
		return []string{"Key account", "Multi-site"}
	case c.status == "Partner":
		return []string{"Reseller"}
	case c.id%5 == 0:
		return []string{"Late payer"}
	}
	return nil
}

func vatPrefix(country string) string {
	if prefix, ok := vatPrefixes[country]; ok {
		return prefix
	}
	return "XX"
}

var vatPrefixes = map[string]string{"Netherlands": "NL", "United Kingdom": "GB", "Norway": "NO", "Spain": "ES", "Germany": "DE", "Japan": "JP",
	"Nigeria": "NG", "Brazil": "BR", "Denmark": "DK", "Poland": "PL", "United States": "US", "France": "FR", "India": "IN", "Canada": "CA",
	"Australia": "AU", "Czech Republic": "CZ", "Turkey": "TR", "Albania": "AL", "Italy": "IT", "Iceland": "IS", "Ireland": "IE"}
