package sandbox

import (
	"context"
	"database/sql"
	"sync"
)

// snapshot is a seeded workspace as bytes. Programs and tests that open many
// in-memory workspaces seed one, and copy it: a tenth of a millisecond or so
// instead of a dozen.
var snapshot = sync.OnceValues(func() (data []byte, err error) {
	db, err := openDatabase(inMemory)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	st := &store{db}
	if err := st.prepare(); err != nil {
		return nil, err
	}
	err = raw(db, func(c serializer) (err error) {
		data, err = c.Serialize()
		return err
	})
	return data, err
})

// serializer is what SQLite's driver can do beyond database/sql.
type serializer interface {
	Serialize() ([]byte, error)
	Deserialize([]byte) error
}

// openMemory is a copy of the snapshot.
func openMemory() (*store, error) {
	data, err := snapshot()
	if err != nil {
		return nil, err
	}
	db, err := openDatabase(inMemory)
	if err != nil {
		return nil, err
	}
	if err := raw(db, func(c serializer) error { return c.Deserialize(data) }); err != nil {
		db.Close()
		return nil, err
	}
	return &store{db}, nil
}

// raw reaches the driver's connection, of which there is one.
func raw(db *sql.DB, f func(serializer) error) error {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error { return f(c.(serializer)) })
}
