package packaging

import "strings"

// npmPlatform is a platform in Node's words and in Go's.
type npmPlatform struct{ OS, CPU, Goos, Goarch string }

// NPMPlatforms are those that npm has a package of its own for.
var NPMPlatforms = []npmPlatform{
	{"darwin", "arm64", "darwin", "arm64"},
	{"darwin", "x64", "darwin", "amd64"},
	{"linux", "arm64", "linux", "arm64"},
	{"linux", "x64", "linux", "amd64"},
	{"win32", "arm64", "windows", "arm64"},
	{"win32", "x64", "windows", "amd64"},
}

// Program is the name of the program's file on the platform.
func (p npmPlatform) Program() string {
	if p.Goos == "windows" {
		return name + ".exe"
	}
	return name
}

// Folder is what the platform's package is laid out in.
func (p npmPlatform) Folder() string { return p.OS + "-" + p.CPU }

// npmPackage is a package.json.
type npmPackage struct {
	Name        string            `json:"name"`
	Version     string            `json:"version"`
	Description string            `json:"description"`
	Keywords    []string          `json:"keywords,omitempty"`
	License     string            `json:"license"`
	Author      string            `json:"author"`
	Repository  repository        `json:"repository"`
	MCPName     string            `json:"mcpName,omitempty"` // by which the MCP registry sees whose it is
	OS          []string          `json:"os,omitempty"`
	CPU         []string          `json:"cpu,omitempty"`
	Bin         map[string]string `json:"bin,omitempty"`
	Files       []string          `json:"files"`
	Engines     map[string]string `json:"engines,omitempty"`
	Optional    ordered[string]   `json:"optionalDependencies,omitempty"`
	Publish     map[string]string `json:"publishConfig"`
}

// npmName is the package that people name: everybody owns the scope of their account.
func (r Release) npmName() string { return "@" + strings.ToLower(r.Owner) + "/" + name }

// npmPackage is what all packages of the release have.
func (r Release) npmPackage() npmPackage {
	return npmPackage{
		Name: r.npmName(), Version: r.Version, Description: description, License: license, Author: authors,
		Repository: repository{"git", "git+" + r.repository() + ".git"},
		Files:      []string{"bin"}, Publish: map[string]string{"access": "public"},
	}
}

// NPMLauncher is the package.json of the package that people install: a few lines of
// JavaScript, which start the program of the package for their platform.
func (r Release) NPMLauncher() ([]byte, error) {
	p := r.npmPackage()
	p.Keywords, p.MCPName = keywords, r.serverName()
	p.Bin = map[string]string{name: "bin/flexie-mcp.js"}
	p.Engines = map[string]string{"node": ">=18"}
	for _, on := range NPMPlatforms {
		p.Optional = p.Optional.with(r.npmName()+"-"+on.Folder(), r.Version)
	}
	return indented(p)
}

// NPMProgram is the package.json of the package that holds the program of a platform.
func (r Release) NPMProgram(on npmPlatform) ([]byte, error) {
	p := r.npmPackage()
	p.Name += "-" + on.Folder()
	p.Description = "The program of " + r.npmName() + " for " + on.OS + " on " + on.CPU + "."
	p.Files = append(p.Files, thirdParty)
	p.OS, p.CPU = []string{on.OS}, []string{on.CPU}
	return indented(p)
}
