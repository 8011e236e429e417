package doctor

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
)

// TestEveryRowIsTestedOrCant: each row of the document is in one of the three tables.
func TestEveryRowIsTestedOrCant(t *testing.T) {
	names := []string{}
	for _, row := range Rows() {
		names = append(names, row.Name)
		in := 0
		for _, is := range []bool{tested[row.Name] != nil, slices.Contains(byWriting, row.Name), untestable[row.Name] != ""} {
			if is {
				in++
			}
		}
		require.Equal(t, 1, in, "%s: say in one of tested, byWriting and untestable how doctor tests it", row.Name)
		require.NotEmpty(t, row.Assumed)
		require.NotEmpty(t, row.IfWrong)
	}
	document, err := os.ReadFile("../../docs/assumptions.md")
	require.NoError(t, err)
	require.Len(t, names, len(regexp.MustCompile("(?m)^\\| `").FindAllString(string(document), -1)), "rows that can't be read")
}

// couldTell are the guesses that a read must be able to confirm on every sandbox.
var couldTell = []string{
	"error-statuses", "error-shapes", "list-shapes", "record-shapes", "field-shape", "filter-operators", "filter-types", "value-types",
	"names-of-ids", "system-properties", "search-with-filters", "search-across-fields", "start-on-get", "list-limit", "filter-lists-query", "custom-record-names",
	"reply-shape", "report-shape", "permission-shape", "permission-names", "user-timezone", "whole-number-ids", "case-recipient",
	"case-closed", "deal-stage", "email-recipients", "note-entity", "oauth-check", "key-of-one-user",
}

// TestNothingIsFalseOfTheSandbox: in whatever shape it answers.
func TestNothingIsFalseOfTheSandbox(t *testing.T) {
	for _, dialect := range sandbox.Dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			environ := append(serve(t, workspace(t, sandbox.Options{Dialect: dialect})), "FLEXIE_CUSTOM_TABLES=subscriptions")
			report, by := run(t, options(t, environ...))
			for _, g := range report.Assumptions {
				require.NotEqual(t, False, g.Holds, "%s: %s", g.Name, g.Found)
				require.NotEmpty(t, g.Found, g.Name)
				require.Equal(t, slices.Contains(couldTell, g.Name), g.Holds == True && g.Name != "times-are-utc", "%s: %s", g.Name, g.Found)
			}
			require.Equal(t, OK, by["assumptions"].Result, by["assumptions"].Found)
		})
	}
}

// TestAGuessThatIsWrongIsFoundFalse: each of these workspaces is otherwise than is
// assumed in one way.
func TestAGuessThatIsWrongIsFoundFalse(t *testing.T) {
	for _, tt := range []struct {
		row    string
		change func(http.Handler) http.Handler
		found  string
	}{
		{"error-statuses", status(404, 400), "a record that does not exist is answered with HTTP 400, not 404"},
		{"error-statuses", status(401, 403), "a wrong key is answered with HTTP 403, not 401"},
		{"error-shapes", body("/contacts/"+noRecord.String(), `{"error"`, `{"mishap"`), "none of the members that are known"},
		{"list-shapes", body("/contacts", `"total"`, `"many"`), "no total that could be found"},
		{"list-shapes", whole("/contacts", `{"total":"95","rows":"none"}`), "the list of contacts can't be read"},
		{"record-shapes", body("/contacts/60", `"fields"`, `"attributes"`), "none of its 21 fields found"},
		{"field-shape", body("/contacts/list/fields", `"isRequired"`, `"mandatory"`), "no field says whether it is required"},
		{"field-shape", body("/contacts/list/fields", `"properties"`, `"settings"`), "fields with choices have none"},
		{"system-properties", body("/contacts", `"dateAdded"`, `"born"`), "no record has date_added"},
		{"system-properties", filters("date_added", ""), "a filter by date_added after 2190 finds what it should not"},
		{"system-properties", aliases("id", "number"), "a filter by id is refused"},
		{"system-properties", orders(""), "an order by date_added is not kept"},
		{"filter-operators", operators("gte", "gt"), "gte finds nothing"},
		{"filter-operators", operators("between", "nonsense"), "between is refused"},
		{"filter-operators", operators("!like", "like"), "not_contains finds what it should not"},
		{"filter-types", filters("is_completed", ""), "a filter of tasks that are not completed finds others"},
		{"value-types", numbers("/contacts", "lead_score"), "values that Flexie itself gave for fields of type number would be refused"},
		{"search-with-filters", query("POST", "search"), "a text beside filters is passed over"},
		{"start-on-get", query("GET", "start"), "the second page of a list is the first again"},
		{"list-limit", limit(20), "a list is 20 long, and there is more"},
		{"filter-lists-query", query("GET", "search"), "a search of lists for what none is called shows some"},
		{"reply-shape", body("/replies", `"text"`, `"message"`), "a reply has no text"},
		{"report-shape", body("/reports/", `"data"`, `"rows"`), "a report has no data"},
		{"permission-shape", whole("/users/1/permission", `{"permissions":{}}`), "says nothing of the permissions that were asked for"},
		{"permission-names", body("/permission", `true`, `false`), "other things than they can read: contacts"},
		{"user-timezone", body("/users/self", `Europe/Belgrade`, `CEST +2`), "the user's time zone is no IANA name"},
		{"case-recipient", body("/cases", `"contact_id"`, `"client"`), "no case has contact_id"},
		{"case-closed", body("/cases", `tatus"`, `tate"`), "no case has a status that is known"},
		{"deal-stage", body("/deals", `"amount"`, `"worth"`), "no deal has an amount"},
		{"email-sent-count", body("/emails/", `"sentCount"`, `"sent"`), "an email has no sentCount"},
		{"note-entity", body("/notes/", `"entityType":"contact"`, `"entityType":"contacts"`), "a note says in other words what it is on"},
		{"oauth-check", authorize(200), "is not refused before somebody has signed in (HTTP 200)"},
		{"key-of-one-user", body("/users/self", `"id"`, `"number"`), "Flexie does not say whose the key is"},
	} {
		t.Run(tt.row, func(t *testing.T) {
			t.Parallel()
			v := judged(t, options(t, serve(t, tt.change(workspace(t, sandbox.Options{})))...), tt.row)
			require.Equal(t, False, v.holds, v.found)
			require.Contains(t, v.found, tt.found)
		})
	}
}

