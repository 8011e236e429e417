package packaging

// asked is one setting that a person fills in, in a form that a client shows. The
// others stand in a file of settings, or have to do with serving over HTTP.
type asked struct {
	key         string // of the setting, like "api_key"
	title       string
	description string
	initial     any // a string or a bool: what stands in the form at first
	secret      bool
	needed      bool // for a workspace; the sandbox goes without
}

// variable is the environment variable of the setting.
func (a asked) variable() string { return variableOf(a.key) }

// form is what is asked, in the order of asking.
var form = []asked{
	{key: "subdomain", title: "Subdomain", initial: "", needed: true,
		description: "Your workspace: acme, if you work at acme.flexie.io."},
	{key: "api_key", title: "API key", initial: "", secret: true, needed: true,
		description: "Flexie shows it under your account name / Accounts / API Settings. The assistant can do what the key's user may do, and no more."},
	{key: "read_only", title: "Only read", initial: false,
		description: "Offer only tools that change nothing."},
	{key: "confirm", title: "Confirm", initial: "auto",
		description: "How to confirm what can't be taken back: auto (ask you, else show a preview), ask, preview or never."},
	{key: "toolsets", title: "Tools", initial: "core",
		description: "The groups of tools to offer, with commas between: core (a working day), all, discover, or single ones like contacts,cases."},
	{key: "custom_tables", title: "Custom tables", initial: "",
		description: "The custom tables of your workspace by name, with commas between."},
	{key: "sandbox", title: "Sandbox", initial: false,
		description: "Work on a made-up company instead of Flexie. It needs neither a subdomain nor a key."},
}
