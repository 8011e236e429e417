package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"flexie-mcp/flexie"
	"github.com/stretchr/testify/require"
)

// bodies are what the endpoints that need a body are sent.
var bodies = map[string]any{
	"contacts.create":           m{"title": "Ms.", "first_name": "David", "last_name": "Okafor", "email": "d.okafor@example.com", "phone": "+442071838750", "company": "Bluewave Logistics", "city": "London", "country": "United Kingdom", "status": "New", "source": "Meeting"},
	"contacts.update":           m{"email": "david.okafor@example.com", "company": "Bluewave Logistics Ltd", "city": "Manchester", "status": "Nurture", "source": "Referral"},
	"leads.create":              m{"title": "Mr.", "first_name": "Maria", "last_name": "Hernandez", "email": "m.hernandez@example.com", "phone": "+15125550148", "company": "Northwind Trading", "city": "Austin", "state": "TX", "country": "United States", "status": "New", "source": "Website"},
	"leads.update":              m{"email": "maria.hernandez@example.com", "company": "Northwind Trading LLC", "city": "Dallas", "status": "Qualify", "source": "Referral"},
	"accounts.create":           m{"name": "Northwind Trading", "status": "New", "email": "info@northwindtrading.com", "website": "https://www.northwindtrading.com", "phone": "+15125550100", "industry": "Retail", "annual_revenue": 4500000, "vat_number": "GB123456789", "employees": 120, "billing_city": "Austin", "billing_country": "United States"},
	"accounts.update":           m{"name": "Northwind Trading LLC", "status": "Qualify", "annual_revenue": 5200000, "employees": 145},
	"deals.create":              m{"name": "Another license", "amount": 12500, "close_date": "2026-09-30", "pipeline_id": 1, "stage_id": 2, "owner_id": 3},
	"deals.update":              m{"name": "Enterprise license renewal", "amount": 15000, "close_date": "2026-10-15", "stage_id": 3},
	"cases.create":              m{"title": "Logout page returns 500 error", "source": "Email", "category": "Bug", "priority": "High", "public_status": "New Opened", "internalStatus": "open", "owner_id": 3},
	"cases.update":              m{"title": "Login page returns 500 error", "priority": "Medium", "public_status": "In Process", "internalStatus": "open"},
	"custom_records.create":     m{"name": "Acme Renewal 2026", "status": "open", "amount": 4500},
	"custom_records.update":     m{"name": "Acme Renewal 2026 (revised)", "status": "won", "amount": 5200},
	"cases.reply":               m{"text": "Thanks for reaching out."},
	"cases.reply_by_identifier": m{"template_id": 3},
	"tasks.create":              m{"task": "Call the customer to confirm renewal terms", "owner_id": 3, "due_date": "2026-06-25 14:00", "association_type": "contact", "association_id": 47, "reminder_type": "email", "remind_minutes": 30},
	"tasks.update":              m{"task": "Call the customer (rescheduled)", "due_date": "2026-06-26 10:00", "is_completed": false},
	"notes.create":              m{"text": "Discussed renewal terms.", "type": "call", "datetime": "2026-06-23T14:00:00+00:00"},
	"notes.update":              m{"text": "Updated: renewal confirmed.", "type": "meeting"},
	"emails.send":               m{"limit": 100},
	"workflows.update":          m{"name": "VIP lead onboarding", "description": "Send a welcome sequence to new VIP leads", "category": 12, "isPublished": true, "runtime": "async"},
	"users.create":              m{"username": "jdoe", "firstName": "John", "lastName": "Doe", "email": "jdoe@example.com", "password": "S3cretPass!", "position": "Sales Manager", "timezone": "America/New_York", "locale": "en_US", "role": 3, "isPublished": true},
	"users.update":              m{"firstName": "John", "lastName": "Doe", "position": "Senior Sales Manager", "role": 3, "isPublished": true},
	"users.permission":          m{"permissions": []string{"lead:leads:viewown", "lead:leads:editown"}},
	"contacts.filter":           m{"filters": []any{m{"type": "text", "alias": "email", "value": m{"operator": "like", "input": "acme"}, "strict": false, "starts": false, "ends": false}}, "start": 0, "limit": 30, "orderBy": "date_modified", "orderByDir": "DESC"},
}

