package clients

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// systems are how people call those of the table.
var systems = map[string]string{"darwin": "macOS", "windows": "Windows", "linux": "Linux"}

// Markdown is the table of clients for docs/clients.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| client | its file | where servers stand | `--key-env` writes | tried with | read in |\n|---|---|---|---|---|---|\n")
	var unsure []string
	for _, c := range Clients {
		at := "`" + strings.Join(c.At, ".") + "`"
		if c.Newer != nil {
			at += " or `" + strings.Join(c.Newer, ".") + "`"
		}
		fmt.Fprintf(&b, "| %s: `%s` | %s | %s, %s | %s | %s | %s |\n", c.Title, c.ID, placesOf(c), c.Format, at, keyRefOf(c), c.Tried, sourcesOf(c))
		if c.Unsure != "" {
			unsure = append(unsure, "- **"+c.Title+"**: "+c.Unsure+"\n")
		}
	}
	b.WriteString("\n`$XDG_CONFIG_HOME` is `$HOME/.config` where it is not set, and on Windows `$HOME` is `%USERPROFILE%`.\n")
	b.WriteString("\nWhat is not certain of these:\n\n" + strings.Join(unsure, ""))
	return b.String()
}

func placesOf(c Client) string {
	var lines []string
	for _, system := range slices.Sorted(maps.Keys(c.Files)) {
		var paths []string
		for _, place := range c.Files[system] {
			paths = append(paths, "`"+strings.TrimSuffix(place, "?")+"`")
		}
		line := strings.Join(paths, ", else ")
		if system != all {
			line = systems[system] + ": " + line
		} else if len(c.Files) > 1 {
			line = "Linux: " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "<br>")
}

func keyRefOf(c Client) string {
	switch {
	case c.KeyRef != "":
		return "`" + fmt.Sprintf(c.KeyRef, "NAME") + "`"
	case c.HandsOn != "":
		return "`" + c.HandsOn + ` = ["` + keyVariable + `"]` + "`"
	}
	return "cannot"
}

func sourcesOf(c Client) string {
	var links []string
	for i, address := range c.Source {
		links = append(links, fmt.Sprintf("[%d](%s)", i+1, address))
	}
	return strings.Join(links, ", ")
}
