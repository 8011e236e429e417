package sandbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tests of this file are of what a client goes by that lost an answer, and
// has to find out whether its write was done.

// TestEachChangeHasItsOwnTime: what is made from Now on is dated Now or later,
// what was made before is dated earlier, and each change moves a record's time.
func TestEachChangeHasItsOwnTime(t *testing.T) {
	for _, test := range []struct{ group, name, needs string }{
		{"contacts", "contact", "email"},
		{"leads", "lead", "email"},
		{"accounts", "account", "name"},
		{"deals", "deal", "name"},
		{"cases", "case", "title"},
		{"ce/equipment", "equipment", "name"},
		{"tasks", "task", "task"},
	} {
		b, name, body := flat(t), test.name, m{test.needs: "x@y.example"}
		began := b.s.Now()
		made := at(b.ok("POST", "/"+test.group+"/new", body), name).(m)
		require.Nil(t, made["date_modified"], name)
		require.Equal(t, began, when(t, made["date_added"]), name)

		path := fmt.Sprintf("/%s/%v", test.group, made["id"])
		began = b.s.Now()
		require.True(t, when(t, made["date_added"]).Before(began))
		first := at(b.ok("PUT", path, body), name).(m)
		second := at(b.ok("PUT", path, body), name).(m)
		require.Equal(t, began, when(t, first["date_modified"]))
		require.True(t, when(t, first["date_modified"]).Before(when(t, second["date_modified"])), name)
		require.Equal(t, made["date_added"], second["date_added"])
		require.Equal(t, second, at(b.ok("GET", path, nil), name), "a read changes nothing")
	}
}

// when reads a time of an answer.
func when(t *testing.T, v any) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateTime, v.(string))
	require.NoError(t, err)
	return at
}

// A refused write moves neither the clock nor the record.
func TestRefusedWritesTakeNoTime(t *testing.T) {
	b := flat(t)
	before, began := b.ok("GET", "/contacts/1", nil), b.s.Now()
	b.status(400, "PUT", "/contacts/1", m{"email": "none"})
	b.status(404, "DELETE", "/contacts/999", nil)
	require.Equal(t, began, b.s.Now())
	require.Equal(t, before, b.ok("GET", "/contacts/1", nil))
}

// The Date of an answer is the workspace's time, not the machine's.
func TestAnswersSayWhatTimeItIs(t *testing.T) {
	b := open(t, Options{})
	date := func(method, path string, body any) string {
		res, _ := b.send(method, path, body)
		return res.Header.Get("Date")
	}
	require.Equal(t, "Mon, 22 Jun 2026 09:00:01 GMT", date("GET", "/contacts/1", nil))
	require.Equal(t, "Mon, 22 Jun 2026 09:00:01 GMT", date("PUT", "/contacts/1", m{"city": "Delft"}))
	require.Equal(t, "2026-06-22T09:00:01+00:00", at(b.ok("GET", "/contacts/1", nil), "contact", "dateModified"))
	require.Equal(t, "Mon, 22 Jun 2026 09:00:02 GMT", date("GET", "/nothing", nil))
	require.Equal(t, Today.Add(2*time.Second), b.s.Now())
	failing := open(t, Options{ErrorRate: 1})
	res, _ := failing.send("GET", "/contacts/1", nil)
	require.Equal(t, "Mon, 22 Jun 2026 09:00:01 GMT", res.Header.Get("Date"))
}

func TestNowOfAClosedWorkspace(t *testing.T) {
	s, err := Open(Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Equal(t, Today, s.Now())
}

func TestDeletedIsNotFound(t *testing.T) {
	for _, d := range Dialects {
		b := open(t, Options{Dialect: d})
		for _, path := range []string{"/contacts/42", "/leads/42", "/accounts/42", "/deals/42", "/cases/42", "/ce/subscriptions/42",
			"/ce/equipment/42", "/tasks/42", "/notes/42", "/workflows/42", "/users/42"} {
			res, _ := b.send("GET", path, nil)
			require.Equal(t, http.StatusOK, res.StatusCode, path)
			b.send("DELETE", path, nil)
			for _, method := range []string{"GET", "DELETE"} {
				res, _ = b.send(method, path, nil)
				require.Equal(t, http.StatusNotFound, res.StatusCode, path)
			}
		}
	}
}

func TestWritesCanBeReadBack(t *testing.T) {
	b := flat(t)
	note := at(b.ok("POST", "/notes/contact/42", m{"text": "Called back"}), "note").(m)
	require.Equal(t, note["id"], at(b.ok("GET", "/contacts/42/notes", nil), "notes", 0, "id"))
	require.Equal(t, note, at(b.ok("GET", fmt.Sprintf("/notes/%v", note["id"]), nil), "note"))

	reply := at(b.ok("POST", "/cases/42/replies", m{"text": "Done"}), "reply").(m)
	all := at(b.ok("GET", "/cases/replies/REF-1042", nil), "replies").([]any)
	require.Equal(t, reply, all[len(all)-1])
	require.Equal(t, "outgoing", reply["type"])

	b.ok("POST", "/tasks/2/complete", nil)
	done := at(b.ok("GET", "/tasks/2", nil), "task").(m)
	require.Equal(t, []any{true, done["date_modified"]}, []any{done["is_completed"], done["date_completed"]})
	b.ok("POST", "/tasks/2/incomplete", nil)
	require.Equal(t, false, at(b.ok("GET", "/tasks/2", nil), "task", "is_completed"))
}

// TestSentEmailsAreCounted: an email's counter tells whether it went out, and
// sending again goes to nobody twice.
func TestSentEmailsAreCounted(t *testing.T) {
	for _, dialect := range []string{"classic", "flat"} {
		b := open(t, Options{Dialect: dialect})
		count := func() any { return at(b.ok("GET", "/emails/42", nil), "email", "sentCount") }
		require.EqualValues(t, 0, count())
		sent := b.ok("POST", "/emails/42/send", m{"limit": 2})["sentCount"]
		require.EqualValues(t, 2, sent)
		require.EqualValues(t, 2, count())
		b.ok("POST", "/emails/42/send", nil)
		total := count()
		require.Greater(t, total, 2.0)
		b.ok("POST", "/emails/42/send", nil)
		require.Equal(t, total, count())
	}
}