// example fills a path's parameters with the values of Flexie's page.
var example = strings.NewReplacer("{id}", "42", "{entityId}", "17", "{entityType}", "contact", "{tableName}", "subscriptions", "{identifier}", "REF-1042")

// Every endpoint works, in every dialect, with Flexie's own examples.
func TestEveryEndpoint(t *testing.T) {
	endpoints := slices.Clone(flexie.Endpoints)
	slices.SortStableFunc(endpoints, func(a, b flexie.Endpoint) int { // deletes come last
		return strings.Index("GET POST PUT DELETE", a.Method) - strings.Index("GET POST PUT DELETE", b.Method)
	})
	for _, d := range Dialects {
		b := open(t, Options{Dialect: d})
		for _, e := range endpoints {
			path := example.Replace(e.Path)
			if strings.HasPrefix(path, "/ce/") {
				path = strings.Replace(path, "/17", "/2", 1)
			}
			res, text := b.send(e.Method, path, bodies[strings.Replace(e.Name, ".edit", ".update", 1)])
			require.Contains(t, []int{200, 204}, res.StatusCode, "%s: %s %s: %s", d, e.Method, path, text)
			require.Equal(t, text == "", res.StatusCode == http.StatusNoContent)
		}
	}
}

func TestEveryEndpointHasAHandler(t *testing.T) {
	routes, err := newRoutes()
	require.NoError(t, err)
	require.Len(t, routes, 142)

	saved := acts["replies"]
	delete(acts, "replies")
	defer func() { acts["replies"] = saved }()
	_, err = newRoutes()
	require.ErrorContains(t, err, "nothing answers cases.replies (GET /cases/{id}/replies)")
}

func TestLiteralSegmentsWin(t *testing.T) {
	b := open(t, Options{})
	for path, want := range map[string]string{
		"/users/self":                       "users.self",
		"/users/5":                          "users.get",
		"/contacts/list/fields":             "contacts.fields",
		"/contacts/list/lists":              "contacts.all_lists",
		"/contacts/5/lists":                 "contacts.record_lists",
		"/cases/replies/REF-1042":           "cases.replies_by_identifier",
		"/cases/42/replies":                 "cases.replies",
		"/ce/equipment/lists":               "custom_records.filter_lists",
		"/ce/equipment/list/lists":          "custom_records.all_lists",
		"/ce/equipment/7/lists":             "custom_records.record_lists",
		"/ce/equipment/list/fields":         "custom_records.fields",
		"/workflows/list/categories":        "workflows.categories",
		"/contacts/list/fields/categories/": "contacts.field_categories",
	} {
		r, _, err := b.s.match("GET", "/api"+path)
		require.NoError(t, err, path)
		require.Equal(t, want, r.Name, path)
	}
	r, _, err := b.s.match("PUT", "/api/ce/equipment/edit")
	require.NoError(t, err)
	require.Equal(t, "custom_records.edit", r.Name)
	_, values, err := b.s.match("GET", "/api/cases/replies/REF%2F10%2042")
	require.NoError(t, err)
	require.Equal(t, "REF/10 42", values["identifier"])
}

func TestNoSuchEndpoint(t *testing.T) {
	b := open(t, Options{})
	require.Equal(t, "No such endpoint: /api/nothing.", b.fails(404, "GET", "/nothing", nil))
	require.Contains(t, b.fails(405, "PATCH", "/contacts/42", m{}), "use GET, PUT, DELETE")
	require.Contains(t, b.fails(405, "POST", "/contacts/42", m{}), "POST is not allowed")
	res, _ := b.send("PUT", "/contacts", m{})
	require.Equal(t, "GET, POST", res.Header.Get("Allow"))
	require.Contains(t, b.fails(404, "GET", "/ce/ships", nil), `No custom entity is called "ships"`)
	require.Contains(t, b.fails(404, "GET", "/contacts/forty", nil), `No contact has the id "forty"`)
	require.Contains(t, b.fails(404, "GET", "/contacts/9007199254740993", nil), "9007199254740993")
}
