package flexie

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// published is an endpoint as Flexie's API page has it.
type published struct {
	Group, Method, Path, Title string
}

// publishedGroups are the page's titles of the groups.
var publishedGroups = map[string]string{
	"Contact": "contacts", "Lead": "leads", "Accounts": "accounts", "Deals": "deals", "Cases": "cases",
	"Tasks": "tasks", "Notes": "notes", "Emails": "emails", "Custom entities": "custom_records", "Workflows": "workflows",
	"Forms": "forms", "Pages": "pages", "Reports": "reports", "Users": "users", "Roles": "roles",
}

func publishedEndpoints(t *testing.T) []published {
	data, err := os.ReadFile("testdata/endpoints.json")
	require.NoError(t, err)
	var all []published
	require.NoError(t, json.Unmarshal(data, &all))
	require.Len(t, all, 142)
	return all
}

// TestEndpointsAreThePublishedOnes: none is missing, none is made up, and each
// is in its group.
func TestEndpointsAreThePublishedOnes(t *testing.T) {
	var want, got []string
	for _, p := range publishedEndpoints(t) {
		want = append(want, publishedGroups[p.Group]+" "+p.Method+" "+strings.TrimPrefix(p.Path, "/api"))
	}
	for _, e := range Endpoints {
		got = append(got, e.Group+" "+e.Method+" "+e.Path)
	}
	require.ElementsMatch(t, want, got)
}

func TestEndpointNames(t *testing.T) {
	names := map[string]bool{}
	for _, e := range Endpoints {
		require.Regexp(t, regexp.MustCompile(`^`+e.Group+`\.[a-z_]+$`), e.Name)
		require.False(t, names[e.Name], "%s names two endpoints", e.Name)
		require.Contains(t, Groups, e.Group)
		names[e.Name] = true
		found, ok := EndpointNamed(e.Name)
		require.True(t, ok)
		require.Equal(t, e, found)
	}
	_, ok := EndpointNamed("contacts.explode")
	require.False(t, ok)
	require.Len(t, Groups, len(publishedGroups))
}

// TestWrites: what is not a GET writes, but for searches with filters and the
// question for permissions.
func TestWrites(t *testing.T) {
	for _, p := range publishedEndpoints(t) {
		i := slices.IndexFunc(Endpoints, func(e Endpoint) bool { return e.Method == p.Method && "/api"+e.Path == p.Path })
		asks := p.Method == "GET" || p.Method == "POST" && (strings.HasPrefix(p.Title, "List ") || p.Title == "Check Permission")
		require.Equal(t, !asks, Endpoints[i].Writes(), "%s: %s", p.Title, Endpoints[i].Name)
	}
}

// TestEveryEndpointIsCalled: the tables of requests leave none out.
func TestEveryEndpointIsCalled(t *testing.T) {
	calls := slices.Concat(recordCalls(), caseCalls, taskCalls, noteCalls, emailCalls, workflowCalls, formCalls, pageCalls, reportCalls, userCalls, roleCalls)
	called := map[string]bool{}
	all := publishedEndpoints(t)
	for _, s := range calls {
		called[s.method+" "+publishedPath(all, s.method, "/api"+s.path)] = true
	}
	for _, p := range all {
		require.True(t, called[p.Method+" "+p.Path], "no test calls %s %s", p.Method, p.Path)
	}
}

// publishedPath finds the endpoint that a request is for: that of most literal
// segments, as a router would.
func publishedPath(all []published, method, path string) (best string) {
	most := -1
	for _, p := range all {
		if n, ok := literals(p.Path, path); ok && p.Method == method && n > most {
			best, most = p.Path, n
		}
	}
	return best
}

func literals(pattern, path string) (n int, ok bool) {
	patterns, segments := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(patterns) != len(segments) {
		return 0, false
	}
	for i, p := range patterns {
		switch {
		case p == segments[i]:
			n++
		case !strings.HasPrefix(p, "{"):
			return 0, false
		}
	}
	return n, true
}
