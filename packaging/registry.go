package packaging

// serverJSON is what the MCP registry lists, by its schema of 2025-12-11.
type serverJSON struct {
	Schema      string            `json:"$schema"`
	Name        string            `json:"name"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Version     string            `json:"version"`
	Repository  listedRepository  `json:"repository"`
	Icons       []listedIcon      `json:"icons"`
	Packages    []registryPackage `json:"packages"`
}

type (
	listedRepository struct {
		URL    string `json:"url"`
		Source string `json:"source"`
	}
	listedIcon struct {
		Src   string   `json:"src"`
		Type  string   `json:"mimeType"`
		Sizes []string `json:"sizes"`
	}
	registryPackage struct {
		RegistryType string             `json:"registryType"`
		Identifier   string             `json:"identifier"`
		Version      string             `json:"version,omitempty"` // an image has it in its identifier
		FileSHA256   string             `json:"fileSha256,omitempty"`
		RuntimeHint  string             `json:"runtimeHint,omitempty"`
		Runtime      []registryArgument `json:"runtimeArguments,omitempty"`
		Transport    transport          `json:"transport"`
		Environment  []registryInput    `json:"environmentVariables"`
	}
	registryArgument struct {
		Type  string `json:"type"`
		Name  string `json:"name"`
		Value string `json:"value,omitempty"`
	}
	transport struct {
		Type string `json:"type"`
	}
	registryInput struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Format      string `json:"format,omitempty"`
		Default     string `json:"default,omitempty"`
		Secret      bool   `json:"isSecret,omitempty"`
	}
)

// ServerJSON is the server.json of a release. bundleSHA256 is that of the bundle in
// hexadecimal; a bundle is not listed without.
func (r Release) ServerJSON(bundleSHA256 string) ([]byte, error) {
	s := serverJSON{
		Schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
		Name:   r.serverName(), Title: title, Description: description, Version: r.Version,
		Repository: listedRepository{r.repository(), "github"},
		Icons:      []listedIcon{{r.asset("icon-256.png"), "image/png", []string{"256x256"}}},
	}
	s.Packages = append(s.Packages, r.packaged(registryPackage{
		RegistryType: "npm", Identifier: r.npmName(), Version: r.Version, RuntimeHint: "npx",
	}), r.packaged(registryPackage{
		RegistryType: "oci", Identifier: r.image(), RuntimeHint: "docker",
		Runtime: []registryArgument{{Type: "named", Name: "--volume", Value: "flexie-state:/data"}},
	}))
	if bundleSHA256 != "" {
		s.Packages = append(s.Packages, r.packaged(registryPackage{
			RegistryType: "mcpb", Identifier: r.asset(Bundle), Version: r.Version, FileSHA256: bundleSHA256,
		}))
	}
	return indented(s)
}

// packaged adds what is the same for every package.
func (r Release) packaged(p registryPackage) registryPackage {
	p.Transport = transport{"stdio"}
	for _, a := range form {
		in := registryInput{Name: a.variable(), Description: a.description, Secret: a.secret}
		switch initial := a.initial.(type) {
		case bool:
			in.Format, in.Default = "boolean", "false"
		case string:
			in.Default = initial
		}
		p.Environment = append(p.Environment, in)
	}
	return p
}
