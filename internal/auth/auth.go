// Package auth says who is asking over HTTP: once for each request, before
// anything else looks at it. It knows headers, the operator's tokens and which
// hosts may be reached; it knows nothing of MCP, and asks Flexie nothing.
package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"

	"flexie-mcp/flexie"
)

// Authenticator finds out who is asking.
type Authenticator interface {
	// Identify reads the request's headers and path, and nothing else of it. Its
	// errors are *Error.
	Identify(r *http.Request) (Identity, error)
}

// Identity is who is asking: as whom Flexie is called, and what they may use.
type Identity struct {
	// Name is for people and logs: "support-bot", "key 3f9a12cd". It is never a
	// secret, and need not tell callers apart.
	Name string

	// Caller tells callers apart: 32 hex digits, the same after a restart and on
	// every replica. What the request narrows makes no difference to it.
	Caller string

	// Credential tells apart by what one caller asks, as two assistants of theirs; ""
	// where that is but one. It is the same after a token was renewed.
	Credential string

	// Root is the root of the API that is called, "https://acme.flexie.io/api". It
	// is built here or set by the operator, never taken from a request.
	Root string

	// Key is the Flexie API key that is sent there. With Auth, it only tells who
	// asks from others, and is never sent.
	Key Secret

	// OwnKey says that the caller brought the key. Whether it is right is not known.
	OwnKey bool

	// Auth is what is sent instead of a key; nil for a key.
	Auth flexie.Auth

	// Narrowed are limits to what the operator allows; a tool is for this caller
	// only if it is within each. None are no limits.
	Narrowed []Narrowing

	// ReadOnly leaves only tools that change nothing.
	ReadOnly bool

	// Access is the highest level that a person has allowed their assistant: read,
	// write, delete or admin; "" where nobody was asked. Unlike with what is narrowed,
	// a client may ask for more, and so is told of tools above it.
	Access string

	// most is the highest level that it can ask for, and stepUp the address at which
	// it finds out how.
	most, stepUp string

	// chosen is the one of Narrowed that a person has chosen for their assistant; nil
	// for none.
	chosen *Narrowing

	// Operator sees everybody's changes: whoever uses the server's own key on the
	// machine that it runs on.
	Operator bool
}

// Allows reports whether a tool is within what the identity is narrowed to.
// toolsets are all those the tool is in: its group, and core if it is in that.
func (i Identity) Allows(tool string, toolsets ...string) bool {
	for _, n := range i.Narrowed {
		if !n.has(tool, toolsets) {
			return false
		}
	}
	return true
}

// LeftOut reports whether it is the person's choice that a tool is not allowed: they
// can choose anew.
func (i Identity) LeftOut(tool string, toolsets ...string) bool {
	return i.chosen != nil && !i.chosen.has(tool, toolsets)
}

// Nobody reports whether there is no workspace that whoever asks could work in:
// the server is not set up yet, and they bring no key of their own.
func (i Identity) Nobody() bool { return i.Caller == "" }

// Same reports whether two requests came from the same caller with the same key,
// and may do the same.
func (i Identity) Same(other Identity) bool {
	return i.Caller == other.Caller && i.Root == other.Root && i.Key.Reveal() == other.Key.Reveal() &&
		i.ReadOnly == other.ReadOnly && i.Access == other.Access && slices.EqualFunc(i.Narrowed, other.Narrowed, Narrowing.same)
}

// CallerOf is the Caller of whoever holds a Flexie API key. The key can't be
// read back from it.
func CallerOf(root, key string) string { return callerHash("flexie-mcp caller", root, key) }

// callerHash keeps 128 bits: what belongs to a caller is found by them, and keys
// are of the sender's choosing. The kind keeps a key that reads like another
// kind of credential from becoming its holder.
func callerHash(kind, root, credential string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%q\n%q", kind, root, credential))
	return hex.EncodeToString(sum[:16])
}
