package sandbox

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// ids are the ids of a list in the flat dialect, in order.
func (b *bench) ids(method, path string, body any) []int {
	b.t.Helper()
	var all []int
	for name, v := range b.ok(method, path, body) {
		if name == "total" {
			continue
		}
		for _, row := range v.([]any) {
			all = append(all, int(at(row, "id").(float64)))
		}
	}
	return all
}

func flat(t testing.TB) *bench { return open(t, Options{Dialect: "flat"}) }

func TestPaging(t *testing.T) {
	b := flat(t)
	all := b.ids("GET", "/contacts?limit=1000", nil)
	require.Len(t, all, 62)
	require.Len(t, b.ids("GET", "/contacts", nil), 30)
	require.Equal(t, all[10:15], b.ids("GET", "/contacts?start=10&limit=5", nil))
	require.Equal(t, all[10:15], b.ids("POST", "/contacts", m{"start": 10, "limit": "5"}))
	require.Equal(t, "62", b.ok("GET", "/contacts?start=60", nil)["total"])
	require.Empty(t, b.ids("GET", "/contacts?start=62", nil))
	require.Len(t, b.ids("GET", "/contacts?limit=0", nil), 30)
	for _, bad := range []string{"limit=-1", "limit=ten", "start=1.5", "start=99999999999"} {
		b.status(400, "GET", "/contacts?"+bad, nil)
	}
	require.Len(t, open(t, Options{Dialect: "flat", MaxLimit: 7}).ids("GET", "/contacts?limit=1000", nil), 7)
}

func TestSearch(t *testing.T) {
	b := flat(t)
	require.ElementsMatch(t, []int{1, 17, 23, 47, 58}, b.ids("GET", "/contacts?search=ACME", nil))
	require.Equal(t, []int{1}, b.ids("GET", "/accounts?search=acme", nil))
	require.Equal(t, []int{9}, b.ids("GET", "/leads?search=acme", nil))
	require.Subset(t, b.ids("GET", "/deals?search=acme", nil), []int{1, 2, 31})
	require.Subset(t, b.ids("GET", "/cases?search=acme", nil), []int{1, 32})
	require.Equal(t, []int{15}, b.ids("GET", "/contacts?search=%C5%81UKASZ", nil), "upper case beyond ASCII")
	require.Equal(t, []int{17}, b.ids("POST", "/contacts?search=van+dijk", m{}), "POST searches as well")
	require.Empty(t, b.ids("GET", "/contacts?search=%25", nil), "a percent sign is a percent sign")
	require.Equal(t, []int{3}, b.ids("GET", "/contact/lists?search=vip", nil))
}

func TestOrder(t *testing.T) {
	b := flat(t)
	order := func(path, by, dir string) []int {
		return b.ids("POST", path, m{"orderBy": by, "orderByDir": dir, "limit": 3})
	}
	require.Equal(t, []int{1, 2, 3}, order("/contacts", "id", "ASC"))
	require.Equal(t, []int{62, 61, 60}, order("/contacts", "id", "desc"))
	require.Equal(t, []int{17, 3, 9}, order("/deals", "amount", "DESC"), "94000, 86000, 72500")
	require.Equal(t, []int{41, 38, 36}, order("/deals", "amount", ""), "numbers, not texts")
	require.Equal(t, []int{20, 38, 10}, order("/deals", "close_date", "ASC"))
	require.Equal(t, []int{16, 10, 1}, order("/contacts", "first_name", "ASC"), "Agnieszka, Amaka, Ana")
}

func TestDefaultOrderIsNewestFirst(t *testing.T) {
	b := flat(t)
	b.ok("PUT", "/contacts/9", m{"city": "Abuja"})
	b.ok("PUT", "/contacts/5", m{"city": "Ulm"})
	created := b.ok("POST", "/contacts/new", m{"email": "a@b.example"})
	require.Equal(t, []int{63, 5, 9}, b.ids("GET", "/contacts?limit=3", nil))
	require.Equal(t, "2026-06-22 09:00:03", at(created, "contact", "date_added"))
	require.Equal(t, "Elena Marković", at(created, "contact", "created_by_user"))
}

func TestCreateUpdateDelete(t *testing.T) {
	for group, test := range map[string]struct {
		name, unique string
		body, change m
	}{
		"contacts":         {"contact", "email", m{"email": "x@y.example", "first_name": "Éva"}, m{"first_name": "Eve"}},
		"leads":            {"lead", "email", m{"email": "x@y.example", "state": "TX"}, m{"state": "CA"}},
		"accounts":         {"account", "name", m{"name": "Ørsted & Søn", "employees": 3}, m{"employees": 4}},
		"deals":            {"deal", "name", m{"name": "New deal", "amount": 10.5}, m{"amount": 11}},
		"cases":            {"case", "title", m{"title": "New case"}, m{"priority": "Urgent"}},
		"ce/subscriptions": {"subscriptions", "name", m{"name": "New"}, m{"amount": 4}},
		"ce/equipment":     {"equipment", "name", m{"name": "New"}, m{"amount": 4}},
	} {
		t.Run(group, func(t *testing.T) {
			b := flat(t)
			made := at(b.ok("POST", "/"+group+"/new", test.body), test.name).(m)
			path := fmt.Sprintf("/%s/%v", group, made["id"])
			for alias, v := range test.body {
				require.EqualValues(t, v, made[alias])
			}
			changed := at(b.ok("PUT", path, test.change), test.name).(m)
			for alias, v := range test.change {
				require.EqualValues(t, v, changed[alias])
			}
			require.Equal(t, made[test.unique], changed[test.unique])
			edit := m{test.unique: made[test.unique], "owner_id": 4}
			require.EqualValues(t, 4, at(b.ok("PUT", "/"+group+"/edit", edit), test.name, "owner_id"))
			require.Equal(t, b.ok("GET", path, nil), b.ok("GET", path, nil))
			b.empty(204, "DELETE", path)
			b.status(404, "GET", path, nil)
			b.status(404, "DELETE", path, nil)
			b.status(404, "PUT", path, test.change)
			b.status(404, "PUT", "/"+group+"/edit", edit)
			b.status(400, "PUT", "/"+group+"/edit", m{"owner_id": 4})
		})
	}
}

