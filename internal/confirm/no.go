package confirm

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"time"
)

// Void makes a code of no use, whatever it was for: its question was answered
// otherwise than with yes. One that is used or void already is no error.
func (c *Codes) Void(ctx context.Context, code string) error {
	key, err := c.loadKey()
	if err != nil {
		return err
	}
	n, ok := decode(code)
	if !ok || !hmac.Equal(n.signature(), n.signatureOf(key)) {
		return ErrMalformed
	}
	until := time.Unix(int64(binary.BigEndian.Uint32(n.expiry())), 0)
	if err := c.once(ctx, n.token(key), until.Add(time.Minute)); !errors.Is(err, ErrUsed) {
		return err
	}
	return nil
}

// Refuse remembers that the user said no to a call, whatever its state.
func (c *Codes) Refuse(b Binding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.o.Now()
	for call, at := range c.noes {
		if now.Sub(at) >= life {
			delete(c.noes, call)
		}
	}
	c.noes[b.call()] = now
}

// SaidNo reports whether the user said no to the call in the last ten minutes, and
// how long ago. It is known in the process that was told.
func (c *Codes) SaidNo(b Binding) (ago time.Duration, no bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, no := c.noes[b.call()]
	ago = c.o.Now().Sub(at)
	return ago, no && ago >= 0 && ago < life
}

// call tells calls apart. Nobody is given it.
func (b Binding) call() string { return string(mac(nil, "no", b.Caller, b.Tool, b.Arguments)) }
