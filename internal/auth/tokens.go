package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
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
	o       TokensOptions
	reading sync.Mutex
	now     atomic.Pointer[issued]

	checking sync.Mutex
	said     string // what was wrong when Check last looked
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
	t.reading.Lock() // so that the later of two does not end up with the older file
	defer t.reading.Unlock()
	tokens, mode, err := readTokens(t.o.File)
	if err != nil {
		return err
	}
	next := &issued{}
	if runtime.GOOS != "windows" && mode&0o027 != 0 { // its group may read it: so Kubernetes hands a secret to who is not root
		next.warnings = append(next.warnings, fmt.Sprintf("%s says who may use this server, and others can read it or write to it: chmod 640 %[1]s", t.o.File))
	}
	for _, token := range tokens {
		u, err := t.usable(token)
		if err != nil {
			return fmt.Errorf("%s: token %q: %w", t.o.File, token.Name, err)
		}
		if token.namesKey() {
			if u.key, err = token.keyOf(t.o.Environ, filepath.Dir(t.o.File)); err != nil {
				next.warnings = append(next.warnings, err.Error())
			}
		}
		next.tokens = append(next.tokens, u)
	}
	t.now.Store(next)
	return nil
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

// Watch is Check every so often until ctx ends. It reads the file rather than ask
// when it was written: files are also replaced by links to others, and keys change
// in files of their own.
func (t *Tokens) Watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		t.Check(ctx, log)
	}
}

// Check reloads, and logs which tokens are others now, by their names, and what is
// wrong, unless that is what was wrong before.
func (t *Tokens) Check(ctx context.Context, log *slog.Logger) {
	t.checking.Lock()
	defer t.checking.Unlock()
	before := t.now.Load()
	t.said = t.reloadAndTell(ctx, log, t.said)
	if changes := before.changes(t.now.Load()); len(changes) > 0 {
		log.InfoContext(ctx, "the tokens have changed", changes...)
	}
}

// reloadAndTell logs what is wrong unless it is what was wrong before.
func (t *Tokens) reloadAndTell(ctx context.Context, log *slog.Logger, before string) (now string) {
	if err := t.Reload(); err != nil {
		if now = err.Error(); now != before {
			log.ErrorContext(ctx, "the tokens stay as they were, since their file is not right", "error", err)
		}
		return now
	}
	if now = strings.Join(t.Warnings(), "\n"); now != before {
		for _, warning := range t.Warnings() {
			log.WarnContext(ctx, warning)
		}
		if now == "" {
			log.InfoContext(ctx, "the tokens are all right again")
		}
	}
	return now
}

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
