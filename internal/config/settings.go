package config

import (
	"time"

	"flexie-mcp/flexie"
)

// Settings are all there are. The tags of a field:
//
//	key      its TOML key; FLEXIE_KEY and --key are made from it
//	group    the heading it and the fields after it stand under
//	as       what a string holds, where that is more than text: a row of kinds
//	default  as it would be written in the environment; without it, the zero value
//	min, max the bounds, inclusive, written like the default; max only with min
//	example  what to show where there is no default
//	reload   yes if a server over HTTP goes by a new value while it runs
//	help     one or two sentences, read in --help, config.example.toml and docs/settings.md
type Settings struct {
	ConfigFile string `key:"config" group:"File" as:"path" example:"~/.config/flexie-mcp/config.toml" help:"The TOML file to read settings from. Without it, and where nothing else says which workspace, the one that flexie-mcp init writes is read: flexie-mcp/config.toml below ~/.config, or below %APPDATA% on Windows."`
	StateDir   string `key:"state_dir" as:"path" example:"~/.local/state/flexie-mcp" help:"Where to keep the journal of changes, with which they are taken back (docs/journal.md), and what has been learnt of a workspace. Without it, the directory for the state of programs that this system has."`

	Subdomain  string `key:"subdomain" group:"Connection" as:"subdomain" example:"acme" help:"Which Flexie workspace: acme, for https://acme.flexie.io."`
	BaseURL    string `key:"base_url" as:"url" example:"https://acme.flexie.io/api" help:"The whole address of the API, instead of subdomain. Plain http is accepted only to this machine."`
	APIKey     string `key:"api_key" json:"-" as:"secret" example:"paste-it-here" help:"The API key of the workspace. Given as a flag it can be read in the list of processes: better use the environment or api_key_file."`
	APIKeyFile string `key:"api_key_file" as:"path" example:"/run/secrets/flexie-api-key" help:"A file that holds the API key and nothing else, instead of api_key."`

	OAuthClientID         string `key:"oauth_client_id" example:"3_1a2b3c" help:"The client id that Flexie shows under Settings / API Credentials, for flexie-mcp login, and for people to sign in over HTTP where public_url is set (docs/signing-in.md)."`
	OAuthClientSecret     string `key:"oauth_client_secret" json:"-" as:"secret" example:"paste-it-here" help:"The client secret that stands beside it."`
	OAuthClientSecretFile string `key:"oauth_client_secret_file" as:"path" example:"/run/secrets/flexie-oauth-secret" help:"A file that holds the client secret and nothing else, instead of oauth_client_secret."`
	OAuthRedirect         string `key:"oauth_redirect" as:"redirect" default:"http://127.0.0.1:8976/callback" help:"The redirect address that is entered in Flexie beside the two, for flexie-mcp login; what people sign in with over HTTP is public_url with /oauth/callback behind it. With one of this machine, flexie-mcp login hears the answer there; with any other, the answer is pasted."`
	Keyring               bool   `key:"keyring" default:"true" help:"Keep what flexie-mcp login is given, and the key that init or install keeps, in this system's keyring. Without it, or where there is none, they are kept in a file that only you can read. It counts from the next login or key on."`

	Timeout time.Duration `key:"timeout" default:"30s" min:"1ms" help:"How long one call to Flexie may take, from sending to the last byte."`

	Retries       int     `key:"retries" default:"3" min:"0" max:"10" help:"How often a read is tried again that met a broken connection or a busy Flexie. A write is tried again only if it can't have happened."`
	MaxRate       float64 `key:"max_rate" reload:"yes" default:"10" min:"0" help:"How many requests a second Flexie is sent at most, shared fairly by all callers. 0 is no limit."`
	MaxConcurrent int     `key:"max_concurrent" reload:"yes" default:"8" min:"0" help:"How many requests are under way at Flexie at the same time at most. 0 is no limit."`

	Toolsets      []string `key:"toolsets" reload:"yes" group:"Tools" default:"core" help:"The groups of tools to offer: core, discover, all, or single groups like contacts and cases."`
	Tools         []string `key:"tools" reload:"yes" example:"search_tasks,add_note" help:"Tools to offer besides those of the toolsets."`
	ExcludeTools  []string `key:"exclude_tools" reload:"yes" example:"delete_contact,send_email" help:"Tools never to offer, whatever toolset they are in."`
	Access        string   `key:"access" reload:"yes" default:"admin" help:"What tools may do: read, write (create, change and reply), delete (records as well), admin (users and workflows as well). Each includes those before it."`
	ReadOnly      bool     `key:"read_only" reload:"yes" help:"Offer only tools that change nothing: short for access read."`
	HideForbidden bool     `key:"hide_forbidden" reload:"yes" help:"Ask Flexie what the key's user may do, and leave out the tools that they may not use. It goes by what Flexie calls permissions, as far as that is known: what is not known stays, and Flexie refuses it."`

	Confirm       string `key:"confirm" reload:"yes" group:"Safety" default:"auto" help:"How to confirm what can't be taken back, or does much: auto asks the user where the client can, else shows a preview with a code; ask only asks; preview only previews; never does it at once."`
	KeepChanges   int    `key:"keep_changes" default:"90" min:"1" max:"3650" help:"For how many days the journal keeps a change, and so how long it can be undone."`
	KeepChangesMB int    `key:"keep_changes_mb" default:"200" min:"1" help:"How large the journal may grow, in MB, before the oldest changes are dropped; what did not happen is shortened first."`

	CustomTables []string `key:"custom_tables" group:"Workspace" example:"subscriptions,equipment" help:"The custom tables of the workspace, by name: Flexie does not list them. Those used with success are added while the server runs."`
	LearnFields  bool     `key:"learn_fields" default:"true" help:"Name the workspace's own fields and tables in the descriptions of tools, once they are known, and keep them in state_dir."`

	AnswerTokens int `key:"answer_tokens" reload:"yes" group:"Answers" default:"2500" min:"500" max:"10000" help:"What a list may cost an assistant, in tokens; the rest of a longer one can be read as a resource."`

	DatabaseURL string `key:"database_url" json:"-" group:"State" as:"secret" example:"postgres://flexie@db.example:5432/flexie" help:"The Postgres in which several servers keep what they share, instead of state_dir: the journal, the key of confirmation codes and what has been learnt. The password may stand in it, or in PGPASSWORD or ~/.pgpass."`

	HTTPTokensFile string   `key:"http_tokens_file" group:"HTTP" as:"path" example:"/etc/flexie-mcp/tokens.toml" help:"The file of the tokens that may be used over HTTP; flexie-mcp token makes it."`
	HTTPSubdomains []string `key:"http_subdomains" reload:"yes" example:"acme,globex" help:"The workspaces that callers with their own key may name, besides the server's own. Without it, none if the server has a workspace of its own, and else any."`

	PublicURL           string `key:"public_url" as:"public_url" example:"https://mcp.example.com" help:"The address that people's assistants reach this server at, with which they sign in, at Flexie if oauth_client_id is set, else with a key that they paste (docs/signing-in.md): https, except on this machine, and without a path."`
	EncryptionKey       string `key:"encryption_key" json:"-" as:"secret" example:"paste-it-here" help:"32 random bytes in base64, with which the Flexie keys and tokens of those who sign in are kept. Several stand with commas between: the first encrypts, all decrypt. Without it, it is made in state_dir; several servers with one database_url have to be given the same."`
	EncryptionKeyFile   string `key:"encryption_key_file" as:"path" example:"/run/secrets/flexie-encryption-key" help:"A file that holds such keys, one a line, instead of encryption_key."`
	IntrospectionSecret string `key:"introspection_secret" json:"-" as:"secret" example:"paste-it-here" help:"With which the operator's own programs may ask this server what a token of its stands for, at /oauth/introspect. Without it, nobody may."`

	HTTPOrigins []string `key:"http_origins" reload:"yes" example:"https://app.example" help:"The web pages that may send requests over HTTP, by their origin. Without it, only those of this machine."`

	HTTPMetricsListen string `key:"http_metrics_listen" example:"127.0.0.1:9090" help:"Where to serve numbers for Prometheus, at /metrics, as host:port: an address that only the operator reaches, since nobody has to say there who they are. Without it, they are not served."`

	HTTPTLSCert string `key:"http_tls_cert" as:"path" example:"/etc/flexie-mcp/tls.crt" help:"The certificate to serve HTTPS with, and those up to its root, as PEM. A changed file is used without a restart."`
	HTTPTLSKey  string `key:"http_tls_key" as:"path" example:"/etc/flexie-mcp/tls.key" help:"The private key of that certificate, as PEM."`

	HTTPMaxBodyMB        int           `key:"http_max_body_mb" reload:"yes" default:"4" min:"1" max:"256" help:"How large a request over HTTP may be, in MB."`
	HTTPMaxHeaderKB      int           `key:"http_max_header_kb" default:"64" min:"4" max:"1024" help:"How large the headers of a request may be, in KB."`
	HTTPMaxInFlight      int           `key:"http_max_in_flight" reload:"yes" default:"32" min:"1" help:"How many requests of one caller are worked on at the same time. One more is told to come again."`
	HTTPMaxStreams       int           `key:"http_max_streams" reload:"yes" default:"20" min:"1" help:"How many streams one caller may hold open."`
	HTTPMaxSessions      int           `key:"http_max_sessions" reload:"yes" default:"100" min:"1" help:"How many sessions one caller may have. One that is not used ends after an hour."`
	HTTPMaxSessionsInAll int           `key:"http_max_sessions_in_all" reload:"yes" default:"10000" min:"1" help:"How many sessions all callers may have together, and how many streams."`
	HTTPGrace            time.Duration `key:"http_grace" default:"20s" min:"0s" help:"How long calls under way over HTTP may go on when the program is told to end."`
	HTTPDrain            time.Duration `key:"http_drain" min:"0s" help:"How long calls are still taken over HTTP when the program is told to end, before http_grace begins: /readyz says 503 and sessions are refused, but a load balancer may need some seconds to send the rest elsewhere."`

	Sandbox            bool          `key:"sandbox" group:"Sandbox" help:"Work on a made-up workspace inside the program instead of Flexie: no account or key is needed. It is worked on as its administrator; flexie-mcp sandbox serves it to others as well, with the keys sandbox (the same), sandbox-sales, sandbox-support and sandbox-viewer."`
	SandboxFile        string        `key:"sandbox_file" as:"path" example:"/tmp/flexie-sandbox.db" help:"Where to keep the sandbox between runs. Without it, it lasts as long as the program."`
	SandboxDialect     string        `key:"sandbox_dialect" default:"classic" help:"The shape of the sandbox's answers."`
	SandboxDelay       time.Duration `key:"sandbox_delay" min:"0s" help:"How long the sandbox waits before each answer."`
	SandboxErrorRate   float64       `key:"sandbox_error_rate" min:"0" max:"1" help:"The share of the sandbox's answers that are errors: 0.1 for one in ten."`
	SandboxErrorStatus int           `key:"sandbox_error_status" default:"503" min:"400" max:"599" help:"The HTTP status of those errors."`
	SandboxDropRate    float64       `key:"sandbox_drop_rate" min:"0" max:"1" help:"The share of calls that the sandbox carries out and then hangs up on, without an answer."`
	SandboxFaultsOn    string        `key:"sandbox_faults_on" default:"all" help:"Which calls those errors and lost answers are shared out among: all, reads, or writes."`
	SandboxRateLimit   int           `key:"sandbox_rate_limit" min:"0" help:"How many calls a minute the sandbox answers before it refuses. 0 is no limit."`

	SandboxTokenLifetime time.Duration `key:"sandbox_token_lifetime" default:"1h0m0s" min:"1s" help:"How long the access tokens last that the sandbox gives to flexie-mcp login."`
	SandboxTokenRotation bool          `key:"sandbox_token_rotation" default:"true" help:"Give a new refresh token with each renewal, and refuse the old one from then on."`

	LogLevel  string `key:"log_level" reload:"yes" group:"Logging" default:"warn" help:"How much to log, to standard error."`
	LogFormat string `key:"log_format" default:"text" help:"How log lines are written."`

	LogCalls     bool `key:"log_calls" reload:"yes" help:"Write a line for each call of a tool: who called it, what came of it and how long it took. Unless set, over HTTP, and at log_level info or debug."`
	LogArguments bool `key:"log_arguments" reload:"yes" help:"Write in those lines what tools were called with, too, which is people's data. Passwords and codes are left out."`

	// Assumptions are where the workspace is otherwise than guessed: assumptions.go.
	Assumptions flexie.Assumptions

	// key is the API key wherever it came from. Load fills it in, so that the
	// key file is read once, and its problems are reported with the others.
	key string

	// clientSecret is the OAuth client's, likewise.
	clientSecret string
}

