package clients

// Client is a program that starts MCP servers, and how it is told which.
type Client struct {
	ID    string // what it is called on the command line
	Title string // what people call it

	// Files are where its settings are, by operating system; see Client.file for
	// how these are read.
	Files map[string][]string

	// Signs are what shows that the client is here, where its file's directory does
	// not; written like Files.
	Signs []string

	Format Format
	At     []string // the keys below which servers stand, by name
	Newer  []string // those instead, in a file that has them already; nil for none
	Shape  Shape

	// KeyRef is how a value names an environment variable, with %s for its name; ""
	// if the client knows no way to. HandsOn is the key of a list of variables that it
	// hands on as they are, instead.
	KeyRef  string
	HandsOn string

	Then   string   // what has to be done for it to see a change
	Source []string // where all this was read
	Tried  string   // the version that was seen to read what is written; "" if none was
	Unsure string   // what of it is not certain, as a sentence; "" for nothing
}

// Shape is how an entry is written.
type Shape struct {
	Type    string // of a member "type"; "" for none
	Source  string // of a member "source"; "" for none
	OneList bool   // the command and its arguments are one list
	Env     string // the key of the environment
}

// Format is the syntax of a file.
type Format string

// The formats there are. JSON may have comments and trailing commas in it; what we
// write has none, unless the commas around it do.
const (
	JSON Format = "JSON"
	TOML Format = "TOML"
	YAML Format = "YAML"
)

// all is for the keys of Files: every operating system that has no row of its own.
const all = "all"

