package sandbox

var (
	titles       = []string{"Mr.", "Mrs.", "Ms.", "Dr.", "Prof."}
	sources      = []string{"Website", "Referral", "Meeting", "Event", "Cold call", "Partner"}
	industries   = []string{"Logistics", "Retail", "Manufacturing", "Energy", "Hospitality", "Software", "Healthcare", "Food", "Construction", "Agriculture", "Professional services"}
	interests    = []string{"Automation", "Analytics", "Integrations", "Pricing", "Training"}
	departments  = []string{"Operations", "Finance", "IT", "Sales", "Marketing", "Purchasing", "Management"}
	contactState = []string{"New", "Nurture", "Customer", "Former customer"}
	leadState    = []string{"New", "Contacted", "Qualify", "Nurture", "Converted", "Unqualified"}
)

var contactFields = []field{
	{alias: "title", label: "Title", typ: "select", group: "core", options: titles},
	{alias: "first_name", label: "First name", typ: "text", group: "core"},
	{alias: "last_name", label: "Last name", typ: "text", group: "core"},
	{alias: "email", label: "Email", typ: "email", group: "core", required: true, unique: true},
	{alias: "phone", label: "Phone", typ: "phone", group: "core"},
	{alias: "company", label: "Company", typ: "text", group: "core"},
	{alias: "account_id", label: "Account", typ: "lookup", group: "core", target: "account"},
	{alias: "city", label: "City", typ: "text", group: "core"},
	{alias: "country", label: "Country", typ: "country", group: "core"},
	{alias: "status", label: "Status", typ: "select", group: "core", options: contactState, initial: "New"},
	{alias: "source", label: "Source", typ: "select", group: "core", options: sources},
	{alias: "birthday", label: "Birthday", typ: "date", group: "personal"},
	{alias: "newsletter", label: "Wants the newsletter", typ: "boolean", group: "personal", initial: false},
	{alias: "interests", label: "Interests", typ: "multiselect", group: "personal", options: interests},
	{alias: "background", label: "Background", typ: "textarea", group: "personal"},
	{alias: "position", label: "Position", typ: "text", group: "professional"},
	{alias: "department", label: "Department", typ: "select", group: "professional", options: departments},
	{alias: "lead_score", label: "Score", typ: "number", group: "professional"},
	{alias: "lifetime_value", label: "Lifetime value", typ: "currency", group: "professional"},
	{alias: "last_contacted", label: "Last contacted", typ: "datetime", group: "professional"},
	{alias: "linkedin", label: "LinkedIn", typ: "url", group: "professional"},
}

var leadFields = []field{
	{alias: "title", label: "Title", typ: "select", group: "core", options: titles},
	{alias: "first_name", label: "First name", typ: "text", group: "core"},
	{alias: "last_name", label: "Last name", typ: "text", group: "core"},
	{alias: "email", label: "Email", typ: "email", group: "core", required: true, unique: true},
	{alias: "phone", label: "Phone", typ: "phone", group: "core"},
	{alias: "company", label: "Company", typ: "text", group: "core"},
	{alias: "city", label: "City", typ: "text", group: "core"},
	{alias: "state", label: "State", typ: "text", group: "core"},
	{alias: "country", label: "Country", typ: "country", group: "core"},
	{alias: "status", label: "Status", typ: "select", group: "core", options: leadState, initial: "New"},
	{alias: "source", label: "Source", typ: "select", group: "core", options: sources},
	{alias: "message", label: "Message", typ: "textarea", group: "core"},
	{alias: "consent", label: "Agreed to be contacted", typ: "boolean", group: "personal", initial: false},
	{alias: "interests", label: "Interests", typ: "multiselect", group: "personal", options: interests},
	{alias: "position", label: "Position", typ: "text", group: "professional"},
	{alias: "industry", label: "Industry", typ: "select", group: "professional", options: industries},
	{alias: "employees", label: "Employees", typ: "number", group: "professional"},
	{alias: "budget", label: "Budget", typ: "currency", group: "professional"},
	{alias: "expected_start", label: "Expected start", typ: "date", group: "professional"},
	{alias: "follow_up_at", label: "Follow up at", typ: "datetime", group: "professional"},
	{alias: "website", label: "Website", typ: "url", group: "professional"},
}
