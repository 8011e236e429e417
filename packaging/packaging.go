// Package packaging says, once, what installers, registries and clients are told of
// the program. It makes their files; packaging/build lays out what a release is made
// of. It knows tools and prompts by their declarations, and nothing of MCP.
package packaging

import (
	"bytes"
	"encoding/json"
	"strings"
)

// What the program is called and said to be, wherever that is shown.
const (
	name        = "flexie-mcp"
	title       = "Flexie CRM"
	description = "Gives AI assistants a Flexie CRM workspace: contacts, deals, cases, tasks and more."
	license     = "MIT"
	authors     = "the flexie-mcp authors"
)

var keywords = []string{"mcp", "flexie", "crm", "contacts", "deals", "support"}

// Release is what a file says of one release that it can't know beforehand.
type Release struct {
	Version string // "1.2.3"
	Owner   string // the GitHub account that publishes it
}

// Unreleased stands in the files that the repository holds. Its owner is nobody's:
// the program has no address yet.
var Unreleased = Release{Version: "0.0.0", Owner: "OWNER"}

// repository is where the source is, and the releases are.
func (r Release) repository() string { return "https://github.com/" + r.Owner + "/" + name }

// serverName is the name in the MCP registry, which goes by who owns it on GitHub.
func (r Release) serverName() string { return "io.github." + r.Owner + "/" + name }

// Bundle is the file name of the bundle for Claude Desktop. It has no version in
// it, so that the newest one has one address.
const Bundle = name + ".mcpb"

// asset is the address of a file of the release.
func (r Release) asset(file string) string {
	return r.repository() + "/releases/download/v" + r.Version + "/" + file
}

// image is the container image, in GitHub's registry, whose names are in small letters.
func (r Release) image() string {
	return "ghcr.io/" + strings.ToLower(r.Owner) + "/" + name + ":" + r.Version
}

// indented is v as a JSON file.
func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}
