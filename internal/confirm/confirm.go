// Package confirm makes the codes by which somebody says "yes, exactly this" to
// a preview. A code is signed, and good for one caller, one tool, one set of
// arguments and one state of what was shown; for ten minutes, and once. It knows
// nothing of tools: its callers say what a code is bound to.
package confirm

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"flexie-mcp/internal/store"
)

// life is how long a code is good.
const life = 10 * time.Minute

// Binding is what a code is good for.
type Binding struct {
	Purpose   string // what it is handed out for: one of a question is none of a preview
	Caller    string // who was shown the preview; tells callers apart
	By        string // what they signed in by, "" if that is but one thing; a no holds whatever it is
	Tool      string
	Arguments string // as Canonical writes them
	State     string // fingerprint of what was shown: changes when the record does
}

// Why a code is not accepted, for errors.Is. Each says what to do next.
var (
	ErrMalformed = errors.New("this is not a confirmation code of this server: copy it exactly as the preview gave it, or call without confirm for a new one")
	ErrOther     = errors.New("this confirmation code is for another call: it is good only for the caller, the tool and the arguments it was given for; call without confirm for one for this call")
	ErrChanged   = errors.New("what the preview showed has changed since: call without confirm to see what would happen now")
	ErrExpired   = errors.New("the confirmation code has expired, ten minutes after it was given: call without confirm for a new one")
	ErrUsed      = errors.New("the confirmation code was used already: if it is to be done once more, call without confirm for a new one")
)

// Options say where the key is, and what remembers the codes that were used and
// what was refused.
type Options struct {
	Store store.Store      // without one there are no codes
	Now   func() time.Time // time.Now unless set
}

// Codes makes codes and accepts them. It is safe for concurrent use.
type Codes struct {
	o    Options
	mu   sync.Mutex
	key  []byte               // nil until it is needed
	used map[string]time.Time // the tokens, until when
	noes map[string]time.Time // the calls that were refused in this process, when
}

// New makes nothing before it is needed, and so never fails.
func New(o Options) *Codes {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Store == nil {
		o.Store = store.Durable(store.Options{})
	}
	return &Codes{o: o, used: map[string]time.Time{}, noes: map[string]time.Time{}}
}

// Issue is a code for a binding: 45 small letters and digits. It fails if the
// key can't be read or made; its text says why.
func (c *Codes) Issue(ctx context.Context, b Binding) (string, error) {
	key, err := c.loadKey(ctx)
	if err != nil {
		return "", err
	}
	var n note
	rand.Read(n.nonce())
	binary.BigEndian.PutUint32(n.expiry(), uint32(c.o.Now().Add(life).Unix()))
	copy(n.call(), n.callOf(key, b))
	copy(n.state(), n.stateOf(key, b))
	copy(n.signature(), n.signatureOf(key))
	return encode(n), nil
}

// Accept uses a code up for a binding. Case, spaces and quotes around it, and
// letters taken for digits don't matter. Besides those above, it fails if the
// key can't be read or it can't be known whether the code was used.
func (c *Codes) Accept(ctx context.Context, code string, b Binding) error {
	n, key, err := c.genuine(ctx, code)
	if err != nil {
		return err
	}
	if !hmac.Equal(n.call(), n.callOf(key, b)) {
		return ErrOther
	}
	until := time.Unix(int64(binary.BigEndian.Uint32(n.expiry())), 0)
	now := c.o.Now()
	// One that is good for longer than any was made before the clock was set back.
	if !now.Before(until) || until.Sub(now) > life+time.Minute {
		return ErrExpired
	}
	token := n.token(key)
	if c.isUsed(token) { // which may be what has changed the state
		return ErrUsed
	}
	if !hmac.Equal(n.state(), n.stateOf(key, b)) {
		return ErrChanged
	}
	return c.once(ctx, token, until.Add(time.Minute))
}

// genuine reads a code that was made with the key.
func (c *Codes) genuine(ctx context.Context, code string) (n note, key []byte, err error) {
	if key, err = c.loadKey(ctx); err != nil {
		return n, nil, err
	}
	n, ok := decode(code)
	if !ok || !hmac.Equal(n.signature(), n.signatureOf(key)) {
		return n, nil, ErrMalformed
	}
	return n, key, nil
}

func (c *Codes) isUsed(token string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, used := c.used[token]
	return used
}

// once uses a token up. One that could not be written down can be tried again.
func (c *Codes) once(ctx context.Context, token string, until time.Time) error {
	if !c.take(token, until) {
		return ErrUsed
	}
	first, err := store.Once(ctx, c.o.Store, token, c.o.Now(), until)
	if err != nil {
		c.mu.Lock()
		delete(c.used, token)
		c.mu.Unlock()
		return store.NewProblem(c.o.Store, "the change was not made, since it can't be recorded that it is confirmed", "; reading goes on", err)
	}
	if !first {
		return ErrUsed
	}
	return nil
}

// take remembers a token in this process, so that a code that works twice
// would take a restart and the loss of the file of used ones.
func (c *Codes) take(token string, until time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.o.Now()
	for t, end := range c.used {
		if now.After(end) {
			delete(c.used, t)
		}
	}
	if _, taken := c.used[token]; taken {
		return false
	}
	c.used[token] = until
	return true
}

// keySize is that of the key in bytes.
const keySize = 32

// loadKey waits for no other that does the same: of several, all get one key.
func (c *Codes) loadKey(ctx context.Context) ([]byte, error) {
	c.mu.Lock()
	key := c.key
	c.mu.Unlock()
	if key != nil {
		return key, nil
	}
	fresh := make([]byte, keySize)
	rand.Read(fresh)
	key, err := c.o.Store.Secret(ctx, "confirm", fresh)
	if err != nil {
		return nil, fmt.Errorf("the change was not made, since it can't be confirmed: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.key = key
	return key, nil
}

// token is what a used code is remembered by. It does not give the code away.
func (n *note) token(key []byte) string {
	return hex.EncodeToString(mac(key, "used", string(n[:]))[:16])
}

// mac signs texts, of which none can be taken for another: each has its length
// before it.
func mac(key []byte, purpose string, texts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, text := range append([]string{"flexie-mcp confirm", purpose}, texts...) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(text)))
		h.Write(length[:])
		h.Write([]byte(text))
	}
	return h.Sum(nil)
}