// Clients are those that can be told, in the order in which they are listed.
var Clients = []Client{
	{
		ID: "claude-desktop", Title: "Claude Desktop",
		Files: map[string][]string{
			"darwin": {"$HOME/Library/Application Support/Claude/claude_desktop_config.json"},
			"windows": {
				"$LOCALAPPDATA/Claude-Data/claude_*/claude_desktop_config.json",
				"$LOCALAPPDATA/Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json",
				"$APPDATA/Claude/claude_desktop_config.json",
			},
			all: {"$XDG_CONFIG_HOME/Claude/claude_desktop_config.json"},
		},
		Format: JSON, At: []string{"mcpServers"}, Shape: Shape{Env: "env"},
		Then:   "Quit Claude Desktop altogether and start it again.",
		Source: []string{"https://modelcontextprotocol.io/docs/develop/connect-local-servers", "https://github.com/anthropics/claude-code/issues/26073"},
		Unsure: "On Windows, the newer installers keep the file elsewhere than Claude's page says, in one of the first two places: one of them that exists wins. On Linux it is where the builds of others have it.",
	},
	{
		ID: "claude-code", Title: "Claude Code",
		Files:  map[string][]string{all: {"$CLAUDE_CONFIG_DIR/.claude.json", "$HOME/.claude.json"}},
		Signs:  []string{"$HOME/.claude"},
		Format: JSON, At: []string{"mcpServers"}, Shape: Shape{Type: "stdio", Env: "env"},
		KeyRef: "${%s}",
		Then:   "Start Claude Code anew; /mcp shows it. It writes that file itself, so better close it first.",
		Source: []string{"https://code.claude.com/docs/en/mcp", "https://github.com/anthropics/claude-code/issues/57998"},
		Tried:  "2.1.197",
	},
	{
		ID: "cursor", Title: "Cursor",
		Files:  map[string][]string{all: {"$HOME/.cursor/mcp.json"}},
		Format: JSON, At: []string{"mcpServers"}, Shape: Shape{Type: "stdio", Env: "env"},
		KeyRef: "${env:%s}",
		Then:   "Cursor sees it by itself; Settings / MCP shows it.",
		Source: []string{"https://cursor.com/docs/context/mcp"},
	},
	{
		ID: "vscode", Title: "VS Code",
		Files: map[string][]string{
			"darwin":  {"$HOME/Library/Application Support/Code/User/mcp.json"},
			"windows": {"$APPDATA/Code/User/mcp.json"},
			all:       {"$XDG_CONFIG_HOME/Code/User/mcp.json"},
		},
		Format: JSON, At: []string{"servers"}, Shape: Shape{Type: "stdio", Env: "env"},
		KeyRef: "${env:%s}",
		Then:   "VS Code sees it by itself; the command MCP: List Servers starts it.",
		Source: []string{"https://code.visualstudio.com/docs/copilot/reference/mcp-configuration"},
		Unsure: "The page names the user's file only by the command that opens it, MCP: Open User Configuration; its place is that of the default profile's other settings.",
	},
	{
		ID: "windsurf", Title: "Windsurf",
		Files:  map[string][]string{all: {"$HOME/.codeium/windsurf/mcp_config.json"}},
		Format: JSON, At: []string{"mcpServers"}, Shape: Shape{Env: "env"},
		KeyRef: "${env:%s}",
		Then:   "Press Refresh where Windsurf lists MCP servers.",
		Source: []string{"https://docs.windsurf.com/windsurf/cascade/mcp"},
	},
	{
		ID: "zed", Title: "Zed",
		Files: map[string][]string{
			"darwin":  {"$HOME/.config/zed/settings.json"},
			"windows": {"$APPDATA/Zed/settings.json"},
			all:       {"$XDG_CONFIG_HOME/zed/settings.json"},
		},
		Format: JSON, At: []string{"context_servers"}, Shape: Shape{Source: "custom", Env: "env"},
		Then:   "Zed sees it by itself; the Agent Panel's settings show it.",
		Source: []string{"https://zed.dev/docs/ai/mcp", "https://zed.dev/docs/configuring-zed"},
		Unsure: `Its page shows entries with and without "source": "custom"; older versions need it, and that newer ones take it is assumed.`,
	},
	{
		ID: "codex", Title: "Codex",
		Files:  map[string][]string{all: {"$CODEX_HOME/config.toml", "$HOME/.codex/config.toml"}},
		Format: TOML, At: []string{"mcp_servers"}, Shape: Shape{Env: "env"},
		HandsOn: "env_vars",
		Then:    "Start Codex anew; /mcp shows it.",
		Source:  []string{"https://developers.openai.com/codex/mcp", "https://github.com/openai/codex/blob/main/docs/config.md"},
		Tried:   "0.169.0",
		Unsure:  "That it hands on what env_vars lists is read in its source, and was not tried.",
	},
	{
		ID: "gemini", Title: "Gemini CLI",
		Files:  map[string][]string{all: {"$GEMINI_CLI_HOME/.gemini/settings.json", "$HOME/.gemini/settings.json"}},
		Format: JSON, At: []string{"mcpServers"}, Shape: Shape{Env: "env"},
		KeyRef: "$%s",
		Then:   "Start Gemini CLI anew, in a folder that it trusts; /mcp shows it.",
		Source: []string{"https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md", "https://geminicli.com/docs/cli/configuration"},
		Tried:  "0.61.0",
	},
	{
		ID: "opencode", Title: "OpenCode",
		Files:  map[string][]string{all: {"$OPENCODE_CONFIG", "$XDG_CONFIG_HOME/opencode/opencode.jsonc?", "$XDG_CONFIG_HOME/opencode/opencode.json"}},
		Format: JSON, At: []string{"mcp"}, Newer: []string{"mcp", "servers"},
		Shape:  Shape{Type: "local", OneList: true, Env: "environment"},
		KeyRef: "{env:%s}",
		Then:   "Start OpenCode anew.",
		Source: []string{"https://opencode.ai/v1/docs/mcp-servers/", "https://opencode.ai/v2/docs/mcp-servers/", "https://opencode.ai/docs/migrate-v1/"},
		Tried:  "1.18.33",
		Unsure: "Version 2 has its servers below `mcp.servers`, and reads those of version 1 below `mcp` as well. The latter is written, unless the file has the former.",
	},
	{
		ID: "librechat", Title: "LibreChat",
		Files:  map[string][]string{all: {"$CONFIG_PATH", "./librechat.yaml?"}},
		Format: YAML, At: []string{"mcpServers"}, Shape: Shape{Type: "stdio", Env: "env"},
		KeyRef: "${%s}",
		Then:   "Start LibreChat anew. In a container, the command has to be a path inside it.",
		Source: []string{"https://www.librechat.ai/docs/configuration/librechat_yaml/object_structure/mcp_servers"},
		Unsure: "Its file has no place of its own: it is librechat.yaml in the working directory if there is one, or else what --file says.",
	},
}

// Named is the client of that ID.
func Named(id string) (Client, bool) {
	for _, c := range Clients {
		if c.ID == id {
			return c, true
		}
	}
	return Client{}, false
}

// IDs are those of all clients.
func IDs() (ids []string) {
	for _, c := range Clients {
		ids = append(ids, c.ID)
	}
	return ids
}
