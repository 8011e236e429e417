package sandbox

import "slices"

// kind is one sort of thing in the workspace: what it is called, which fields
// it has and what the permissions for it are. Records and everything else
// (tasks, users, lists) are listed, filtered, read and written by the same code.
type kind struct {
	table  string // its key in the database; for a record also its name in notes and tasks
	name   string // the outer name of one
	plural string // the outer name of many
	area   string // the first two parts of its permissions
	fields []field

	groups     []group // the categories of a record's fields; what is no record has none
	firstField int     // the id of a record's first field
	lists      *kind   // a record's lists
	array      bool    // lists of it are arrays in every dialect
	custom     bool

	// finish checks what no single field can, and fills what follows from others.
	finish func(*call, *item, problems) error
}

// group is a category of fields.
type group struct{ alias, title string }

var (
	contacts = record("contact", "contacts", 1, contactFields, nil, "core:Core", "social:Social", "personal:Personal", "professional:Professional")
	leads    = record("lead", "leads", 101, leadFields, nil, "core:Core", "social:Social", "personal:Personal", "professional:Professional")
	accounts = record("account", "accounts", 201, accountFields, nil, "core:Core", "billing:Billing", "professional:Professional", "social:Social")
	deals    = record("deal", "deals", 301, dealFields, finishDeal, "core:Core", "details:Details", "social:Social")
	cases    = record("case", "cases", 401, caseFields, finishCase, "core:Core", "details:Details", "social:Social")

	subscriptions = custom("subscriptions", 501, subscriptionFields)
	equipment     = custom("equipment", 601, equipmentFields)

	tasks      = &kind{table: "task", name: "task", plural: "tasks", area: "task:tasks", fields: taskFields, finish: finishTask}
	notes      = &kind{table: "note", name: "note", plural: "notes", area: "note:notes", fields: noteFields, finish: finishNote, array: true}
	replies    = &kind{table: "reply", name: "reply", plural: "replies", area: "case:cases", fields: replyFields, array: true}
	emails     = &kind{table: "email", name: "email", plural: "emails", area: "email:emails", fields: emailFields}
	workflows  = &kind{table: "workflow", name: "workflow", plural: "workflows", area: "workflow:workflows", fields: workflowFields}
	forms      = &kind{table: "form", name: "form", plural: "forms", area: "form:forms", fields: formFields}
	pages      = &kind{table: "page", name: "page", plural: "pages", area: "page:pages", fields: pageFields}
	reports    = &kind{table: "report", name: "report", plural: "reports", area: "report:reports", fields: reportFields}
	users      = &kind{table: "user", name: "user", plural: "users", area: "user:users", fields: userFields}
	roles      = &kind{table: "role", name: "role", plural: "roles", area: "user:roles", fields: roleFields}
	categories = &kind{table: "category", name: "category", plural: "categories", area: "category:categories", fields: categoryFields}
)

var recordKinds = []*kind{contacts, leads, accounts, deals, cases, subscriptions, equipment}

// kinds are all of them, lists apart.
var kinds = append([]*kind{tasks, notes, replies, emails, workflows, forms, pages, reports, users, roles, categories}, recordKinds...)

// customTables are the custom entities, by the name in their path.
var customTables = map[string]*kind{"subscriptions": subscriptions, "equipment": equipment}

// kindOfGroup says what each group of endpoints is about; custom_records are
// about the table in their path.
var kindOfGroup = map[string]*kind{
	"contacts": contacts, "leads": leads, "accounts": accounts, "deals": deals, "cases": cases,
	"tasks": tasks, "notes": notes, "emails": emails, "workflows": workflows, "forms": forms,
	"pages": pages, "reports": reports, "users": users, "roles": roles,
}

func record(name, plural string, firstField int, fields []field, finish func(*call, *item, problems) error, groups ...string) *kind {
	k := &kind{table: name, name: name, plural: plural, area: name + ":" + plural, fields: owned(fields), firstField: firstField, finish: finish}
	for _, g := range groups {
		k.groups = append(k.groups, newGroup(g))
	}
	k.lists = &kind{table: name + " list", name: "list", plural: "lists", area: k.area, fields: listFieldsOf}
	return k
}

// custom is the kind of a custom table. Guess: its outer names are customEntity
// and customEntities; see outerNames.
func custom(table string, firstField int, fields []field) *kind {
	k := record(table, table, firstField, fields, nil, "core:Core", "details:Details", "social:Social")
	k.name, k.plural, k.area, k.custom = "customEntity", "customEntities", "customEntity:"+table, true
	return k
}

// recordKind finds a record's kind by its name in notes and tasks.
func recordKind(name any) *kind {
	for _, k := range recordKinds {
		if k.table == name {
			return k
		}
	}
	return nil
}

// field finds a field by its alias.
func (k *kind) field(alias string) *field {
	i := slices.IndexFunc(k.fields, func(f field) bool { return f.alias == alias })
	if i < 0 {
		return nil
	}
	return &k.fields[i]
}

// attribute finds a field by its alias, or by what answers call it: a
// client that filters has only the names that it was answered.
func (k *kind) attribute(name string) *field {
	for i := range k.fields {
		if f := &k.fields[i]; f.alias == name || (f.as != "" && f.as == name) {
			return f
		}
	}
	return nil
}

// isRecord reports whether its values stand in categories of fields.
func (k *kind) isRecord() bool { return k.groups != nil }

// outerNames are what one and many are called in a dialect.
// Guess: the flat dialect names custom records by their table.
func (k *kind) outerNames(d *dialect) (one, many string) {
	if k.custom && !d.nested {
		return k.table, k.table
	}
	return k.name, k.plural
}

// inList and inWorkflow name the links from lists and workflows to a kind.
func inList(k *kind) string     { return k.table + " list:" + k.table }
func inWorkflow(k *kind) string { return "workflow:" + k.table }
