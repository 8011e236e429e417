package flexie

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// office is a workspace with people, and with one record that names them by id.
func office(t *testing.T, change map[string]http.HandlerFunc) *recorder {
	answers := map[string]string{
		"GET /api/users":                     `[{"id":3,"firstName":"Anna","lastName":"Berg","username":"aberg","email":"anna@acme.com","role":2},{"id":7,"firstName":"Anna","lastName":"Ek","username":"aek"},{"id":9,"name":"Łukasz"}]`,
		"GET /api/users/self":                `{"user":{"id":9,"name":"Łukasz","role":2}}`,
		"GET /api/roles":                     `[{"id":2,"name":"Support"},{"id":3,"name":"Sales"}]`,
		"GET /api/tasks/list/categories":     `[{"id":2,"title":"Call"}]`,
		"GET /api/workflows/list/categories": `[{"id":2,"title":"Onboarding"},{"id":3,"title":"Sales"}]`,
		"GET /api/contacts/list/lists":       `[{"id":42,"name":"VIP","alias":"vip"},{"id":43,"name":"VIP guests"}]`,
		"GET /api/tasks":                     `[{"id":1,"task":"Call","owner_id":3,"category":2,"created_by":7},{"id":2,"task":"Write","owner_id":99,"category":null}]`,
	}
	return record(t, func(w http.ResponseWriter, r *http.Request) {
		if f, ok := change[r.Method+" "+r.URL.Path]; ok {
			f(w, r)
			return
		}
		answer, ok := answers[r.Method+" "+r.URL.Path]
		if !ok {
			answer = `[]`
		}
		_, _ = w.Write([]byte(answer))
	})
}

