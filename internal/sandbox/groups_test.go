package sandbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTasks(t *testing.T) {
	b := flat(t)
	made := at(b.as(SalesKey).ok("POST", "/tasks/new", m{"task": "Call", "due_date": "2026-06-25 14:00", "association_type": "equipment", "association_id": 42, "category": 1}), "task").(m)
	require.Equal(t, "2026-06-25 14:00:00", made["due_date"])
	require.Equal(t, []any{false, nil, 3.0}, []any{made["is_completed"], made["date_completed"], made["owner_id"]}, "its maker owns it")

	done := at(b.ok("POST", "/tasks/49/complete", nil), "task").(m)
	require.Equal(t, []any{true, "2026-06-22 09:00:02"}, []any{done["is_completed"], done["date_completed"]})
	require.Equal(t, done["date_completed"], at(b.ok("POST", "/tasks/49/complete", nil), "task", "date_completed"), "twice is once")
	open := at(b.ok("POST", "/tasks/49/incomplete", nil), "task").(m)
	require.Equal(t, []any{false, nil}, []any{open["is_completed"], open["date_completed"]})
	require.NotNil(t, at(b.ok("PUT", "/tasks/49", m{"is_completed": true, "due_date": "2026-07-01 08:30:15"}), "task", "date_completed"))

	for want, body := range map[string]m{
		"go together":                {"association_type": "deal"},
		"is not a kind of record":    {"association_type": "ship", "association_id": 1},
		"No deal has the id 999":     {"association_type": "deal", "association_id": 999},
		"No category has the id 999": {"category": 999},
		"not one of: email":          {"reminder_type": "pigeon"},
	} {
		_, text := b.send("PUT", "/tasks/35", body)
		require.Contains(t, text, want)
	}
	b.status(400, "POST", "/tasks/new", m{"due_date": "2026-06-25"})
	require.Equal(t, []int{1, 2, 3, 4}, b.ids("GET", "/tasks/list/categories", nil))
	b.status(404, "POST", "/tasks/999/complete", nil)
}

func TestNotes(t *testing.T) {
	b := flat(t)
	made := at(b.ok("POST", "/notes/deal/1", m{"text": "<p>Hi</p>", "type": "call", "datetime": "2026-06-23T14:00:00+02:00"}), "note").(m)
	require.Equal(t, []any{"<p>Hi</p>", "call", "2026-06-23 12:00:00", "deal", 1.0}, []any{made["text"], made["type"], made["dateTime"], made["entityType"], made["entityId"]})
	require.Equal(t, []int{47, 30}, b.ids("GET", "/deals/1/notes", nil), "the newest first")
	made = at(b.ok("POST", "/notes/subscriptions/42", m{"text": "x"}), "note").(m)
	require.Equal(t, []any{"general", made["date_added"]}, []any{made["type"], made["dateTime"]})
	require.Equal(t, "y", at(b.ok("PUT", "/notes/48", m{"text": "y", "type": "meeting"}), "note", "text"))
	b.empty(204, "DELETE", "/notes/48")
	b.status(404, "GET", "/notes/48", nil)
	b.status(404, "POST", "/notes/ship/1", m{"text": "x"})
	b.status(404, "POST", "/notes/deal/999", m{"text": "x"})
	b.status(404, "GET", "/deals/999/notes", nil)
	b.status(400, "POST", "/notes/deal/1", m{"type": "call"})
	b.status(400, "PUT", "/notes/1", m{"text": ""})
	b.status(400, "PUT", "/notes/1", m{"entity_id": 4})

	nested := open(t, Options{}).ok("GET", "/notes/6", nil)
	require.Equal(t, "2026-06-19T14:00:00+00:00", at(nested, "note", "dateTime"))
}

func TestCaseReplies(t *testing.T) {
	b := open(t, Options{})
	answer := b.ok("GET", "/cases/replies/ref-1042", nil)
	require.Equal(t, "4", answer["total"])
	require.Equal(t, answer, b.ok("GET", "/cases/42/replies", nil))
	require.Equal(t, "David Okafor", at(answer, "replies", 0, "author"))
	require.Equal(t, "outgoing", at(answer, "replies", 1, "type"))
	require.Equal(t, "0", b.ok("GET", "/cases/44/replies", nil)["total"])

	reply := b.as(SupportKey).ok("POST", "/cases/42/replies", m{"text": "Solved."})["reply"]
	require.Equal(t, []any{"Solved.", "outgoing", "Priya Raman", true}, []any{at(reply, "text"), at(reply, "type"), at(reply, "author"), at(reply, "isPublic")})
	require.Equal(t, "2026-06-22T09:00:01+00:00", at(b.ok("GET", "/cases/42", nil), "case", "dateModified"))
	reply = b.ok("POST", "/cases/replies/REF-1042", m{"template_id": 3, "text": ""})["reply"]
	require.Contains(t, at(reply, "text"), "<p>Hello David,</p>")
	require.EqualValues(t, 3, at(reply, "templateId"))
	require.Equal(t, "6", b.ok("GET", "/cases/42/replies", nil)["total"])

	for _, body := range []m{{}, {"text": ""}, {"text": "a", "template_id": 3}, {"text": "a", "type": "incoming"}} {
		b.fails(400, "POST", "/cases/42/replies", body)
	}
	for _, template := range []any{999, 4, "three"} {
		require.Contains(t, b.fails(404, "POST", "/cases/42/replies", m{"template_id": template}), "No template has the id")
	}
	b.fails(404, "POST", "/cases/replies/REF-9", m{"text": "a"})
	b.fails(404, "GET", "/cases/999/replies", nil)
	require.Equal(t, "6", b.ok("GET", "/cases/42/replies", nil)["total"])
}

