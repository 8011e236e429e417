package confirm

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"flexie-mcp/internal/store"
)

// Void makes a code of no use, whatever it was for: its question was answered
// otherwise than with yes. One that is used or void already is no error.
func (c *Codes) Void(ctx context.Context, code string) error {
	n, key, err := c.genuine(ctx, code)
	if err != nil {
		return err
	}
	until := time.Unix(int64(binary.BigEndian.Uint32(n.expiry())), 0)
	if err := c.once(ctx, n.token(key), until.Add(time.Minute)); !errors.Is(err, ErrUsed) {
		return err
	}
	return nil
}

// Refuse remembers that the user said no to a call, whatever its state and whatever
// they signed in by: in every process that has the store, and after a restart. An error is one of the store;
// this process remembers it all the same.
func (c *Codes) Refuse(ctx context.Context, b Binding) error {
	call, now := b.call(), c.o.Now()
	c.mu.Lock()
	for call, at := range c.noes {
		if now.Sub(at) >= life {
			delete(c.noes, call)
		}
	}
	c.noes[call] = now
	c.mu.Unlock()
	err := c.o.Store.Do(ctx, func(t *store.Tx) error {
		if _, err := t.Exec(`DELETE FROM refused WHERE at < ?`, store.FormatTime(now.Add(-life))); err != nil {
			return err
		}
		_, err := t.Exec(`INSERT INTO refused (call, at) VALUES (?, ?) ON CONFLICT (call) DO UPDATE SET at = excluded.at`,
			call, store.FormatTime(now))
		return err
	})
	if err != nil {
		return store.NewProblem(c.o.Store, "that the user said no can't be recorded", "", err)
	}
	return nil
}

// SaidNo reports whether the user said no to the call in the last ten minutes, and
// how long ago. Where the store can't be read, what this process was told has to
// do: no change can be made there either.
func (c *Codes) SaidNo(ctx context.Context, b Binding) (ago time.Duration, no bool) {
	call, now := b.call(), c.o.Now()
	c.mu.Lock()
	at, no := c.noes[call]
	c.mu.Unlock()
	if recent(now.Sub(at)) && no {
		return now.Sub(at), true
	}
	ctx, cancel := context.WithTimeout(ctx, noTimeout)
	defer cancel()
	var text string
	err := c.o.Store.Do(ctx, func(t *store.Tx) error {
		return t.QueryRow(`SELECT at FROM refused WHERE call = ?`, call).Scan(&text)
	})
	ago = now.Sub(store.ParseTime([]byte(text)))
	return ago, err == nil && recent(ago)
}

// noTimeout is how long it is waited for others to let go of the store.
const noTimeout = 2 * time.Second

func recent(ago time.Duration) bool { return ago >= 0 && ago < life }

// call tells calls apart, and does not give away what they are.
func (b Binding) call() string {
	return hex.EncodeToString(mac(nil, "no", b.Caller, b.Tool, b.Arguments))
}
