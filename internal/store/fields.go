package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"flexie-mcp/flexie"
)

const (
	// mostField is the most that is kept under one key, in bytes.
	mostField = 16 << 20

	// fieldFormat is that of what is kept. What has another is not read.
	fieldFormat = 1

	// fieldsKept is for how long what nobody has learnt anew is kept.
	fieldsKept = 90 * 24 * time.Hour

	// fieldsTimeout is how long the store may hold up a call.
	fieldsTimeout = 3 * time.Second
)

// Fields keeps the fields of one workspace as one caller sees them: two callers
// may see different ones. It is a flexie.FieldStore, safe for concurrent use. What
// can't be kept, or can't be read any more, is learnt again: that never fails a
// call.
type Fields struct {
	s      Store
	owner  string
	log    *slog.Logger
	warned sync.Once
}

// FieldsOf are those of a caller, named by what tells them apart from all others
// (an API key), at the API root of a workspace. It makes nothing yet.
func FieldsOf(s Store, root, caller string, log *slog.Logger) *Fields {
	return &Fields{s: s, owner: owner(root, caller), log: log}
}

// owner tells callers apart without telling who they are: a key can't be read
// back from it.
func owner(root, caller string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "flexie-mcp fields\n%q\n%q", root, caller))
	return hex.EncodeToString(sum[:16])
}

// Load reads what was kept, by whichever process; nothing, where that can't be
// read or is of another format.
func (f *Fields) Load() (all map[string]flexie.KeptFields) {
	if file, ok := f.s.(*SQLite); ok && file.Empty() {
		return map[string]flexie.KeptFields{} // a file is made with what is learnt first, which no start waits for
	}
	ctx, cancel := context.WithTimeout(context.Background(), fieldsTimeout)
	defer cancel()
	err := f.s.Do(ctx, func(t *Tx) (err error) {
		all, err = f.load(t)
		return err
	})
	if err != nil {
		f.warn("what was learnt of the workspace can't be read", err)
		return map[string]flexie.KeptFields{}
	}
	return all
}

func (f *Fields) load(t *Tx) (map[string]flexie.KeptFields, error) {
	rows, err := t.Query(`SELECT key, value FROM field WHERE owner = ? AND format = ?`, f.owner, fieldFormat)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]flexie.KeptFields{}
	for rows.Next() {
		var key string
		var value []byte
		if err := rows.Scan(&key, &value); err != nil {
			return nil, err
		}
		var kept flexie.KeptFields
		if json.Unmarshal(value, &kept) == nil && sound(kept) {
			all[key] = kept
		}
	}
	return all, rows.Err()
}

// sound tells whether each field has a name to call it by.
func sound(kept flexie.KeptFields) bool {
	return !slices.ContainsFunc(kept.Fields, func(f flexie.Field) bool { return f.Alias == "" })
}

// Save adds to what is kept, and drops what nobody has learnt anew for long.
func (f *Fields) Save(key string, kept flexie.KeptFields) {
	if err := f.save(key, kept); err != nil {
		f.warn("what is learnt of the workspace can't be kept for the next start", err)
	}
}

func (f *Fields) save(key string, kept flexie.KeptFields) error {
	value, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	if len(value) > mostField {
		return errors.New("it is too much")
	}
	ctx, cancel := context.WithTimeout(context.Background(), fieldsTimeout)
	defer cancel()
	now := time.Now()
	return f.s.Do(ctx, func(t *Tx) error {
		if _, err := t.Exec(`DELETE FROM field WHERE saved < ?`, FormatTime(now.Add(-fieldsKept))); err != nil {
			return err
		}
		_, err := t.Exec(`INSERT INTO field (owner, key, format, saved, value) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (owner, key) DO UPDATE SET format = excluded.format, saved = excluded.saved, value = excluded.value`,
			f.owner, key, fieldFormat, FormatTime(now), string(value))
		return err
	})
}

// warn says it once.
func (f *Fields) warn(what string, err error) {
	f.warned.Do(func() { f.log.Warn(what, "reason", err, "place", f.s.Place()) })
}
