package authserver

import (
	"slices"
	"strings"
)

// scopePrefix stands before a level in the name of its scope: flexie:read.
const scopePrefix = "flexie:"

// levels are what tools may do, the lowest first. Each includes those before it,
// as those of the setting access do.
var levels = []string{"read", "write", "delete", "admin"}

// usual is what a client gets that asks for no scope, and what it is told to ask
// for at first: what a working day takes. What destroys, or changes the workspace
// for everybody, is asked for when it is needed.
const usual = "write"

// levelOf is the highest level that some scopes ask for; the usual one where they
// name none. Scopes of others are left out, as clients send "offline_access" and
// "openid" to everybody.
func levelOf(scopes []string) string {
	highest := -1
	for _, scope := range scopes {
		if name, ours := strings.CutPrefix(scope, scopePrefix); ours {
			highest = max(highest, slices.Index(levels, name))
		}
	}
	if highest < 0 {
		return usual
	}
	return levels[highest]
}

// scopesOf are the scopes that a level is made of, the lowest first.
func scopesOf(level string) []string {
	var all []string
	for _, name := range levels[:slices.Index(levels, level)+1] {
		all = append(all, scopePrefix+name)
	}
	return all
}

// lower is the lower of two levels; a name that is none is lower than all.
func lower(a, b string) string {
	if slices.Index(levels, a) < slices.Index(levels, b) {
		return a
	}
	return b
}

// includes reports whether a level reaches as far as another.
func includes(level, other string) bool {
	return slices.Index(levels, other) <= slices.Index(levels, level)
}

// upTo are the levels up to one.
func upTo(level string) []string { return levels[:slices.Index(levels, level)+1] }
