package sandbox

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCredentials(t *testing.T) {
	b := open(t, Options{Token: "access-1"})
	for name, test := range map[string]struct {
		path, header, value string
		status              int
	}{
		"header":        {"/users/self", "apikey", Key, 200},
		"query":         {"/users/self?apikey=" + Key, "", "", 200},
		"token":         {"/users/self", "Authorization", "Bearer access-1", 200},
		"none":          {"/users/self", "", "", 401},
		"wrong key":     {"/users/self", "apikey", "guess", 401},
		"wrong token":   {"/users/self", "Authorization", "Bearer access-2", 401},
		"key as token":  {"/users/self", "Authorization", "Bearer " + Key, 401},
		"empty bearer":  {"/users/self", "Authorization", "Bearer ", 401},
		"not a bearer":  {"/users/self", "Authorization", "Basic access-1", 401},
		"unknown paths": {"/nothing", "", "", 404},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequest("GET", "http://sandbox/api"+test.path, nil)
			require.NoError(t, err)
			if test.header != "" {
				r.Header.Set(test.header, test.value)
			}
			res, err := b.s.Transport().RoundTrip(r)
			require.NoError(t, err)
			require.Equal(t, test.status, res.StatusCode)
		})
	}
}

func TestNoTokenIsNoWayIn(t *testing.T) {
	b := open(t, Options{}).as("")
	require.Contains(t, b.fails(401, "GET", "/contacts", nil), "apikey")
}

func TestRoles(t *testing.T) {
	b := open(t, Options{})
	note := m{"text": "x"}
	for _, test := range []struct {
		key, method, path string
		body              any
		lacks             string // "" is allowed
	}{
		{SalesKey, "GET", "/deals", nil, ""},
		{SalesKey, "PUT", "/deals/1", m{"amount": 1}, ""},
		{SalesKey, "POST", "/emails/42/send", nil, ""},
		{SalesKey, "DELETE", "/deals/1", nil, "deal:deals:delete"},
		{SalesKey, "GET", "/users", nil, ""},
		{SalesKey, "PUT", "/users/4", m{}, "user:users:edit"},
		{SalesKey, "PUT", "/workflows/1", m{}, "workflow:workflows:edit"},
		{SupportKey, "GET", "/deals", nil, "deal:deals:view"},
		{SupportKey, "GET", "/deals/list/fields", nil, "deal:deals:view"},
		{SupportKey, "POST", "/notes/deal/1", note, "deal:deals:view"},
		{SupportKey, "POST", "/notes/case/1", note, ""},
		{SupportKey, "POST", "/cases/42/replies", m{"text": "hi"}, ""},
		{SupportKey, "POST", "/tasks/2/complete", nil, ""},
		{SupportKey, "POST", "/emails/42/send", nil, "email:emails:send"},
		{ViewerKey, "GET", "/deals/1", nil, ""},
		{ViewerKey, "POST", "/deals", nil, ""},
		{ViewerKey, "POST", "/deals/new", m{}, "deal:deals:create"},
		{ViewerKey, "PUT", "/ce/equipment/edit", m{}, "customEntity:equipment:edit"},
		{ViewerKey, "POST", "/contact/lists/1/add/42", nil, "contact:contacts:edit"},
		{ViewerKey, "POST", "/cases/42/replies", m{"text": "hi"}, "case:cases:edit"},
		{ViewerKey, "POST", "/notes/contact/1", note, "note:notes:create"},
	} {
		b := b.as(test.key)
		if test.lacks == "" {
			b.ok(test.method, test.path, test.body)
			continue
		}
		require.Contains(t, b.fails(403, test.method, test.path, test.body), "it needs the permission "+test.lacks+".")
	}
}

func TestSelf(t *testing.T) {
	for key, name := range map[string]string{Key: "elena", SalesKey: "sofia", SupportKey: "priya", ViewerKey: "aiko"} {
		for _, d := range Dialects {
			b := open(t, Options{Dialect: d}).as(key)
			require.Equal(t, name, at(b.ok("GET", "/users/self", nil), "user", "username"))
		}
	}
}

func TestCheckPermission(t *testing.T) {
	b := open(t, Options{})
	ask := m{"permissions": []string{"deal:deals:viewown", "deal:deals:delete", "no:such:thing", "nonsense"}}
	require.Equal(t, m{"deal:deals:viewown": true, "deal:deals:delete": false, "no:such:thing": false, "nonsense": false},
		b.ok("POST", "/users/3/permission", ask)["permissions"])
	require.Equal(t, m{"deal:deals:viewown": true, "deal:deals:delete": true, "no:such:thing": true, "nonsense": true},
		b.ok("POST", "/users/1/permission", ask)["permissions"])
	require.Contains(t, b.fails(400, "POST", "/users/1/permission", m{}), "permissions")
	require.Equal(t, m{"deal:deals:viewown": true, "deal:deals:delete": false, "no:such:thing": false, "nonsense": false},
		open(t, Options{Dialect: "bare"}).ok("POST", "/users/3/permission", ask), "bare, as Mautic has it")
	b.fails(404, "POST", "/users/99/permission", ask)
}

// What a role is refused and what it is told it may not do are the same, by
// names like those on Flexie's page.
func TestPermissionsAreWhatIsAllowed(t *testing.T) {
	owners := map[string]int{SalesKey: 3, SupportKey: 5, ViewerKey: 7}
	for _, test := range []struct {
		key, permission string
		granted         bool
	}{
		{SalesKey, "lead:leads:viewown", true},
		{SalesKey, "lead:leads:editown", true},
		{SalesKey, "lead:leads:viewother", true},
		{SalesKey, "lead:leads:create", true},
		{SalesKey, "lead:leads:deleteown", false},
		{SalesKey, "email:emails:send", true},
		{SalesKey, "user:users:edit", false},
		{SupportKey, "deal:deals:viewown", false},
		{SupportKey, "case:cases:editown", true},
		{SupportKey, "task:tasks:deleteother", true},
		{SupportKey, "note:notes:create", true},
		{ViewerKey, "lead:leads:viewown", true},
		{ViewerKey, "lead:leads:editown", false},
		{ViewerKey, "customEntity:equipment:view", true},
		{ViewerKey, "workflow:workflows:edit", false},
	} {
		path := fmt.Sprintf("/users/%d/permission", owners[test.key])
		answer := open(t, Options{}).as(test.key).ok("POST", path, m{"permissions": []string{test.permission}})
		require.Equal(t, m{test.permission: test.granted}, answer["permissions"], test.key)
	}
}

func TestSwitchedOffUserHasNoKey(t *testing.T) {
	b := open(t, Options{})
	b.ok("PUT", "/users/3", m{"isPublished": false})
	require.Contains(t, b.as(SalesKey).fails(401, "GET", "/users/self", nil), "no longer active")
	b.empty(204, "DELETE", "/users/5")
	b.as(SupportKey).fails(401, "GET", "/users/self", nil)
}

// empty is for answers without a body.
func (b *bench) empty(status int, method, path string) {
	b.t.Helper()
	res, text := b.send(method, path, nil)
	require.Equal(b.t, status, res.StatusCode, text)
	require.Empty(b.t, text)
}
