package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"flexie-mcp/flexie"
)

// Token is a credential that the operator issued to one person or program, as
// the tokens file has it. The token itself is not kept.
type Token struct {
	ID   string `toml:"id" json:"id"`     // 8 hex digits
	Name string `toml:"name" json:"name"` // whose it is; no two have the same

	// Hash is "sha256:" and 64 hex digits.
	Hash string `toml:"hash" json:"-"`

	// Subdomain or BaseURL says which workspace it is for; neither, the server's.
	Subdomain string `toml:"subdomain,omitempty" json:"subdomain,omitempty"`
	BaseURL   string `toml:"base_url,omitempty" json:"base_url,omitempty"`

	// KeyEnv or KeyFile says where the server finds the Flexie key: the name of a
	// variable of its environment, or a file that holds nothing else. Neither is
	// the server's own key, to its own workspace only.
	KeyEnv  string `toml:"key_env,omitempty" json:"key_env,omitempty"`
	KeyFile string `toml:"key_file,omitempty" json:"key_file,omitempty"`

	// Toolsets and Tools are what it is narrowed to; neither, what the operator
	// allows everybody.
	Toolsets []string `toml:"toolsets,omitempty" json:"toolsets,omitempty"`
	Tools    []string `toml:"tools,omitempty" json:"tools,omitempty"`
	ReadOnly bool     `toml:"read_only,omitempty" json:"read_only"`

	Created time.Time `toml:"created,omitzero" json:"created,omitzero"`
	Expires time.Time `toml:"expires,omitzero" json:"expires,omitzero"` // zero is never
}

// Expired reports whether it is over.
func (t Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// root is the API root that it names; "" for the server's own.
func (t Token) root() string {
	switch {
	case t.BaseURL != "":
		return strings.TrimRight(t.BaseURL, "/")
	case t.Subdomain != "":
		return rootOf(t.Subdomain)
	}
	return ""
}

func (t Token) namesKey() bool { return t.KeyEnv != "" || t.KeyFile != "" }

const (
	tokenPrefix = "flx_" // by which people and scanners of secrets know one
	tokenDigits = 43     // of base 62, for 32 bytes
	hashPrefix  = "sha256:"
)

var tokenPattern = regexp.MustCompile(`^` + tokenPrefix + `[0-9A-Za-z]{43}$`)

// newToken makes a token of 256 random bits.
func newToken() string {
	random := make([]byte, 32)
	rand.Read(random)
	digits := new(big.Int).SetBytes(random).Text(62)
	return tokenPrefix + strings.Repeat("0", tokenDigits-len(digits)) + digits
}

// hashOf is what the file keeps of a token. A fast hash will do: slow ones are
// for passwords, which can be guessed, and 256 random bits can't. The words
// before it keep it from being the hash of the same text for another use.
func hashOf(token string) [sha256.Size]byte {
	return sha256.Sum256([]byte("flexie-mcp token\n" + token))
}

// readHash reads a hash as the file has it.
func readHash(text string) (hash [sha256.Size]byte, ok bool) {
	digits, ok := strings.CutPrefix(text, hashPrefix)
	raw, err := hex.DecodeString(digits)
	if !ok || err != nil || len(raw) != len(hash) {
		return hash, false
	}
	return [sha256.Size]byte(raw), true
}

func writeHash(hash [sha256.Size]byte) string { return hashPrefix + hex.EncodeToString(hash[:]) }

// Problem is what is wrong with one value of a token. Key is the value's name in
// the file; the text does not repeat what may be a secret.
type Problem struct{ Key, Text string }

var (
	namePattern = regexp.MustCompile(`^[\pL\pN][\pL\pN ._@+-]*$`) // {0,63} would take milliseconds of each start
	envPattern  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Problems are what is wrong with a token that is about to be issued.
func (t Token) Problems() (all []Problem) {
	problem := func(bad bool, key, text string) {
		if bad {
			all = append(all, Problem{key, text})
		}
	}
	workspace := t.Subdomain != "" || t.BaseURL != ""
	problem(!namePattern.MatchString(t.Name) || utf8.RuneCountInString(t.Name) > 64, "name", "it is up to 64 letters, digits, spaces and . _ @ + -, like support-bot")
	problem(t.Subdomain != "" && t.BaseURL != "", "subdomain", "base_url is there too: keep one")
	if t.Subdomain != "" {
		text := notASubdomain(t.Subdomain)
		problem(text != "", "subdomain", text)
	}
	problem(t.BaseURL != "" && !isRoot(t.BaseURL), "base_url", "it is the root of an API, like https://acme.flexie.io/api; plain http is only for this machine")
	problem(t.KeyEnv != "" && t.KeyFile != "", "key_env", "key_file is there too: keep one")
	problem(t.KeyEnv != "" && !envPattern.MatchString(t.KeyEnv), "key_env", "it is the name of an environment variable that holds the key, like ACME_KEY, and never the key itself")
	problem(workspace && !t.namesKey(), "key_env", "say where the key to that workspace is, in key_env or key_file: the server's own key is for its own workspace")
	return all
}

// isRoot reports whether an address can be an API root.
func isRoot(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(address, "?# \t\r\n") {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && flexie.IsLoopback(u.Hostname())
}
