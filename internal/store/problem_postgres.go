package store

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Kind goes by the codes of Postgres, of which the first two signs are a class.
func (p *Postgres) Kind(err error) error {
	if kind := kindOf(err); kind != nil {
		return kind
	}
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return unreachable(err)
	}
	switch code := said.Code; {
	case code == "53100": // disk_full
		return ErrFull
	case code == "25006", code == "42501", strings.HasPrefix(code, "28"): // read-only, no right, not let in
		return ErrForbidden
	case code == "55P03", code == "57014", isCollision(err): // a lock, or a time that an operator has set
		return ErrLocked
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"), code == "53300": // no connection, ending, too many
		return ErrUnreachable
	}
	return nil
}

func unreachable(err error) error {
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, ErrUnsure) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) {
		return ErrUnreachable
	}
	return nil
}

// isCollision is a transaction that may work when it is tried again.
func isCollision(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && (said.Code == "40001" || said.Code == "40P01")
}
