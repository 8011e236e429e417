package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The shapes, as flexie-facts.md gives them.
func TestShapesOfALanguage(t *testing.T) {
	ask := m{"orderBy": "id", "limit": 2}
	for d, want := range map[string]string{
		"classic": `{"total":"62","contacts":{"1":{"id":1,"isPublished":true,"dateAdded":"2025-`,
		"listed":  `{"total":62,"contacts":[{"id":1,"isPublished":true,"dateAdded":"2025-`,
		"flat":    `{"total":"62","contacts":[{"id":1,"title":"Ms.","first_name":"Ana",`,
		"bare":    `[{"id":1,"title":"Ms.","first_name":"Ana",`,
	} {
		_, text := open(t, Options{Dialect: d}).send("POST", "/contacts", ask)
		require.True(t, strings.HasPrefix(text, want), text[:200])
	}
}

// A keyed list keeps the order of its results, and is [] when it is empty.
func TestKeyedLists(t *testing.T) {
	b := open(t, Options{})
	_, text := b.send("POST", "/users", m{"orderBy": "id", "orderByDir": "DESC"})
	at := -1
	for _, key := range []string{`"42":{`, `"7":{`, `"6":{`, `"1":{`} {
		next := strings.Index(text, key)
		require.Greater(t, next, at, key)
		at = next
	}
	_, text = b.send("GET", "/users?search=nobody", nil)
	require.Equal(t, `{"total":"0","users":[]}`, text)
}

func TestOneRecord(t *testing.T) {
	classic := open(t, Options{}).ok("GET", "/contacts/47", nil)
	require.Equal(t, m{"id": "2", "label": "First name", "alias": "first_name", "type": "text", "group": "core", "value": "Jim"},
		at(classic, "contact", "fields", "core", "first_name"))
	require.Equal(t, "Jim", at(classic, "contact", "fields", "all", "first_name"))
	require.Equal(t, []any{}, at(classic, "contact", "fields", "social"), "an empty category is []")
	require.Equal(t, m{"id": 3.0, "username": "sofia", "firstName": "Sofia", "lastName": "Lindqvist"}, at(classic, "contact", "owner"))

	listed := open(t, Options{Dialect: "listed"}).ok("GET", "/contacts/47", nil)
	require.Equal(t, m{"value": "Jim"}, at(listed, "contact", "fields", "core", "first_name"))
	require.NotContains(t, at(listed, "contact", "fields"), "all")

	flat := open(t, Options{Dialect: "flat"}).ok("GET", "/contacts/47", nil)
	bare := open(t, Options{Dialect: "bare"}).ok("GET", "/contacts/47", nil)
	require.Equal(t, "Jim", bare["first_name"])
	require.EqualValues(t, 3, bare["owner_id"])
	require.Equal(t, bare, at(flat, "contact"))
}

// All dialects say the same of a record.
func TestSameDataInEachDialect(t *testing.T) {
	for _, path := range []string{"/contacts/42", "/leads/9", "/accounts/1", "/deals/1", "/cases/42", "/ce/subscriptions/1", "/ce/equipment/42"} {
		var all []m
		for _, d := range Dialects {
			all = append(all, plainRecord(open(t, Options{Dialect: d}).ok("GET", path, nil)))
		}
		for _, other := range all[1:] {
			require.Equal(t, all[0], other, path)
		}
	}
}

// plainRecord brings a record of any dialect into one shape.
func plainRecord(answer m) m {
	if len(answer) == 1 {
		answer = slices.Collect(maps.Values(answer))[0].(m)
	}
	fields, nested := answer["fields"].(m)
	if !nested {
		for _, alias := range []string{"is_published", "created_by", "created_by_user", "modified_by", "modified_by_user", "date_modified", "owner"} {
			delete(answer, alias)
		}
		answer["date_added"] = strings.Replace(answer["date_added"].(string), " ", "T", 1) + "+00:00"
		return answer
	}
	plain := m{"id": answer["id"], "date_added": answer["dateAdded"], "owner_id": at(answer, "owner", "id")}
	for category, in := range fields {
		in, ok := in.(m)
		if !ok || category == "all" {
			continue
		}
		for alias, v := range in {
			plain[alias] = v.(m)["value"]
		}
	}
	return plain
}

