package config

import "time"

// Settings are all there are. The tags of a field:
//
//	key      its TOML key; FLEXIE_KEY and --key are made from it
//	group    the heading it and the fields after it stand under
//	as       what a string holds, where that is more than text: a row of kinds
//	default  as it would be written in the environment; without it, the zero value
//	min, max the bounds, inclusive, written like the default; max only with min
//	example  what to show where there is no default
//	help     one or two sentences, read in --help, config.example.toml and docs/settings.md
type Settings struct {
	ConfigFile string `key:"config" group:"File" as:"path" example:"~/.config/flexie-mcp/config.toml" help:"The TOML file to read settings from."`
	StateDir   string `key:"state_dir" as:"path" example:"~/.local/state/flexie-mcp" help:"Where to keep what has been learnt of a workspace, for the next start. Without it, the directory for the state of programs that this system has."`

	Subdomain  string        `key:"subdomain" group:"Connection" as:"subdomain" example:"acme" help:"Which Flexie workspace: acme, for https://acme.flexie.io."`
	BaseURL    string        `key:"base_url" as:"url" example:"https://acme.flexie.io/api" help:"The whole address of the API, instead of subdomain. Plain http is accepted only to this machine."`
	APIKey     string        `key:"api_key" json:"-" as:"secret" example:"paste-it-here" help:"The API key of the workspace. Given as a flag it can be read in the list of processes: better use the environment or api_key_file."`
	APIKeyFile string        `key:"api_key_file" as:"path" example:"/run/secrets/flexie-api-key" help:"A file that holds the API key and nothing else, instead of api_key."`
	Timeout    time.Duration `key:"timeout" default:"30s" min:"1ms" help:"How long one call to Flexie may take, from sending to the last byte."`

	Toolsets     []string `key:"toolsets" group:"Tools" default:"core" help:"The groups of tools to offer: core, discover, all, or single groups like contacts and cases."`
	Tools        []string `key:"tools" example:"search_tasks,add_note" help:"Tools to offer besides those of the toolsets."`
	ExcludeTools []string `key:"exclude_tools" example:"delete_contact,send_email" help:"Tools never to offer, whatever toolset they are in."`
	ReadOnly     bool     `key:"read_only" help:"Offer only tools that change nothing."`

	CustomTables []string `key:"custom_tables" example:"subscriptions,equipment" help:"The custom tables of the workspace, by name: Flexie does not list them. Those used with success are added while the server runs."`
	LearnFields  bool     `key:"learn_fields" default:"true" help:"Name the workspace's own fields and tables in the descriptions of tools, once they are known, and keep them in state_dir."`

	AnswerTokens int `key:"answer_tokens" default:"2500" min:"500" max:"10000" help:"What a list may cost an assistant, in tokens; the rest of a longer one can be read as a resource."`

	Sandbox            bool          `key:"sandbox" group:"Sandbox" help:"Work on a made-up workspace inside the program instead of Flexie: no account or key is needed."`
	SandboxFile        string        `key:"sandbox_file" as:"path" example:"/tmp/flexie-sandbox.db" help:"Where to keep the sandbox between runs. Without it, it lasts as long as the program."`
	SandboxDialect     string        `key:"sandbox_dialect" default:"classic" help:"The shape of the sandbox's answers."`
	SandboxDelay       time.Duration `key:"sandbox_delay" min:"0s" help:"How long the sandbox waits before each answer."`
	SandboxErrorRate   float64       `key:"sandbox_error_rate" min:"0" max:"1" help:"The share of the sandbox's answers that are errors: 0.1 for one in ten."`
	SandboxErrorStatus int           `key:"sandbox_error_status" default:"503" min:"400" max:"599" help:"The HTTP status of those errors."`
	SandboxDropRate    float64       `key:"sandbox_drop_rate" min:"0" max:"1" help:"The share of calls that the sandbox carries out and then hangs up on, without an answer."`
	SandboxRateLimit   int           `key:"sandbox_rate_limit" min:"0" help:"How many calls a minute the sandbox answers before it refuses. 0 is no limit."`

	LogLevel  string `key:"log_level" group:"Logging" default:"warn" help:"How much to log, to standard error."`
	LogFormat string `key:"log_format" default:"text" help:"How log lines are written."`

	// key is the API key wherever it came from. Load fills it in, so that the
	// key file is read once, and its problems are reported with the others.
	key string
}

// What a setting of few values may be.
var (
	SandboxDialects = []string{"classic", "listed", "flat", "bare"}
	LogLevels       = []string{"debug", "info", "warn", "error"}
	LogFormats      = []string{"text", "json"}
)

// choices are those values by the setting's key.
var choices = map[string][]string{
	"sandbox_dialect": SandboxDialects,
	"log_level":       LogLevels,
	"log_format":      LogFormats,
}

// Key is the API key, whether it was given itself or in a file; "" if neither.
// Settings not made by Load have their key file unread.
func (s Settings) Key() string {
	if s.key != "" {
		return s.key
	}
	return s.APIKey
}

// Root is the address of the API without a slash at its end,
// "https://acme.flexie.io/api"; "" when no workspace is set.
func (s Settings) Root() string {
	switch {
	case s.BaseURL != "":
		return s.BaseURL
	case s.Subdomain != "":
		return "https://" + s.Subdomain + ".flexie.io/api"
	}
	return ""
}

// String leaves secrets out, so that settings printed or logged by mistake
// give nothing away.
func (s Settings) String() string { return describe(s) }

// GoString is String, for %#v.
func (s Settings) GoString() string { return describe(s) }
