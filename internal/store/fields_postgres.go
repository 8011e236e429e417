package store

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"flexie-mcp/flexie"
)

// fieldsTimeout is how long a look at shared fields may hold up a call.
const fieldsTimeout = 3 * time.Second

// SharedFields are Fields in a database. It is a flexie.FieldStore.
type SharedFields struct {
	p      *Postgres
	owner  string
	log    *slog.Logger
	warned sync.Once
}

// FieldsOf is the store of a caller, as the function of that name gives it.
func (p *Postgres) FieldsOf(root, caller string, log *slog.Logger) *SharedFields {
	return &SharedFields{p: p, owner: name(root, caller), log: log}
}

// Load reads what was kept, by whichever process; nothing, where that can't be
// read or is of another format.
func (f *SharedFields) Load() map[string]flexie.KeptFields {
	ctx, cancel := context.WithTimeout(context.Background(), fieldsTimeout)
	defer cancel()
	all, err := f.load(ctx)
	if err != nil {
		f.warn("what was learnt of the workspace can't be read", err)
		return map[string]flexie.KeptFields{}
	}
	return all
}

func (f *SharedFields) load(ctx context.Context) (map[string]flexie.KeptFields, error) {
	db, err := f.p.Open(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `SELECT key, value FROM field WHERE owner = $1 AND format = $2`, f.owner, format)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]flexie.KeptFields{}
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			return nil, err
		}
		var kept flexie.KeptFields
		if json.Unmarshal([]byte(value), &kept) == nil && sound(kept) {
			all[key] = kept
		}
	}
	return all, rows.Err()
}

// Save adds to what is kept, and drops what nobody has learnt anew for long.
func (f *SharedFields) Save(key string, kept flexie.KeptFields) {
	ctx, cancel := context.WithTimeout(context.Background(), fieldsTimeout)
	defer cancel()
	if err := f.save(ctx, key, kept); err != nil {
		f.warn("what is learnt of the workspace can't be kept for the next start", err)
	}
}

func (f *SharedFields) save(ctx context.Context, key string, kept flexie.KeptFields) error {
	value, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	db, err := f.p.Open(ctx)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO field (owner, key, format, value, saved) VALUES ($1, $2, $3, $4, now())
		ON CONFLICT (owner, key) DO UPDATE SET format = excluded.format, value = excluded.value, saved = now()`,
		f.owner, key, format, string(value))
	if err == nil {
		_, err = db.ExecContext(ctx, `DELETE FROM field WHERE saved < now() - interval '90 days'`)
	}
	return err
}

// warn says it once.
func (f *SharedFields) warn(what string, err error) {
	f.warned.Do(func() { f.log.Warn(what, "reason", err, "database", f.p.Place()) })
}
