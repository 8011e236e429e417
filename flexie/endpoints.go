package flexie

import "strings"

// Endpoint is one row of Flexie's REST API.
//
// Path is relative to the workspace's API root (https://SUB.flexie.io/api) and
// names its parameters in braces: "/contacts/{id}/notes".
type Endpoint struct {
	Name   string // "contacts.notes": unique, GROUP.ACT
	Method string // GET, POST, PUT or DELETE
	Path   string
	Group  string // one of Groups
}

// Writes reports whether a call of the endpoint can change something. POST on a
// list's own path is a search with filters, and a permission check only asks.
func (e Endpoint) Writes() bool {
	return e.Method != "GET" && !strings.HasSuffix(e.Name, ".filter") && e.Name != "users.permission"
}

// Groups are the fifteen groups of Flexie's API page, in its order. They are
// also the names of the toolsets.
var Groups = []string{
	"contacts", "leads", "accounts", "deals", "cases",
	"tasks", "notes", "emails", "custom_records", "workflows",
	"forms", "pages", "reports", "users", "roles",
}

// recordEndpoints are what every kind of record has. {records} and {record}
// stand for the kind's two path segments; see Kind.
var recordEndpoints = []Endpoint{
	{Name: "list", Method: "GET", Path: "/{records}"},
	{Name: "filter", Method: "POST", Path: "/{records}"},
	{Name: "get", Method: "GET", Path: "/{records}/{id}"},
	{Name: "create", Method: "POST", Path: "/{records}/new"},
	{Name: "update", Method: "PUT", Path: "/{records}/{id}"},
	{Name: "edit", Method: "PUT", Path: "/{records}/edit"},
	{Name: "delete", Method: "DELETE", Path: "/{records}/{id}"},
	{Name: "fields", Method: "GET", Path: "/{records}/list/fields"},
	{Name: "field_categories", Method: "GET", Path: "/{records}/list/fields/categories"},
	{Name: "notes", Method: "GET", Path: "/{records}/{id}/notes"},
	{Name: "workflows", Method: "GET", Path: "/{records}/{id}/workflows"},
	{Name: "record_lists", Method: "GET", Path: "/{records}/{id}/lists"},
	{Name: "all_lists", Method: "GET", Path: "/{records}/list/lists"},
	{Name: "filter_lists", Method: "GET", Path: "/{record}/lists"},
	{Name: "add_to_list", Method: "POST", Path: "/{record}/lists/{id}/add/{entityId}"},
	{Name: "remove_from_list", Method: "POST", Path: "/{record}/lists/{id}/remove/{entityId}"},
}

// otherEndpoints are the rest, one by one.
var otherEndpoints = []Endpoint{
	{"cases.replies", "GET", "/cases/{id}/replies", "cases"},
	{"cases.reply", "POST", "/cases/{id}/replies", "cases"},
	{"cases.replies_by_identifier", "GET", "/cases/replies/{identifier}", "cases"},
	{"cases.reply_by_identifier", "POST", "/cases/replies/{identifier}", "cases"},

	{"tasks.list", "GET", "/tasks", "tasks"},
	{"tasks.filter", "POST", "/tasks", "tasks"},
	{"tasks.get", "GET", "/tasks/{id}", "tasks"},
	{"tasks.create", "POST", "/tasks/new", "tasks"},
	{"tasks.update", "PUT", "/tasks/{id}", "tasks"},
	{"tasks.delete", "DELETE", "/tasks/{id}", "tasks"},
	{"tasks.complete", "POST", "/tasks/{id}/complete", "tasks"},
	{"tasks.incomplete", "POST", "/tasks/{id}/incomplete", "tasks"},
	{"tasks.categories", "GET", "/tasks/list/categories", "tasks"},

	{"notes.create", "POST", "/notes/{entityType}/{entityId}", "notes"},
	{"notes.get", "GET", "/notes/{id}", "notes"},
	{"notes.update", "PUT", "/notes/{id}", "notes"},
	{"notes.delete", "DELETE", "/notes/{id}", "notes"},

	{"emails.list", "GET", "/emails", "emails"},
	{"emails.filter", "POST", "/emails", "emails"},
	{"emails.get", "GET", "/emails/{id}", "emails"},
	{"emails.send", "POST", "/emails/{id}/send", "emails"},

	{"workflows.list", "GET", "/workflows", "workflows"},
	{"workflows.filter", "POST", "/workflows", "workflows"},
	{"workflows.get", "GET", "/workflows/{id}", "workflows"},
	{"workflows.update", "PUT", "/workflows/{id}", "workflows"},
	{"workflows.delete", "DELETE", "/workflows/{id}", "workflows"},
	{"workflows.categories", "GET", "/workflows/list/categories", "workflows"},

	{"forms.list", "GET", "/forms", "forms"},
	{"forms.get", "GET", "/forms/{id}", "forms"},

	{"pages.list", "GET", "/pages", "pages"},
	{"pages.filter", "POST", "/pages", "pages"},
	{"pages.get", "GET", "/pages/{id}", "pages"},

	{"reports.list", "GET", "/reports", "reports"},
	{"reports.filter", "POST", "/reports", "reports"},
	{"reports.get", "GET", "/reports/{id}", "reports"},

	{"users.list", "GET", "/users", "users"},
	{"users.filter", "POST", "/users", "users"},
	{"users.get", "GET", "/users/{id}", "users"},
	{"users.self", "GET", "/users/self", "users"},
	{"users.create", "POST", "/users/new", "users"},
	{"users.update", "PUT", "/users/{id}", "users"},
	{"users.delete", "DELETE", "/users/{id}", "users"},
	{"users.permission", "POST", "/users/{id}/permission", "users"},

	{"roles.list", "GET", "/roles", "roles"},
	{"roles.filter", "POST", "/roles", "roles"},
	{"roles.get", "GET", "/roles/{id}", "roles"},
}

// Endpoints are all 142 endpoints, from Flexie's API page. This table is the
// only place where a path is written.
var Endpoints = endpoints()

func endpoints() []Endpoint {
	var all []Endpoint
	for _, kind := range Kinds {
		path := strings.NewReplacer("{records}", kind.path, "{record}", kind.listPath)
		for _, e := range recordEndpoints {
			all = append(all, Endpoint{kind.Group + "." + e.Name, e.Method, path.Replace(e.Path), kind.Group})
		}
	}
	return append(all, otherEndpoints...)
}

var endpointByName = func() map[string]Endpoint {
	m := make(map[string]Endpoint, len(Endpoints))
	for _, e := range Endpoints {
		m[e.Name] = e
	}
	return m
}()

// EndpointNamed finds an endpoint by its name.
func EndpointNamed(name string) (Endpoint, bool) {
	e, ok := endpointByName[name]
	return e, ok
}
