package resources

import "flexie-mcp/flexie"

// Noun is a thing Flexie keeps: what it is called, which columns a list of it
// shows, and where it can be read as a resource.
type Noun struct {
	One, Many string

	// Columns matter most, in order. Workspaces name their own fields, so
	// those that a list does not have are passed over.
	Columns []string

	// Address is its part of a flexie:// address, "" if it has none.
	Address string
}

// The nouns. Columns are the default field set of Flexie's API page and the
// system properties; none of them has to exist.
var (
	people = []string{"id", "first_name", "firstname", "last_name", "lastname", "email", "phone", "company", "status", "owner"}

	Contact      = Noun{"contact", "contacts", people, "contacts"}
	Lead         = Noun{"lead", "leads", people, "leads"}
	Account      = Noun{"account", "accounts", []string{"id", "name", "status", "industry", "email", "phone", "billing_city", "billing_country", "owner"}, "accounts"}
	Deal         = Noun{"deal", "deals", []string{"id", "name", "amount", "pipeline_id", "stage_id", "stage", "status", "close_date", "owner"}, "deals"}
	Case         = Noun{"case", "cases", []string{"id", "identifier", "title", "category", "priority", "public_status", "internalStatus", "date_modified", "owner"}, "cases"}
	CustomRecord = Noun{"record", "records", []string{"id", "name", "title", "status", "amount", "owner"}, "custom_records"}

	Task     = Noun{"task", "tasks", []string{"id", "task", "due_date", "is_completed", "association_type", "association_id", "owner_id", "owner"}, ""}
	Note     = Noun{"note", "notes", []string{"id", "datetime", "type", "created_by_user", "text"}, ""}
	Email    = Noun{"email", "emails", []string{"id", "name", "subject", "status", "date_added"}, ""}
	Workflow = Noun{"workflow", "workflows", []string{"id", "name", "description", "category", "is_published"}, ""}
	Form     = Noun{"form", "forms", []string{"id", "name", "title", "description", "is_published"}, ""}
	Page     = Noun{"page", "pages", []string{"id", "title", "name", "alias", "url", "is_published"}, "pages"}
	Report   = Noun{"report", "reports", []string{"id", "name", "description", "source"}, "reports"}
	User     = Noun{"user", "users", []string{"id", "username", "firstName", "lastName", "email", "position", "role", "is_published"}, ""}
	Role     = Noun{"role", "roles", []string{"id", "name", "description"}, ""}
	List     = Noun{"list", "lists", []string{"id", "name", "alias", "description"}, ""}
	Category = Noun{"category", "categories", []string{"id", "name", "title", "label", "alias"}, ""}
	Reply    = Noun{"reply", "replies", []string{"id", "date_added", "created_by_user", "author", "text"}, ""}
)

var recordNouns = map[string]Noun{
	"contact": Contact, "lead": Lead, "account": Account, "deal": Deal, "case": Case, "custom_record": CustomRecord,
}

// NounOf is the noun of a kind of record.
func NounOf(kind flexie.Kind) Noun { return recordNouns[kind.Name] }
