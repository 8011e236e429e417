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

// others are scopes that clients send to every server, for what needs none here.
var others = []string{"offline_access", "openid", "profile", "email", "address", "phone"}

// levelOf is the highest level that some scopes ask for; "" where they ask for none.
// It is not known where all of them are such as there are not. Where some are, the
// others hold (RFC 6749, 3.3), and the answer says so.
func levelOf(scopes []string) (level string, known bool) {
	highest := -1
	known = true
	for _, scope := range scopes {
		name, ours := strings.CutPrefix(scope, scopePrefix)
		if at := slices.Index(levels, name); ours && at >= 0 {
			highest = max(highest, at)
		} else if !slices.Contains(others, scope) {
			known = false
		}
	}
	if highest < 0 {
		return "", known
	}
	return levels[highest], true
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
