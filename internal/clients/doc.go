// Package clients puts this server into the settings of the programs that start
// MCP servers, and takes it out again: Claude Desktop, Cursor, VS Code and others.
//
// What there is to know of a client stands in one table, table.go. Their files are
// the user's own: they are changed where the entry stands and nowhere else, by
// positions that a parser found (jsonc.go, toml.go, yaml.go), and what comes of that
// is read once more before it is written (change.go). A file that can't be read
// stays as it is.
//
// The package knows nothing of this program's settings, of keys or of Flexie: what
// an entry says, its caller says.
package clients
