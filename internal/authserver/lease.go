package authserver

import (
	"context"
	"errors"
	"strings"
	"time"

	"flexie-mcp/internal/store"
)

// A person's tokens are renewed by one replica at a time: by the one that its row
// names. That is no transaction, which would be open for as long as Flexie takes.

const (
	// leaseTime is how long others wait for one that has the turn and does not end.
	// It is longer than a renewal may take.
	leaseTime = time.Minute

	// leaseEvery is how often it is looked whether another is done.
	leaseEvery = 50 * time.Millisecond
)

// Lock implements oauth.Keeper.
func (k *kept) Lock(ctx context.Context) (unlock func(), err error) {
	if !k.s.renewals.begin() {
		return nil, errors.New("this server is about to end; try again in a moment")
	}
	defer func() {
		if err != nil {
			k.s.renewals.all.Done()
		}
	}()
	tick := time.NewTicker(leaseEvery)
	defer tick.Stop()
	for {
		got, err := k.take(ctx)
		switch {
		case err != nil:
			k.s.o.Log.ErrorContext(ctx, "a person's tokens can't be renewed now", "person", k.person.name, "error", err)
			return nil, errors.New("this server can't keep what Flexie would give; try again in a minute, or tell whoever runs it to look at its log")
		case got:
			return k.leave, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.New("another server has been at it for too long; try again in a minute")
		case <-tick.C:
		}
	}
}

// take takes the turn, unless another has it who is alive.
func (k *kept) take(ctx context.Context) (got bool, err error) {
	err = k.do(ctx, func(t *store.Tx) error {
		var renewer string
		var until int64
		there, err := found(t.QueryRow(`SELECT renewer, renewing FROM oauth_person WHERE id = ?`, k.person.id), &renewer, &until)
		if err != nil {
			return err
		}
		if got = !there; got { // which Load finds out
			return nil
		}
		now, err := k.leaseClock(t)
		if err != nil {
			return err
		}
		if process, _, _ := strings.Cut(renewer, " "); renewer != "" && until > now && !k.s.o.Store.Gone(t, process) {
			return nil
		}
		if err := k.s.o.Store.Live(t); err != nil {
			return err
		}
		lease := t.Process + " " + newID(8)
		got, err = changed(t, `UPDATE oauth_person SET renewer = ?, renewing = ? WHERE id = ? AND renewer = ? AND renewing = ?`,
			lease, now+leaseTime.Milliseconds(), k.person.id, renewer, until)
		if got {
			k.lease = lease
		}
		return err
	})
	return got, err
}

// leaseClock is the time that all replicas go by: Postgres's, since their own
// differ.
func (k *kept) leaseClock(t *store.Tx) (now int64, err error) {
	if !t.Shared {
		return k.s.clock(), nil
	}
	err = t.QueryRow(`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint`).Scan(&now)
	return now, err
}

// leave gives the turn back.
func (k *kept) leave() {
	defer k.s.renewals.all.Done()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := k.do(ctx, func(t *store.Tx) error {
		_, err := t.Exec(`UPDATE oauth_person SET renewer = '', renewing = 0 WHERE id = ? AND renewer = ?`, k.person.id, k.lease)
		return err
	})
	if err != nil {
		k.s.o.Log.WarnContext(ctx, "others wait for a minute before they renew a person's tokens", "person", k.person.name, "error", err)
	}
}