// judged is the verdict on one row, with no other tested.
func judged(t *testing.T, o Options, row string) verdict {
	t.Helper()
	p := newPatient(o.whole())
	p.examine(t.Context(), slices.DeleteFunc(p.checks(), func(c check) bool { return c.name == "assumptions" }))
	return tested[row](t.Context(), p.newReader(t.Context()))
}

// TestWhatIsFalseIsTold: with what it changes, as the document has it.
func TestWhatIsFalseIsTold(t *testing.T) {
	report, by := run(t, options(t, serve(t, limit(20)(workspace(t, sandbox.Options{})))...))
	g := guess(t, report, "list-limit")
	require.Equal(t, Guess{
		Name: "list-limit", Holds: False, Found: "a list is 20 long, and there is more",
		Assumed: g.Assumed, Changes: "\"More\" is offered where there is none, or the reverse", MendedBy: []string{"list_limit"},
	}, g)
	require.Equal(t, Warning, by["assumptions"].Result)
	require.Contains(t, by["assumptions"].Found, "not so here: list-limit")
	require.Regexp(t, `FALSE +list-limit +A list is 20 long, and there is more\.\n +assumed: a list is 30 long .*\n +so: "More" is offered .*\n +-> Set list_limit under \[assumptions\]`, report.Text())
	require.False(t, report.Failed(), "it works, as far as it goes")
}

// answerOf is what a handler answers.
func answerOf(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func pass(w http.ResponseWriter, rec *httptest.ResponseRecorder, status int, body []byte) {
	for name, values := range rec.Header() {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// status answers with one status for another.
func status(from, to int) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := answerOf(h, r)
			if rec.Code == from && r.URL.Query().Get("client_id") == "" {
				rec.Code = to
			}
			pass(w, rec, rec.Code, rec.Body.Bytes())
		})
	}
}

// body has a text in the answers of some addresses be another.
func body(path, from, to string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := answerOf(h, r)
			text := rec.Body.Bytes()
			at := strings.TrimPrefix(r.URL.Path, "/api")
			if at == path || len(path) > len("/cases") && strings.Contains(at, path) {
				text = bytes.ReplaceAll(text, []byte(from), []byte(to))
			}
			pass(w, rec, rec.Code, text)
		})
	}
}

// numbers has a field hold words about its number.
func numbers(path, alias string) func(http.Handler) http.Handler {
	number := regexp.MustCompile(`"` + alias + `":(\d+)`)
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := answerOf(h, r)
			text := rec.Body.Bytes()
			if r.URL.Path == "/api"+path {
				text = number.ReplaceAll(text, []byte(`"`+alias+`":"about $1"`))
			}
			pass(w, rec, rec.Code, text)
		})
	}
}

// whole answers an address with another text.
func whole(path, text string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return instead(h, func(w http.ResponseWriter, r *http.Request) bool {
			is := r.URL.Path == "/api"+path
			if is {
				_, _ = w.Write([]byte(text))
			}
			return is
		})
	}
}

// asking has the body of a search be another.
func asking(change func(map[string]any)) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			var asked map[string]any
			if json.Unmarshal(text, &asked) == nil && (asked["filters"] != nil || asked["orderBy"] != nil) {
				change(asked)
				text, _ = json.Marshal(asked)
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
			h.ServeHTTP(w, r)
		})
	}
}

// filters has those on a field be passed over.
func filters(field, _ string) func(http.Handler) http.Handler {
	return asking(func(asked map[string]any) {
		all, _ := asked["filters"].([]any)
		asked["filters"] = slices.DeleteFunc(all, func(f any) bool { return f.(map[string]any)["alias"] == field })
	})
}

