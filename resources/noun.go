package resources

import (
	"net/url"

	"flexie-mcp/flexie"
)

// Noun is a thing Flexie keeps: what it is called, which columns a list of it
// shows, and where it can be read as a resource.
type Noun struct {
	One, Many string

	// Columns matter most, in order. Workspaces name their own fields, so
	// those that a list does not have are passed over.
	Columns []string

	// Address is its part of a flexie:// address, "" if it has none.
	Address string

	// Belongs is set on what belongs to a contact or an account, whose name a
	// search for text does not find.
	Belongs bool
}

// The nouns. Columns are the default field set of Flexie's API page and the
// system properties; none of them has to exist.
var (
	people = []string{"id", "first_name", "firstname", "last_name", "lastname", "email", "phone", "company", "status", "owner"}

	Contact      = Noun{"contact", "contacts", people, "contacts", false}
	Lead         = Noun{"lead", "leads", people, "leads", false}
	Account      = Noun{"account", "accounts", []string{"id", "name", "status", "industry", "email", "phone", "billing_city", "billing_country", "owner"}, "accounts", false}
	Deal         = Noun{"deal", "deals", []string{"id", "name", "amount", "pipeline_id", "stage_id", "stage", "status", "close_date", "owner"}, "deals", true}
	Case         = Noun{"case", "cases", []string{"id", "identifier", "title", "category", "priority", "public_status", "internalStatus", "date_modified", "owner"}, "cases", true}
	CustomRecord = Noun{"record", "records", []string{"id", "name", "title", "status", "amount", "owner"}, "custom_records", false}

	Task     = Noun{"task", "tasks", []string{"id", "task", "due_date", "overdue", "is_completed", "association_type", "association_id", "owner_id", "owner"}, "tasks", true}
	Note     = Noun{"note", "notes", []string{"id", "datetime", "type", "created_by_user", "text"}, "notes", false}
	Email    = Noun{"email", "emails", []string{"id", "name", "subject", "status", "date_added"}, "emails", false}
	Workflow = Noun{"workflow", "workflows", []string{"id", "name", "description", "category", "is_published"}, "workflows", false}
	Form     = Noun{"form", "forms", []string{"id", "name", "title", "description", "is_published"}, "forms", false}
	Page     = Noun{"page", "pages", []string{"id", "title", "name", "alias", "url", "is_published"}, "pages", false}
	Report   = Noun{"report", "reports", []string{"id", "name", "description", "source"}, "reports", false}
	User     = Noun{"user", "users", []string{"id", "username", "firstName", "lastName", "email", "position", "role", "is_published"}, "users", false}
	Role     = Noun{"role", "roles", []string{"id", "name", "description"}, "roles", false}
	List     = Noun{"list", "lists", []string{"id", "name", "alias", "description"}, "", false}
	Category = Noun{"category", "categories", []string{"id", "name", "title", "label", "alias"}, "", false}
	Reply    = Noun{"reply", "replies", []string{"id", "date_added", "created_by_user", "author", "text"}, "", false}
)

var recordNouns = map[string]Noun{
	"contact": Contact, "lead": Lead, "account": Account, "deal": Deal, "case": Case, "custom_record": CustomRecord,
}

// NounOf is the noun of a kind of record.
func NounOf(kind flexie.Kind) Noun { return recordNouns[kind.Name] }

// In is the noun of the records of a custom table, "" for other records.
func (n Noun) In(table string) Noun {
	if table != "" {
		n.Address += "/" + url.PathEscape(table)
	}
	return n
}
