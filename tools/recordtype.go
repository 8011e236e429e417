package tools

import (
	"strings"

	"flexie-mcp/flexie"
)

// recordType is what Flexie calls the kind of record that is meant: contact,
// where contacts or Contact was said. Anything else is a custom table's name.
func recordType(said string) string {
	said = strings.TrimSpace(said)
	for _, kind := range flexie.Kinds {
		if !kind.Custom() && (strings.EqualFold(said, kind.Name) || strings.EqualFold(said, kind.Plural)) {
			return kind.Name
		}
	}
	return said
}