func TestFieldShapes(t *testing.T) {
	classic := open(t, Options{}).ok("GET", "/contacts/list/fields", nil)
	require.Equal(t, "Mr.|Mrs.|Ms.|Dr.|Prof.", at(classic, "1", "properties", "list"))
	require.Equal(t, true, at(classic, "4", "isRequired"))
	require.Equal(t, true, at(classic, "4", "isUniqueIdentifier"))

	_, listed := open(t, Options{Dialect: "listed"}).send("GET", "/contacts/list/fields", nil)
	require.Contains(t, listed, `"properties":{"list":[{"label":"Mr.","value":"Mr."}`)
	require.Contains(t, listed, `"isUniqueIdentifer":true`)
	require.NotContains(t, listed, `"isUniqueIdentifier"`)

	for _, d := range Dialects {
		_, text := open(t, Options{Dialect: d}).send("GET", "/deals/list/fields", nil)
		require.Contains(t, text, `{"label":"Negotiation","value":3}`, d)
	}
	categories := open(t, Options{}).ok("GET", "/contacts/list/fields/categories", nil)
	require.Equal(t, m{"id": 2.0, "title": "Social", "alias": "social", "order": 2.0}, at(categories, "categories", "2"))
}

// Every type of field occurs, and only known ones do.
func TestEveryTypeOfField(t *testing.T) {
	seen := map[string]bool{"json": true}
	for _, k := range kinds {
		for _, f := range k.fields {
			require.Contains(t, fieldTypes, f.typ)
			seen[f.typ] = true
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(fieldTypes)), slices.Collect(maps.Keys(seen)))
}

func TestSmallShapes(t *testing.T) {
	for _, test := range []struct {
		method, path string
		answers      map[string]string
	}{
		{"GET", "/contacts/47/lists?search=vip", map[string]string{
			"classic": `{"total":"0","lists":[]}`, "listed": `{"total":0,"lists":[]}`, "flat": `{"total":"0","lists":[]}`, "bare": `[]`}},
		{"POST", "/contact/lists/1/add/47", map[string]string{
			"classic": `{"success":1}`, "listed": `{"success":true}`, "flat": `{"success":1}`, "bare": `{"success":true}`}},
		{"POST", "/emails/5/send", map[string]string{
			"classic": `{"success":1,"sentCount":43,"failedCount":0}`, "bare": `{"success":true,"sentCount":43,"failedCount":0}`}},
		{"GET", "/contacts/999", map[string]string{
			"classic": `{"error":{"message":"No contact has the id 999.","code":404}}`,
			"listed":  `{"errors":[{"message":"No contact has the id 999.","code":404}]}`,
			"flat":    `{"errors":[{"message":"No contact has the id 999.","code":404}]}`,
			"bare":    `{"errors":[{"message":"No contact has the id 999.","code":404}]}`}},
	} {
		for d, want := range test.answers {
			_, text := open(t, Options{Dialect: d}).send(test.method, test.path, nil)
			require.Equal(t, want, text, "%s %s", d, test.path)
		}
	}
}

func TestErrorShapes(t *testing.T) {
	bad := m{"email": "x", "nope": 1}
	const details = `{"email":["x is not an email address"],"nope":["Unknown field."]}`
	const message = `email: x is not an email address; nope: Unknown field.`
	for d, want := range map[string]string{
		"classic": `{"error":{"message":"` + message + `","code":400,"details":` + details + `}}`,
		"listed":  `{"errors":[{"message":"` + message + `","code":400,"details":` + details + `}]}`,
		"flat":    `{"errors":[{"message":"` + message + `","code":400,"details":` + details + `}]}`,
		"bare":    `{"errors":[{"message":"` + message + `","code":400,"details":` + details + `}]}`,
	} {
		b := open(t, Options{Dialect: d})
		res, text := b.send("PUT", "/contacts/1", bad)
		require.Equal(t, 400, res.StatusCode)
		require.Equal(t, want, text)
		require.Equal(t, "application/json", res.Header.Get("Content-Type"))
	}
	_, text := open(t, Options{Dialect: "bare"}).as("").send("GET", "/contacts", nil)
	require.True(t, strings.HasPrefix(text, `{"error":"invalid_request","error_description":"`), text)
}

func TestDeleteByDialect(t *testing.T) {
	for _, d := range []string{"classic", "flat"} {
		open(t, Options{Dialect: d}).empty(204, "DELETE", "/contacts/47")
	}
	require.EqualValues(t, 47, at(open(t, Options{Dialect: "listed"}).ok("DELETE", "/contacts/47", nil), "contact", "id"))
	require.EqualValues(t, 47, open(t, Options{Dialect: "bare"}).ok("DELETE", "/contacts/47", nil)["id"])
}

func TestCustomRecordNames(t *testing.T) {
	for d, names := range map[string][2]string{
		"classic": {"customEntity", "customEntities"}, "listed": {"customEntity", "customEntities"}, "flat": {"equipment", "equipment"}} {
		b := open(t, Options{Dialect: d})
		require.Contains(t, b.ok("GET", "/ce/equipment/1", nil), names[0])
		require.Contains(t, b.ok("GET", "/ce/equipment", nil), names[1], fmt.Sprint(d))
	}
}