// What a setting of few values may be.
var (
	SandboxDialects = []string{"classic", "listed", "flat", "bare"}
	SandboxFaultsOn = []string{"all", "reads", "writes"}
	AccessLevels    = []string{"read", "write", "delete", "admin"}
	Confirmations   = []string{"auto", "ask", "preview", "never"}
	LogLevels       = []string{"debug", "info", "warn", "error"}
	LogFormats      = []string{"text", "json"}
)

// choices are those values by the setting's key.
var choices = map[string][]string{
	"sandbox_dialect":   SandboxDialects,
	"sandbox_faults_on": SandboxFaultsOn,
	"access":            AccessLevels,
	"confirm":           Confirmations,
	"log_level":         LogLevels,
	"log_format":        LogFormats,
}

// IsSet reports whether a setting was given, by whatever way.
func (l *Loaded) IsSet(key string) bool { return l.origins[key] != "default" }

// Key is the API key, whether it was given itself or in a file; "" if neither.
// Settings not made by Load have their key file unread.
func (s Settings) Key() string {
	if s.key != "" {
		return s.key
	}
	return s.APIKey
}

// Fleeting reports whether the workspace is a sandbox that ends with the program:
// what is kept of it elsewhere would be of nothing the next time.
func (s Settings) Fleeting() bool { return s.Sandbox && s.SandboxFile == "" }

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