func TestIDsAreNotUsedTwice(t *testing.T) {
	b := flat(t)
	b.ok("POST", "/contacts/new", m{"email": "1@y.example"})
	b.empty(204, "DELETE", "/contacts/63")
	require.EqualValues(t, 64, at(b.ok("POST", "/contacts/new", m{"email": "1@y.example"}), "contact", "id"))
}

func TestDeleteTakesWhatIsOnlyAboutIt(t *testing.T) {
	b := flat(t)
	b.empty(204, "DELETE", "/contacts/47")
	b.status(404, "GET", "/notes/4", nil)
	require.Nil(t, at(b.ok("GET", "/tasks/42", nil), "task", "association_id"))
	require.Nil(t, at(b.ok("GET", "/deals/2", nil), "deal", "contact_id"))
	b.empty(204, "DELETE", "/accounts/1")
	require.Nil(t, at(b.ok("GET", "/contacts/1", nil), "contact", "account_id"))
	b.empty(204, "DELETE", "/users/3")
	require.Nil(t, at(b.ok("GET", "/contacts/1", nil), "contact", "owner_id"))
	b.empty(204, "DELETE", "/cases/42")
	b.status(404, "GET", "/cases/replies/REF-1042", nil)
	b.empty(204, "DELETE", "/workflows/42")
	require.NotContains(t, b.ids("GET", "/leads/42/workflows", nil), 42)
}

// A number too large for a float comes back as it went in.
func TestNumbersStayExact(t *testing.T) {
	for _, d := range Dialects {
		b := open(t, Options{Dialect: d})
		for _, number := range []string{"9007199254740993", "123456789012345678901234567890", "0.10", "-12.345678901234567"} {
			_, text := b.send("PUT", "/deals/1", json.RawMessage(`{"amount":`+number+`}`))
			require.Contains(t, text, number)
			_, text = b.send("GET", "/deals/1", nil)
			require.Contains(t, text, number)
		}
		b.send("PUT", "/deals/1", json.RawMessage(`{"amount":9007199254740993}`))
		for amount, total := range map[string]float64{"9007199254740993": 1, "9007199254740992": 0} {
			f := json.RawMessage(`{"filters":[{"type":"number","alias":"amount","value":{"operator":"=","input":` + amount + `}}]}`)
			_, text := b.send("POST", "/deals", f)
			require.Equal(t, total == 1, len(text) > 200, text)
		}
	}
}

func TestLists(t *testing.T) {
	for _, path := range []string{"contact", "lead", "account", "deal", "case", "ce/subscriptions", "ce/equipment"} {
		t.Run(path, func(t *testing.T) {
			b := flat(t)
			records := path + "s"
			if path[:2] == "ce" {
				records = path
			}
			require.Contains(t, b.ids("GET", "/"+path+"/lists", nil), 1)
			require.Equal(t, b.ids("GET", "/"+path+"/lists?limit=100", nil), b.ids("GET", "/"+records+"/list/lists", nil))
			b.ok("POST", "/"+path+"/lists/1/remove/2", nil)
			require.NotContains(t, b.ids("GET", "/"+records+"/2/lists", nil), 1)
			for range 2 {
				require.EqualValues(t, 1, b.ok("POST", "/"+path+"/lists/1/add/2", nil)["success"])
			}
			require.Contains(t, b.ids("GET", "/"+records+"/2/lists", nil), 1)
			b.ok("POST", "/"+path+"/lists/1/remove/2", nil)
			require.NotContains(t, b.ids("GET", "/"+records+"/2/lists", nil), 1)
			b.status(404, "POST", "/"+path+"/lists/99/add/2", nil)
			b.status(404, "POST", "/"+path+"/lists/1/add/999", nil)
			b.status(404, "POST", "/"+path+"/lists/one/add/2", nil)
			b.status(404, "GET", "/"+records+"/999/lists", nil)
		})
	}
}

func TestRecordWorkflows(t *testing.T) {
	b := flat(t)
	require.Equal(t, []int{1, 42}, b.ids("GET", "/leads/42/workflows", nil))
	require.Empty(t, b.ids("GET", "/leads/2/workflows", nil))
	b.status(404, "GET", "/leads/999/workflows", nil)
}
