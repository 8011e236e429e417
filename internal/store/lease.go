package store

import (
	"context"
	"database/sql"
	"time"
)

// A process says in a row of its own that it is alive, again and again. Who has
// not done so for the time of a lease has ended. Unlike a lock that a connection
// holds, this outlives a restart of Postgres, works where connections are
// pooled between, and also ends with a machine that loses its network. Only
// Postgres's clock counts.
const (
	lease     = 20 * time.Second
	beatEvery = lease / 4
	beat      = `INSERT INTO process (id, seen) VALUES (?, now()) ON CONFLICT (id) DO UPDATE SET seen = now()`
)

// keepAlive says that this process is alive, until the context is over.
func (p *Postgres) keepAlive(ctx context.Context, db *sql.DB) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.renew(ctx, db)
		}
	}
}

// renew says it once. When that fails, others may fail as well: they get the
// time of a lease before one of them is taken for ended.
func (p *Postgres) renew(ctx context.Context, db *sql.DB) {
	asked := time.Now()
	err := p.run(ctx, beatEvery, db, func(t *Tx) error {
		_, err := t.Exec(beat, p.process)
		return err
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || !p.beaten.IsZero() && asked.Sub(p.beaten) > lease/2 {
		p.doubtful = time.Now().Add(lease)
	}
	if err == nil {
		p.beaten = asked
	}
}

func (p *Postgres) Live(t *Tx) error {
	p.mu.Lock()
	beaten := p.beaten
	p.mu.Unlock()
	if !beaten.IsZero() && time.Since(beaten) < lease/2 {
		return nil
	}
	_, err := t.Exec(beat, p.process)
	return err
}

func (p *Postgres) Gone(t *Tx, process string) bool {
	p.mu.Lock()
	doubtful := time.Now().Before(p.doubtful)
	p.mu.Unlock()
	if p.Ours(process) || doubtful {
		return false
	}
	var alive bool
	err := t.QueryRow(`SELECT count(*) > 0 FROM process WHERE id = ? AND seen > now() - make_interval(secs => ?)`,
		process, lease.Seconds()).Scan(&alive)
	return err == nil && !alive
}

// leave says that this process has ended, which can be told also without.
func (p *Postgres) leave(db *sql.DB) {
	p.run(context.Background(), time.Second, db, func(t *Tx) error {
		_, err := t.Exec(`DELETE FROM process WHERE id = ? OR seen < now() - interval '1 day'`, p.process)
		return err
	})
}
