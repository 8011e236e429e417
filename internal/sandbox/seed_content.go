package sandbox

import "strings"

// letters are the emails. A template has no lists: it answers cases.
var letters = []struct {
	id            int64
	name, subject string
	lists         []int64
	html          string
	on            bool
}{
	{1, "Template: we are looking into it", "We are looking into it", nil, "<p>Hello {first_name},</p><p>thank you for writing. We look into it and come back to you within a day.</p>", true},
	{2, "Template: invoice corrected", "Your invoice", nil, "<p>Hello {first_name},</p><p>finance has corrected your invoice. The new one is attached.</p>", true},
	{3, "Template: access restored", "You can log in again", nil, "<p>Hello {first_name},</p><p>we have <b>reset your access</b>, so you should be able to log in now.</p>", true},
	{4, "June newsletter", "What is new in June", []int64{1}, "<h1>What is new</h1><p>Faster exports, a calmer map, and two-factor codes by app.</p>", true},
	{5, "Customer update: planned maintenance", "Maintenance on 28 June", []int64{2}, "<p>On Sunday from 02:00 to 04:00 UTC you can't log in.</p>", true},
	{6, "Win-back offer", "We would like you back", []int64{4}, "<p>Three months for the price of two.</p>", false},
	{7, "Template: survey", "How did we do?", nil, "<p>Hello {first_name},</p><p>how satisfied are you, from 1 to 5?</p>", true},
	{42, "Invitation: summer webinar", "9 July: planning without paper", []int64{42, 3}, "<p>Half an hour, <a href=\"https://www.flexie-demo.example/webinar\">free of charge</a>.</p>", true},
}

func seedEmails() []*item {
	var items []*item
	for _, l := range letters {
		data := values{"name": l.name, "subject": l.subject, "email_type": "template", "custom_html": l.html, "from_name": "Flexie Demo",
			"from_address": "hello@flexie-demo.example", "language": "en", "lists": []int64{}, "sent_count": int64(0), "read_count": int64(0), "isPublished": l.on}
		if l.lists != nil {
			data["email_type"], data["lists"] = "list", l.lists
		}
		items = append(items, planted(emails, l.id, 90-int(l.id), data))
	}
	return items
}

var questionnaires = []struct {
	id                 int64
	name, description  string
	fields             []string
	count              int64
	formType, andAfter string
}{
	{1, "Contact us", "On the website's contact page", []string{"first_name:First name:text", "last_name:Last name:text", "email:Email:email", "message:Message:textarea"}, 318, "standalone", "message"},
	{2, "Request a demo", "On the product pages", []string{"email:Email:email", "company:Company:text", "employees:Employees:number", "country:Country:country"}, 127, "standalone", "redirect"},
	{3, "Newsletter", "In the footer", []string{"email:Email:email", "consent:I agree:boolean"}, 902, "campaign", "message"},
	{42, "Webinar registration", "For the webinar of 9 July", []string{"first_name:First name:text", "email:Email:email", "interests:Interests:multiselect"}, 64, "campaign", "message"},
}

func seedForms() []*item {
	var items []*item
	for _, q := range questionnaires {
		items = append(items, planted(forms, q.id, 400-int(q.id)*3, values{"name": q.name, "alias": alias(q.name), "description": q.description,
			"form_type": q.formType, "post_action": q.andAfter, "fields": formFieldsOf(q.fields), "submission_count": q.count, "isPublished": true}))
	}
	return items
}

var landings = []struct {
	id          int64
	title, meta string
	html        string
	hits        int64
	on          bool
}{
	{1, "Fleet tracking", "Know where every trailer is", "<h1>Fleet tracking</h1><p>Positions every minute, at night too.</p>", 5210, true},
	{2, "Cold chain", "Temperature you can prove", "<h1>Cold chain</h1><p>Alarms within a minute.</p>", 1834, true},
	{3, "Retail package", "For shops with one till or fifty", "<h1>Retail</h1><p>Click and collect in a day.</p>", 977, true},
	{4, "Old prices 2025", "Prices until December 2025", "<h1>Prices</h1><p>No longer valid.</p>", 412, false},
	{42, "Summer webinar", "9 July: planning without paper", "<h1>Planning without paper</h1><p>Half an hour, free of charge.</p>", 288, true},
}

func seedPages() []*item {
	var items []*item
	for _, p := range landings {
		items = append(items, planted(pages, p.id, 250-int(p.id)*4, values{"title": p.title, "alias": alias(p.title), "language": "en",
			"url": "https://www.flexie-demo.example/" + alias(p.title), "meta_description": p.meta, "custom_html": p.html, "hits": p.hits, "isPublished": p.on}))
	}
	return items
}

// formFieldsOf reads "email:Email:email" as a form's field.
func formFieldsOf(short []string) []any {
	var fields []any
	for i, s := range short {
		parts := strings.Split(s, ":")
		fields = append(fields, object{{"id", i + 1}, {"alias", parts[0]}, {"label", parts[1]}, {"type", parts[2]}, {"isRequired", parts[0] == "email"}})
	}
	return fields
}