// lines are the requests that came, as METHOD PATH?QUERY BODY.
func (r *recorder) lines() (all []string) {
	for _, got := range r.requests() {
		all = append(all, strings.TrimRight(got.method+" "+strings.TrimPrefix(got.path, "/api")+"?"+got.query+" "+got.body, "? "))
	}
	return all
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// TestNamesOfIDs are looked up where they are missing, once, and what can't be
// known stays an id.
func TestNamesOfIDs(t *testing.T) {
	r := office(t, nil)
	c := r.client(t)
	for range 2 {
		page, err := c.SearchTasks(WithNames(t.Context()), Query{})
		require.NoError(t, err)
		require.Equal(t, `{"id":1,"created_by":7,"created_by_user":"Anna Ek","owner_id":3,"owner":"Anna Berg","task":"Call","category":{"id":2,"name":"Call"}}`, shown(t, page.Records[0].Values))
		require.Equal(t, `{"id":2,"owner_id":99,"task":"Write","category":null}`, shown(t, page.Records[1].Values))
	}
	require.ElementsMatch(t, []string{"GET /tasks", "GET /users?limit=200", "GET /tasks/list/categories", "GET /tasks"}, r.lines())

	_, err := r.client(t).SearchTasks(t.Context(), Query{})
	require.NoError(t, err)
	require.Equal(t, "GET /tasks", r.lines()[4], "nobody looks at it")
	require.Len(t, r.lines(), 5)

	self, err := c.Self(WithNames(t.Context()))
	require.NoError(t, err)
	require.Equal(t, `{"id":9,"name":"Łukasz","role":{"id":2,"name":"Support"}}`, shown(t, self.Values))
}

func TestNothingIsLookedUpForNamesThatAreThere(t *testing.T) {
	r := office(t, map[string]http.HandlerFunc{"GET /api/tasks": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"id":1,"owner":{"id":3,"firstName":"Ann"},"created_by":1,"created_by_user":"Ann"},{"id":2,"owner_id":null},{"id":3,"owner_id":0,"owner":[]}]`))
	}})
	_, err := r.client(t).SearchTasks(WithNames(t.Context()), Query{})
	require.NoError(t, err)
	require.Equal(t, []string{"GET /tasks"}, r.lines())
}

// TestAFailedLookUpIsNoError, and is not repeated for each answer.
func TestAFailedLookUpIsNoError(t *testing.T) {
	r := office(t, map[string]http.HandlerFunc{"GET /api/users": status(403), "GET /api/tasks/list/categories": status(500)})
	c := r.client(t)
	for range 3 {
		page, err := c.SearchTasks(WithNames(t.Context()), Query{})
		require.NoError(t, err)
		require.Equal(t, `{"id":1,"created_by":7,"owner_id":3,"task":"Call","category":2}`, shown(t, page.Records[0].Values))
	}
	require.Len(t, r.lines(), 3+2)
}

// TestNamesAreReadOnce, however many wait for them, and again after a while. A
// look-up that hangs holds no answer up for long.
func TestNamesAreReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asked, hangs := 0, false
		c := clientOf(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/api/users" {
				return respond(r, 200, nil, strings.NewReader(`[{"id":1,"owner_id":3}]`)), nil
			}
			mu.Lock()
			asked++
			hang := hangs
			mu.Unlock()
			if hang {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			time.Sleep(time.Second)
			return respond(r, 200, nil, strings.NewReader(`[{"id":3,"name":"Anna"}]`)), nil
		})
		owner := func() any {
			page, err := c.SearchTasks(WithNames(t.Context()), Query{})
			require.NoError(t, err)
			return page.Records[0].Values.Get("owner")
		}
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { require.Equal(t, "Anna", owner()) })
		}
		all.Wait()
		require.Equal(t, 1, asked)

		time.Sleep(namesLifetime)
		require.Equal(t, "Anna", owner())
		require.Equal(t, 2, asked)

		time.Sleep(namesLifetime)
		hangs = true
		began := time.Now()
		require.Nil(t, owner())
		require.Equal(t, namesPatience, time.Since(began))
		time.Sleep(DefaultTimeout) // until it fails
		require.Nil(t, owner())
		require.Equal(t, 3, asked)
	})
}

func TestNamesMean(t *testing.T) {
	c := office(t, nil).client(t)
	contacts := c.Records(Contact, "")
	for _, test := range []struct {
		find        func(context.Context, string) (ID, error)
		given, want string
	}{
		{c.UserID, "3", "3"},
		{c.UserID, " 12345 ", "12345"}, // Flexie knows
		{c.UserID, "3.0", "3"},
		{c.UserID, "anna berg", "3"},
		{c.UserID, "Anna  Berg", "3"},
		{c.UserID, "Anna Berg (3)", "3"},
		{c.UserID, "AEK", "7"},
		{c.UserID, "anna@acme.com", "3"},
		{c.UserID, "Berg", "3"},
		{c.UserID, "lukasz", "9"},
		{c.UserID, "Me", "9"},
		{c.UserID, "Anna", `"Anna" may be Anna Berg (3) or Anna Ek (7): give the id`},
		{c.UserID, "Jane", `no user is called "Jane"; did you mean `},
		{c.UserID, "0", "an id is above 0, like 42; got 0"},
		{c.UserID, " ", "it is empty: give an id or a name"},
		{c.RoleID, "sales", "3"},
		{c.RoleID, "me", `no role is called "me"`},
		{c.WorkflowCategoryID, "sales", "3"},
		{contacts.ListID, "vip", "42"}, // by its whole name, though another has the word
		{contacts.ListID, "guests", `no list is called "guests"`},
		{contacts.ListID, "Nowhere", `no list is called "Nowhere"; did you mean VIP (42) or VIP guests (43)?`},
	} {
		id, err := test.find(t.Context(), test.given)
		if err != nil {
			require.Equal(t, Invalid, KindOf(err))
			require.Contains(t, err.Error(), test.want)
			continue
		}
		require.Equal(t, test.want, id.String(), test.given)
	}
}

// TestANewColleagueIsFound though the names were read before they came.
func TestANewColleagueIsFound(t *testing.T) {
	users := `[{"id":3,"name":"Anna"}]`
	r := office(t, map[string]http.HandlerFunc{"GET /api/users": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(users)) }})
	c := r.client(t)
	_, err := c.UserID(t.Context(), "Jane")
	require.ErrorContains(t, err, `no user is called "Jane"`)
	require.Len(t, r.lines(), 1, "what was just read is not read again")
	users = `[{"id":4,"name":"Jane"}]`
	id, err := c.UserID(t.Context(), "Jane")
	require.NoError(t, err)
	require.Equal(t, ID(4), id)
	require.Len(t, r.lines(), 2)
}

func TestFiltersTakeNames(t *testing.T) {
	r := office(t, nil)
	c := r.client(t)
	for _, test := range []struct {
		search func(context.Context, Query) (Page, error)
		filter Filter
		input  string
	}{
		{c.SearchTasks, Filter{"owner_id", "is", "Anna Ek"}, `"alias":"owner_id","value":{"operator":"=","input":7}`},
		{c.SearchTasks, Filter{"owner_id", "in", []any{"me", "3"}}, `"input":[9,"3"]`},
		{c.SearchTasks, Filter{"category", "is", "call"}, `"input":2`},
		{c.SearchUsers, Filter{"role", "is_not", "Sales"}, `"input":3`},
		{c.Records(Deal, "").Search, Filter{"owner_id", "is", "me"}, `"input":9`},
		{c.Records(Deal, "").Search, Filter{"category", "is", "call"}, `"input":"call"`},
	} {
		_, err := test.search(t.Context(), Query{Filters: []Filter{test.filter}})
		require.NoError(t, err)
		require.Contains(t, strings.Join(r.lines(), "\n"), test.input)
	}
	_, err := c.SearchTasks(t.Context(), Query{Filters: []Filter{{"owner_id", "is", "Anna"}}})
	require.EqualError(t, err, `filter on owner_id: "Anna" may be Anna Berg (3) or Anna Ek (7): give the id`)
}

func TestOwnersAreWrittenByName(t *testing.T) {
	r := office(t, nil)
	contacts := r.client(t).Records(Contact, "")
	for given, want := range map[string]string{
		`{"owner_id":"Anna Berg"}`: `{"owner_id":3}`,
		`{"owner_id":"me"}`:        `{"owner_id":9}`,
		`{"owner_id":"12"}`:        `{"owner_id":"12"}`,
		`{"owner_id":null}`:        `{"owner_id":null}`,
	} {
		checked, err := contacts.Check(t.Context(), object(t, given), false)
		require.NoError(t, err)
		require.Equal(t, want, shown(t, checked))
	}
	_, err := contacts.Check(t.Context(), object(t, `{"owner_id":"Anna"}`), false)
	require.ErrorContains(t, err, `owner_id: "Anna" may be Anna Berg (3) or Anna Ek (7)`)

	r = office(t, map[string]http.HandlerFunc{"GET /api/users": status(403)})
	_, err = r.client(t).Records(Contact, "").Check(t.Context(), object(t, `{"owner_id":"Anna"}`), false)
	require.ErrorContains(t, err, "owner_id: the user can't be looked up by name (give an id): ")
}
