package packaging

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

// The links are for those who have the program installed under its name, by Homebrew,
// Scoop or a package of their system: what npm serves under a name that nobody owns
// yet must not be started from a README.

// linked is a server in the words of Cursor and VS Code.
type linked struct {
	Command string          `json:"command"`
	Env     ordered[string] `json:"env,omitempty"`
}

// vscodeInput is a value that VS Code asks for, once, and keeps with its secrets.
type vscodeInput struct {
	Type        string `json:"type"`
	ID          string `json:"id"`
	Description string `json:"description"`
	Password    bool   `json:"password,omitempty"`
}

// Links are the lines of the README that add the server to a client with one click.
// They go by pages of the clients' makers, since GitHub takes links of other kinds out.
func Links() (string, error) {
	cursor, err := cursorLink()
	if err != nil {
		return "", err
	}
	vscode, err := vscodeLink()
	if err != nil {
		return "", err
	}
	return "- [Add to Cursor](" + cursor + ")\n" +
		"- [Add to VS Code](" + vscode + "), which asks for the subdomain and the key\n", nil
}

// cursorLink starts the program with the settings that it finds by itself: Cursor has
// no way to ask for any.
func cursorLink() (string, error) {
	config, err := json.Marshal(linked{Command: name})
	if err != nil {
		return "", err
	}
	return "https://cursor.com/en/install-mcp?" + url.Values{
		"name": {"flexie"}, "config": {base64.StdEncoding.EncodeToString(config)},
	}.Encode(), nil
}

// vscodeLink has VS Code ask for what is needed.
func vscodeLink() (string, error) {
	server := linked{Command: name}
	var inputs []vscodeInput
	for _, a := range form {
		if !a.needed {
			continue
		}
		id := "flexie_" + a.key
		inputs = append(inputs, vscodeInput{"promptString", id, title + ": " + a.title, a.secret})
		server.Env = server.Env.with(a.variable(), "${input:"+id+"}")
	}
	config, err := json.Marshal(server)
	if err != nil {
		return "", err
	}
	asking, err := json.Marshal(inputs)
	if err != nil {
		return "", err
	}
	return "https://insiders.vscode.dev/redirect/mcp/install?name=flexie" +
		"&inputs=" + escaped(asking) + "&config=" + escaped(config), nil
}

// escaped is JSON in an address, with %20 for a space: the page that gets it takes it
// apart as decodeURIComponent does, to which a plus is a plus.
func escaped(text []byte) string {
	return strings.ReplaceAll(url.QueryEscape(string(text)), "+", "%20")
}
