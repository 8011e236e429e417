package packaging

import (
	"flexie-mcp/prompts"
	"flexie-mcp/tools"
)

// The operating systems of a bundle, as Node calls them, and the program for each.
// Bundles tell systems apart, not processors: Darwin's has both in it, and Windows
// runs the one there is on either.
var bundled = []struct{ platform, program, Goos, Goarch string }{
	{"darwin", "server/darwin/flexie-mcp", "darwin", "all"},
	{"win32", "server/win32/flexie-mcp.exe", "windows", "amd64"},
	{"linux", "server/linux/flexie-mcp", "linux", "amd64"},
}

// manifest is the manifest.json of a bundle (MCPB, version 0.3: 0.4 is experimental,
// and adds nothing for programs).
type manifest struct {
	ManifestVersion string             `json:"manifest_version"`
	Name            string             `json:"name"`
	DisplayName     string             `json:"display_name"`
	Version         string             `json:"version"`
	Description     string             `json:"description"`
	LongDescription string             `json:"long_description"`
	Author          namedAs            `json:"author"`
	Repository      repository         `json:"repository"`
	Documentation   string             `json:"documentation"`
	Support         string             `json:"support"`
	Icon            string             `json:"icon"`
	Server          bundleServer       `json:"server"`
	Tools           []bundleTool       `json:"tools"`
	ToolsGenerated  bool               `json:"tools_generated"` // more of them, by the settings
	Prompts         []bundlePrompt     `json:"prompts"`
	Keywords        []string           `json:"keywords"`
	License         string             `json:"license"`
	Compatibility   compatibility      `json:"compatibility"`
	UserConfig      ordered[formField] `json:"user_config"`
}

type (
	namedAs struct {
		Name string `json:"name"`
	}
	repository struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}
	bundleServer struct {
		Type       string    `json:"type"`
		EntryPoint string    `json:"entry_point"`
		Config     mcpConfig `json:"mcp_config"`
	}
	mcpConfig struct {
		Command   string              `json:"command"`
		Env       ordered[string]     `json:"env"`
		Platforms ordered[mcpCommand] `json:"platform_overrides"`
	}
	mcpCommand struct {
		Command string `json:"command"`
	}
	bundleTool struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	bundlePrompt struct {
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Arguments   []string `json:"arguments,omitempty"`
		Text        string   `json:"text"`
	}
	compatibility struct {
		Platforms []string `json:"platforms"`
	}
	formField struct {
		Type        string `json:"type"`
		Title       string `json:"title"`
		Description string `json:"description"`
		Default     any    `json:"default"`
		Sensitive   bool   `json:"sensitive,omitempty"`
		Required    bool   `json:"required"`
	}
)

// Manifest is the manifest.json of a bundle.
func (r Release) Manifest() ([]byte, error) {
	listed, err := offeredTools()
	if err != nil {
		return nil, err
	}
	jobs, err := bundlePrompts()
	if err != nil {
		return nil, err
	}
	m := manifest{
		ManifestVersion: "0.3", Name: name, DisplayName: title, Version: r.Version,
		Description: description,
		LongDescription: description + " Deletes, replies to customers and emails are confirmed first; " +
			"changes are recorded before they are made, and can be taken back where that is possible.\n\n" +
			"Fill in your workspace's subdomain and an API key, or switch the sandbox on to look around without an account.",
		Author:        namedAs{authors},
		Repository:    repository{"git", r.repository() + ".git"},
		Documentation: r.repository() + "#readme", Support: r.repository() + "/issues",
		Icon: "icon.png", Server: bundledServer(),
		Tools: listed, ToolsGenerated: true, Prompts: jobs,
		Keywords: keywords, License: license,
	}
	for _, b := range bundled {
		m.Compatibility.Platforms = append(m.Compatibility.Platforms, b.platform)
	}
	for _, a := range form {
		m.UserConfig = m.UserConfig.with(a.key, a.field())
	}
	return indented(m)
}

// field is the setting in a bundle's form. None is required there, since the sandbox
// needs none; all have a default, since what a client puts in for a setting without
// one, that nobody filled in, is its placeholder.
func (a asked) field() formField {
	f := formField{Type: "string", Title: a.title, Description: a.description, Default: a.initial, Sensitive: a.secret}
	if _, ok := a.initial.(bool); ok {
		f.Type = "boolean"
	}
	return f
}

func bundledServer() bundleServer {
	s := bundleServer{Type: "binary"}
	for _, b := range bundled {
		s.Config.Platforms = s.Config.Platforms.with(b.platform, mcpCommand{"${__dirname}/" + b.program})
		s.EntryPoint, s.Config.Command = b.program, "${__dirname}/"+b.program
	}
	for _, a := range form {
		s.Config.Env = s.Config.Env.with(a.variable(), "${user_config."+a.key+"}")
	}
	return s
}

// offeredTools are those that are offered unless others are set.
func offeredTools() ([]bundleTool, error) {
	offered, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"core"}})
	if err != nil {
		return nil, err
	}
	var listed []bundleTool
	for _, t := range offered {
		listed = append(listed, bundleTool{t.Name, t.Description})
	}
	return listed, nil
}

// bundlePrompts are the prompts, with placeholders for what a user gives them.
func bundlePrompts() ([]bundlePrompt, error) {
	var listed []bundlePrompt
	for _, p := range prompts.All() {
		job := bundlePrompt{Name: p.Name, Description: p.Description}
		given := map[string]string{}
		for _, a := range p.Arguments {
			job.Arguments = append(job.Arguments, a.Name)
			given[a.Name] = "${arguments." + a.Name + "}"
		}
		text, err := p.Text(given)
		if err != nil {
			return nil, err
		}
		job.Text = text
		listed = append(listed, job)
	}
	return listed, nil
}
