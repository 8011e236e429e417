package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// TokensOptions say where the tokens are, and what they may name.
type TokensOptions struct {
	File    string
	Environ []string // where their keys are, as of os.Environ
	Names   Names    // those that a token can be narrowed to
}

// Tokens are those in a file, as last read with success. A nil *Tokens has none.
// It is safe for concurrent use.
type Tokens struct {
	o   TokensOptions
	now atomic.Pointer[issued]

	taking sync.Mutex // held from reading to taking, or the later of two could end up with the older file
	said   string     // what was wrong when it was last told
}

// issued is what was read at one time.
type issued struct {
	tokens   []usable
	warnings []string
}

// usable is a token with its hash and, if it was found, its key.
type usable struct {
	Token
	hash [sha256.Size]byte
	key  Secret
}

// OpenTokens reads the file. Its error is of a file that can't be read or is not
// right; a token whose key is missing is a warning, and refused when it is used.
func OpenTokens(o TokensOptions) (*Tokens, error) {
	t := &Tokens{o: o}
	if err := t.Reload(); err != nil {
		return nil, err
	}
	t.said = strings.Join(t.Warnings(), "\n")
	return t, nil
}

// Reload reads the file and the keys again. If the file is not right, the tokens
// stay as they were.
func (t *Tokens) Reload() error {
	t.taking.Lock()
	defer t.taking.Unlock()
	next, err := t.read()
	if err == nil {
		t.now.Store(next)
	}
	return err
}

// read is what the file and the keys say now.
func (t *Tokens) read() (*issued, error) {
	tokens, mode, err := readTokens(t.o.File)
	if err != nil {
		return nil, err
	}
	next := &issued{}
	if runtime.GOOS != "windows" && mode&0o027 != 0 { // its group may read it: so Kubernetes hands a secret to who is not root
		next.warnings = append(next.warnings, fmt.Sprintf("%s says who may use this server, and others can read it or write to it: chmod 640 %[1]s", t.o.File))
	}
	for _, token := range tokens {
		u, err := t.usable(token)
		if err != nil {
			return nil, fmt.Errorf("%s: token %q: %w", t.o.File, token.Name, err)
		}
		if token.namesKey() {
			if u.key, err = token.keyOf(t.o.Environ, filepath.Dir(t.o.File)); err != nil {
				next.warnings = append(next.warnings, err.Error())
			}
		}
		next.tokens = append(next.tokens, u)
	}
	return next, nil
}

func (t *Tokens) usable(token Token) (usable, error) {
	token.Tools = t.o.Names.present(token.Tools)
	for _, problem := range []string{t.o.Names.unknownToolset(token.Toolsets), t.o.Names.unknownTool(token.Tools)} {
		if problem != "" {
			return usable{}, errors.New(problem)
		}
	}
	hash, _ := readHash(token.Hash) // which was checked when it was read
	return usable{Token: token, hash: hash}, nil
}

// Warnings are what the operator should know of the tokens that were read last,
// one line each.
func (t *Tokens) Warnings() []string { return t.now.Load().warnings }

// find is the token of which this is the text. All are compared, each in
// constant time, so that how long it takes says nothing of how near a guess came
// or which one it was: that is a few microseconds for hundreds of tokens.
func (t *Tokens) find(text string) (usable, bool) {
	if t == nil || !tokenPattern.MatchString(text) {
		return usable{}, false
	}
	hash, at := hashOf(text), -1
	tokens := t.now.Load().tokens
	for i := range tokens {
		at = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(tokens[i].hash[:], hash[:]), i, at)
	}
	if at < 0 {
		return usable{}, false
	}
	return tokens[at], true
}

// names reports whether a token's base_url names the host.
func (t *Tokens) names(host string) bool {
	if t == nil {
		return false
	}
	for _, token := range t.now.Load().tokens {
		if token.BaseURL != "" && strings.EqualFold(host, hostOf(token.BaseURL)) {
			return true
		}
	}
	return false
}
