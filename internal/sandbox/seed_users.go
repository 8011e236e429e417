package sandbox

// The roles, with what each may do, by area. Roles with isAdmin may do all.
var seededRoles = []struct {
	id                int64
	name, description string
	admin             bool
	permissions       values
}{
	{1, "Administrator", "May do everything.", true, values{}},
	{2, "Support", "Works on cases. Does not see deals.", false, values{
		"case:cases": edits("create"), "contact:contacts": edits("create"), "account:accounts": views,
		"lead:leads": views, "customEntity:equipment": edits(), "customEntity:subscriptions": views,
		"task:tasks": edits("create", "delete"), "note:notes": edits("create", "delete"),
		"email:emails": views, "workflow:workflows": views, "form:forms": views, "page:pages": views,
		"report:reports": views, "user:users": views, "user:roles": views}},
	{3, "Sales", "Works on leads, contacts, accounts and deals. Deletes nothing.", false, values{
		"contact:contacts": edits("create"), "lead:leads": edits("create"), "account:accounts": edits("create"),
		"deal:deals": edits("create"), "case:cases": views, "customEntity:subscriptions": edits("create"),
		"customEntity:equipment": views, "task:tasks": edits("create"), "note:notes": edits("create"),
		"email:emails": edits("send"), "workflow:workflows": views, "form:forms": views, "page:pages": views,
		"report:reports": views, "user:users": views, "user:roles": views}},
	{42, "Viewer", "Reads everything, changes nothing.", false, values{
		"contact:contacts": views, "lead:leads": views, "account:accounts": views, "deal:deals": views,
		"case:cases": views, "customEntity:subscriptions": views, "customEntity:equipment": views,
		"task:tasks": views, "note:notes": views, "email:emails": views, "workflow:workflows": views,
		"form:forms": views, "page:pages": views, "report:reports": views, "user:users": views, "user:roles": views}},
}

var views = []string{"view"}

func edits(more ...string) []string { return append([]string{"view", "edit"}, more...) }

func seedRoles() []*item {
	var items []*item
	for _, r := range seededRoles {
		items = append(items, planted(roles, r.id, 900, values{
			"name": r.name, "description": r.description, "isAdmin": r.admin, "permissions": r.permissions, "isPublished": true}))
	}
	return items
}

var seededUsers = []struct {
	id                              int64
	username, first, last, position string
	role                            int64
	timezone                        string
}{
	{1, "elena", "Elena", "Marković", "Operations lead", 1, "Europe/Belgrade"},
	{2, "tomas", "Tomás", "Herrera", "Head of Sales", 3, "Europe/Madrid"},
	{3, "sofia", "Sofia", "Lindqvist", "Account Executive", 3, "Europe/Stockholm"},
	{4, "kwame", "Kwame", "Mensah", "Account Executive", 3, "Africa/Accra"},
	{5, "priya", "Priya", "Raman", "Support Engineer", 2, "Asia/Kolkata"},
	{6, "jonas", "Jonas", "Weber", "Support Engineer", 2, "Europe/Berlin"},
	{7, "aiko", "Aiko", "Tanaka", "Finance Analyst", 42, "Asia/Tokyo"},
	{42, "jdavies", "John", "Davies", "Sales Manager", 3, "America/New_York"},
}

// sellers and helpers own what is sold and what is answered.
var (
	sellers = []int64{3, 4, 42, 2}
	helpers = []int64{5, 6}
)

func seedUsers() []*item {
	var items []*item
	for _, u := range seededUsers {
		items = append(items, planted(users, u.id, 700-int(u.id)*9, values{
			"username": u.username, "firstName": u.first, "lastName": u.last, "position": u.position,
			"email": u.username + "@flexie-demo.example", "role": u.role, "timezone": u.timezone, "locale": "en_US", "isPublished": true}))
	}
	return items
}
