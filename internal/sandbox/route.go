package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// prefix is where the API lives: https://SUB.flexie.io/api.
const prefix = "/api/"

// handler answers one endpoint. A nil answer is 204.
type handler func(*call) (any, error)

// route is an endpoint with what answers it.
type route struct {
	flexie.Endpoint
	act      string // the second half of the endpoint's name: "list"
	segments []string
	handle   handler
}

// acts answer the endpoints that differ between groups in their kind only.
var acts = map[string]handler{
	"list":             listItems,
	"filter":           filterItems,
	"get":              getItem,
	"create":           createItem,
	"update":           updateItem,
	"edit":             editItem,
	"delete":           deleteItem,
	"fields":           listFields,
	"field_categories": listFieldCategories,
	"categories":       listCategories,
	"notes":            recordNotes,
	"workflows":        recordWorkflows,
	"record_lists":     recordLists,
	"all_lists":        allLists,
	"filter_lists":     filterLists,
	"add_to_list":      addToList,
	"remove_from_list": removeFromList,
	"replies":          caseReplies,
	"reply":            addReply,

	"replies_by_identifier": caseReplies,
	"reply_by_identifier":   addReply,
}

// handlers answer the endpoints that are like no other, by name.
var handlers = map[string]handler{
	"tasks.complete":   completeTask,
	"tasks.incomplete": reopenTask,
	"notes.create":     createNote,
	"emails.send":      sendEmail,
	"reports.get":      getReport,
	"users.self":       getSelf,
	"users.delete":     deleteUser,
	"users.permission": checkPermission,
}

// newRoutes joins the endpoint table with the handlers. An endpoint without a
// handler is an error: a sandbox that answers only some would be no workspace.
func newRoutes() ([]*route, error) {
	var routes []*route
	var missing []error
	for _, e := range flexie.Endpoints {
		_, act, _ := strings.Cut(e.Name, ".")
		h := handlers[e.Name]
		if h == nil {
			h = acts[act]
		}
		if h == nil {
			missing = append(missing, fmt.Errorf("sandbox: nothing answers %s (%s %s)", e.Name, e.Method, e.Path))
			continue
		}
		routes = append(routes, &route{e, act, strings.Split(e.Path[1:], "/"), h})
	}
	slices.SortStableFunc(routes, literalFirst)
	return routes, errors.Join(missing...)
}

// literalFirst puts "/users/self" before "/users/{id}", so that the first
// route that matches is the right one. (http.ServeMux refuses some of Flexie's
// pairs, such as /cases/{id}/replies and /cases/replies/{identifier}.)
func literalFirst(a, b *route) int {
	for i := range min(len(a.segments), len(b.segments)) {
		pa, pb := isParameter(a.segments[i]), isParameter(b.segments[i])
		switch {
		case pa && !pb:
			return 1
		case pb && !pa:
			return -1
		}
	}
	return 0
}

func isParameter(segment string) bool { return strings.HasPrefix(segment, "{") }

// match finds the route of a request, and the values of the path's parameters.
func (s *Sandbox) match(method, path string) (*route, map[string]string, error) {
	rest, ok := strings.CutPrefix(path, prefix)
	segments, err := unescape(rest)
	if !ok || err != nil {
		return nil, nil, notFound("No such endpoint: %s.", path)
	}
	var allowed []string
	for _, r := range s.routes {
		values, ok := r.values(segments)
		switch {
		case ok && r.Method == method:
			return r, values, nil
		case ok && !slices.Contains(allowed, r.Method):
			allowed = append(allowed, r.Method)
		}
	}
	return nil, nil, noRoute(method, path, allowed)
}

func noRoute(method, path string, allowed []string) error {
	if len(allowed) == 0 {
		return notFound("No such endpoint: %s.", path)
	}
	methods := strings.Join(allowed, ", ")
	return &failure{
		status:  http.StatusMethodNotAllowed,
		message: fmt.Sprintf("%s is not allowed on %s: use %s.", method, path, methods),
		header:  http.Header{"Allow": {methods}},
	}
}

// unescape splits a path, then unescapes: a value may hold a slash.
func unescape(path string) ([]string, error) {
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, escaped := range segments {
		s, err := url.PathUnescape(escaped)
		if err != nil {
			return nil, err
		}
		segments[i] = s
	}
	return segments, nil
}

// values reports whether the segments are this route's, and its parameters.
func (r *route) values(segments []string) (map[string]string, bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, want := range r.segments {
		switch {
		case isParameter(want) && segments[i] != "":
			values[strings.Trim(want, "{}")] = segments[i]
		case want != segments[i]:
			return nil, false
		}
	}
	return values, true
}
