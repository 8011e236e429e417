package authserver

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// What begins each kind of secret, by which people and scanners know one.
const (
	accessPrefix  = "fla_"
	refreshPrefix = "flr_"
	codePrefix    = "flc_"
	clientPrefix  = "fls_" // of the secret of a client
)

const secretSize = 43 // of what follows: 32 bytes in base64

// newSecret makes a secret of 256 random bits.
func newSecret(prefix string) string { return prefix + newID(32) }

// newID makes so many random bytes, as text.
func newID(bytes int) string {
	random := make([]byte, bytes)
	rand.Read(random)
	return base64.RawURLEncoding.EncodeToString(random)
}

// looksLike reports whether a text can be a secret of a kind; only such ones are
// looked for.
func looksLike(prefix, text string) bool {
	return strings.HasPrefix(text, prefix) && len(text) == len(prefix)+secretSize
}

// hashOf is what is kept of a secret. A fast hash will do: slow ones are for
// passwords, which can be guessed, and 256 random bits can't. Rows are found by
// it, so that the time this takes says nothing of how near a guess came.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte("flexie-mcp authserver\n" + secret))
	return hex.EncodeToString(sum[:])
}