func TestSendEmail(t *testing.T) {
	b := open(t, Options{})
	sent := func(body any) any { return b.ok("POST", "/emails/5/send", body)["sentCount"] }
	require.EqualValues(t, 10, sent(m{"limit": 10}))
	require.EqualValues(t, 33, sent(nil), "the rest")
	require.EqualValues(t, 0, sent(nil), "nobody gets it twice")
	require.EqualValues(t, 43, at(b.ok("GET", "/emails/5", nil), "email", "sentCount"))
	require.Contains(t, b.fails(400, "POST", "/emails/3/send", nil), "is a template")
	require.Contains(t, b.fails(400, "POST", "/emails/6/send", nil), "is not published")
	b.fails(400, "POST", "/emails/5/send", m{"limit": 0})
	b.fails(400, "POST", "/emails/5/send", m{"to": "x"})
	b.fails(404, "POST", "/emails/999/send", nil)
}

func TestWorkflows(t *testing.T) {
	b := flat(t)
	changed := at(b.ok("PUT", "/workflows/42", m{"name": "VIP", "category": 10, "isPublished": false, "runtime": "sync"}), "workflow").(m)
	require.Equal(t, []any{"VIP", 10.0, false, "sync"}, []any{changed["name"], changed["category"], changed["isPublished"], changed["runtime"]})
	b.status(400, "PUT", "/workflows/42", m{"runtime": "later"})
	b.status(400, "PUT", "/workflows/42", m{"entity": "deal"})
	require.Equal(t, []int{10, 11, 12}, b.ids("GET", "/workflows/list/categories", nil))
}

func TestReports(t *testing.T) {
	b := open(t, Options{})
	before := b.ok("GET", "/reports/1", nil)
	require.Equal(t, "6", before["totalResults"])
	require.Equal(t, m{"stage": "Negotiation", "deals": 6.0, "amount": 276000.0}, at(before, "data", 2))
	require.Equal(t, m{"stage": "Stage", "deals": "Deals", "amount": "Amount"}, before["dataColumns"])
	require.Equal(t, "Open pipeline by stage", at(before, "report", "name"))
	b.ok("PUT", "/deals/1", m{"stage_id": 4})
	require.EqualValues(t, 228000, at(b.ok("GET", "/reports/1", nil), "data", 2, "amount"), "it follows what is done")
	page := b.ok("GET", "/reports/1?limit=2&page=2", nil)
	require.Equal(t, []any{"6", 2.0, 2.0}, []any{page["totalResults"], page["limit"], page["page"]})
	require.Equal(t, "Renewal due", at(page, "data", 1, "stage"))
	require.Empty(t, at(b.ok("GET", "/reports/1?page=9", nil), "data"))
	for _, r := range savedReports {
		answer := b.ok("GET", "/reports/"+number64(r.id).String(), nil)
		require.NotEmpty(t, answer["data"], r.name)
		require.Len(t, answer["dataColumns"], len(reportQueries[r.id].columns))
	}
}

func TestUsers(t *testing.T) {
	b := flat(t)
	person := m{"username": "new", "firstName": "N", "lastName": "W", "email": "n@w.example", "password": "S3cretPass!", "role": 3}
	made := at(b.ok("POST", "/users/new", person), "user").(m)
	require.NotContains(t, made, "password")
	require.Equal(t, []any{43.0, "UTC", "en_US", true}, []any{made["id"], made["timezone"], made["locale"], made["isPublished"]})
	_, all := b.send("GET", "/users?limit=100", nil)
	require.NotContains(t, all, "S3cret")
	require.Empty(t, b.ids("GET", "/users?search=s3cret", nil))

	details := at(b.status(400, "POST", "/users/new", person), "errors", 0, "details")
	require.Equal(t, m{"username": []any{`"new" is already taken by user 43.`}, "email": []any{`"n@w.example" is already taken by user 43.`}}, details)
	details = at(b.status(400, "POST", "/users/new", m{}), "errors", 0, "details")
	require.Len(t, details, 6)
	b.status(400, "PUT", "/users/43", m{"role": 9})
	require.Equal(t, "CEO", at(b.ok("PUT", "/users/43", m{"position": "CEO", "password": "Other1!"}), "user", "position"))
	b.empty(204, "DELETE", "/users/43")
	require.Contains(t, open(t, Options{}).fails(400, "DELETE", "/users/1", nil), "yourself")
}

func TestReadOnlyGroups(t *testing.T) {
	b := flat(t)
	require.Equal(t, "Contact us", at(b.ok("GET", "/forms/1", nil), "form", "name"))
	require.Equal(t, "email", at(b.ok("GET", "/forms/3", nil), "form", "fields", 0, "alias"))
	require.Equal(t, []int{42}, b.ids("GET", "/forms?search=webinar", nil))
	require.Equal(t, "retail-package", at(b.ok("GET", "/pages/3", nil), "page", "alias"))
	require.Equal(t, true, at(b.ok("GET", "/roles/1", nil), "role", "isAdmin"))
	require.Equal(t, []any{"view", "edit", "create"}, at(b.ok("GET", "/roles/3", nil), "role", "permissions", "deal:deals"))
	for _, path := range []string{"/forms/9", "/pages/9", "/reports/9", "/roles/9", "/emails/9", "/workflows/99", "/users/9"} {
		b.status(404, "GET", path, nil)
	}
}