// aliases has filters on a field be on another.
func aliases(from, to string) func(http.Handler) http.Handler {
	return asking(func(asked map[string]any) {
		all, _ := asked["filters"].([]any)
		for _, f := range all {
			if f := f.(map[string]any); f["alias"] == from {
				f["alias"] = to
			}
		}
	})
}

// orders has each order be another.
func orders(by string) func(http.Handler) http.Handler {
	return asking(func(asked map[string]any) { asked["orderBy"] = by })
}

// operators has one mean another.
func operators(from, to string) func(http.Handler) http.Handler {
	return asking(func(asked map[string]any) {
		all, _ := asked["filters"].([]any)
		for _, f := range all {
			if value := f.(map[string]any)["value"].(map[string]any); value["operator"] == from {
				value["operator"] = to
			}
		}
	})
}

// query has a parameter be passed over.
func query(method, name string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method {
				q := r.URL.Query()
				q.Del(name)
				r.URL.RawQuery = q.Encode()
			}
			h.ServeHTTP(w, r)
		})
	}
}

// limit has lists be so long, unless told.
func limit(n int) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if q := r.URL.Query(); r.Method == "GET" && q.Get("limit") == "" && strings.Count(r.URL.Path, "/") == 2 {
				q.Set("limit", strconv.Itoa(n))
				r.URL.RawQuery = q.Encode()
			}
			h.ServeHTTP(w, r)
		})
	}
}

// authorize answers sign-ins so.
func authorize(status int) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return instead(h, func(w http.ResponseWriter, r *http.Request) bool {
			is := r.URL.Path == "/oauth2/authorize"
			if is {
				w.WriteHeader(status)
			}
			return is
		})
	}
}

// TestWhatAWriteShows: the write test settles the rows that only a write can.
func TestWhatAWriteShows(t *testing.T) {
	for _, dialect := range sandbox.Dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			box := workspace(t, sandbox.Options{Dialect: dialect})
			o := options(t, serve(t, box)...)
			o.WriteTest = true
			report, by := run(t, o)
			for _, step := range []string{"create", "read back", "change", "note", "delete"} {
				require.Equal(t, OK, by[step].Result, report.Text())
			}
			for _, name := range append(slices.Clone(byWriting), "times-are-utc", "note-entity") {
				require.Equal(t, True, guess(t, report, name).Holds, "%s: %s", name, guess(t, report, name).Found)
			}
		})
	}
}

// TestWithoutAYesNothingIsWritten: all that goes out is a read.
func TestWithoutAYesNothingIsWritten(t *testing.T) {
	box := workspace(t, sandbox.Options{})
	before := box.Now()
	h := instead(box, func(_ http.ResponseWriter, r *http.Request) bool {
		search := r.Method == "POST" && regexp.MustCompile(`^/api/[a-z]+$|/permission$`).MatchString(r.URL.Path)
		if r.Method != "GET" && !search {
			t.Errorf("a write went out: %s %s", r.Method, r.URL.Path)
		}
		return false
	})
	run(t, options(t, serve(t, h)...))
	require.Equal(t, before, box.Now(), "the workspace's clock moves with each write")
}

// TestWhatTheWriteTestLeaves: what can't be deleted is told of, exactly.
func TestWhatTheWriteTestLeaves(t *testing.T) {
	box := workspace(t, sandbox.Options{})
	var id string
	h := instead(box, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "DELETE" && strings.HasPrefix(r.URL.Path, "/api/contacts/") {
			id = strings.TrimPrefix(r.URL.Path, "/api/contacts/")
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	o := options(t, serve(t, h)...)
	o.WriteTest = true
	report, by := run(t, o)
	require.Equal(t, Wrong, by["delete"].Result, report.Text())
	require.Equal(t, "the contact of the test, with the id "+id+", could not be deleted, and is still there", by["delete"].Found)
	require.Equal(t, `delete the contact whose name begins with "`+o.WriteName+`" in Flexie, or run: flexie-mcp call delete_contact '{"id":`+id+`}' --yes`, by["delete"].Next)
	require.True(t, report.Failed())
}

// TestNoWriteIsSentTwice: a create whose answer is lost is looked for, and what it
// made deleted.
func TestNoWriteIsSentTwice(t *testing.T) {
	box := workspace(t, sandbox.Options{})
	sent := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/contacts/new" {
			sent++
			answerOf(box, r)
			panic(http.ErrAbortHandler)
		}
		box.ServeHTTP(w, r)
	})
	o := options(t, serve(t, h)...)
	o.WriteTest = true
	report, by := run(t, o)
	require.Equal(t, 1, sent)
	require.Equal(t, Wrong, by["create"].Result)
	require.Equal(t, OK, by["delete"].Result, report.Text())
	require.Equal(t, "the contact was deleted: nothing is left", by["delete"].Found)
}
