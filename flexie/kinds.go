package flexie

// Kind is one of the six kinds of record. They differ in names only: one
// implementation (Records) serves them all.
type Kind struct {
	Name   string // "contact", "custom_record": as in tool names and resource addresses
	Plural string // "contacts"
	Group  string // the endpoint group and toolset

	path     string // what stands for {records} in a path
	listPath string // what stands for {record} in a list's path
}

// The six kinds.
var (
	Contact      = Kind{"contact", "contacts", "contacts", "contacts", "contact"}
	Lead         = Kind{"lead", "leads", "leads", "leads", "lead"}
	Account      = Kind{"account", "accounts", "accounts", "accounts", "account"}
	Deal         = Kind{"deal", "deals", "deals", "deals", "deal"}
	Case         = Kind{"case", "cases", "cases", "cases", "case"}
	CustomRecord = Kind{"custom_record", "custom_records", "custom_records", "ce/{tableName}", "ce/{tableName}"}
)

// Kinds are all six, in the order of Flexie's API page.
var Kinds = []Kind{Contact, Lead, Account, Deal, Case, CustomRecord}

// Custom reports whether records of this kind live in a table that must be named.
func (k Kind) Custom() bool { return k == CustomRecord }
