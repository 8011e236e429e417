package sandbox

var (
	accountState = []string{"New", "Qualify", "Customer", "Partner", "Former customer"}
	accountTags  = []string{"Key account", "Reference", "Late payer", "Multi-site", "Reseller"}
)

var accountFields = []field{
	{alias: "name", label: "Name", typ: "text", group: "core", required: true, unique: true},
	{alias: "status", label: "Status", typ: "select", group: "core", options: accountState, initial: "New"},
	{alias: "email", label: "Email", typ: "email", group: "core"},
	{alias: "website", label: "Website", typ: "url", group: "core"},
	{alias: "phone", label: "Phone", typ: "phone", group: "core"},
	{alias: "industry", label: "Industry", typ: "select", group: "core", options: industries},
	{alias: "description", label: "Description", typ: "textarea", group: "core"},
	{alias: "vat_number", label: "VAT number", typ: "text", group: "billing", unique: true},
	{alias: "billing_city", label: "Billing city", typ: "text", group: "billing"},
	{alias: "billing_country", label: "Billing country", typ: "country", group: "billing"},
	{alias: "annual_revenue", label: "Annual revenue", typ: "currency", group: "professional"},
	{alias: "employees", label: "Employees", typ: "number", group: "professional"},
	{alias: "customer_since", label: "Customer since", typ: "date", group: "professional"},
	{alias: "next_review", label: "Next review", typ: "datetime", group: "professional"},
	{alias: "is_partner", label: "Is a partner", typ: "boolean", group: "professional", initial: false},
	{alias: "tags", label: "Tags", typ: "multiselect", group: "professional", options: accountTags},
	{alias: "parent_account_id", label: "Parent account", typ: "lookup", group: "professional", target: "account"},
}

var (
	subscriptionState = []string{"open", "won", "lost", "paused"}
	plans             = []string{"Starter", "Team", "Enterprise"}
	addOns            = []string{"Premium support", "API access", "Single sign-on", "Extra storage"}
	equipmentState    = []string{"In stock", "Installed", "In repair", "Retired"}
)

var subscriptionFields = []field{
	{alias: "name", label: "Name", typ: "text", group: "core", required: true, unique: true},
	{alias: "status", label: "Status", typ: "select", group: "core", options: subscriptionState, initial: "open"},
	{alias: "amount", label: "Yearly amount", typ: "currency", group: "core"},
	{alias: "account_id", label: "Account", typ: "lookup", group: "core", target: "account"},
	{alias: "contact_id", label: "Contact", typ: "lookup", group: "core", target: "contact"},
	{alias: "plan", label: "Plan", typ: "select", group: "details", options: plans},
	{alias: "seats", label: "Seats", typ: "number", group: "details"},
	{alias: "starts_on", label: "Starts on", typ: "date", group: "details"},
	{alias: "renews_on", label: "Renews on", typ: "date", group: "details"},
	{alias: "auto_renew", label: "Renews by itself", typ: "boolean", group: "details", initial: true},
	{alias: "add_ons", label: "Add-ons", typ: "multiselect", group: "details", options: addOns},
	{alias: "billing_email", label: "Billing email", typ: "email", group: "details"},
	{alias: "portal", label: "Customer portal", typ: "url", group: "details"},
}

var equipmentFields = []field{
	{alias: "name", label: "Name", typ: "text", group: "core", required: true, unique: true},
	{alias: "status", label: "Status", typ: "select", group: "core", options: equipmentState, initial: "In stock"},
	{alias: "amount", label: "Purchase price", typ: "currency", group: "core"},
	{alias: "account_id", label: "Installed at", typ: "lookup", group: "core", target: "account"},
	{alias: "serial_number", label: "Serial number", typ: "text", group: "details", unique: true},
	{alias: "installed_on", label: "Installed on", typ: "date", group: "details"},
	{alias: "last_service_at", label: "Last service", typ: "datetime", group: "details"},
	{alias: "under_warranty", label: "Under warranty", typ: "boolean", group: "details", initial: true},
	{alias: "country", label: "Country", typ: "country", group: "details"},
	{alias: "support_phone", label: "Support phone", typ: "phone", group: "details"},
	{alias: "manual", label: "Manual", typ: "url", group: "details"},
	{alias: "remarks", label: "Remarks", typ: "textarea", group: "details"},
}
