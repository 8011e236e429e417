package authserver

import (
	"context"

	"flexie-mcp/internal/store"
)

// A key can go once nothing is encrypted with it any more. So what is used is encrypted
// anew with the first key, and what is not used for thirty days is forgotten.

// reseal encrypts a person's credential with the first key, if it is with another. It
// waits for none who renews it: their answer would be kept for what was there before.
func (s *Server) reseal(ctx context.Context, b *bearer) {
	if s.o.Keys.place(b.credential) == 0 {
		return
	}
	use := useOf(b.kind, b.person.id)
	text, err := s.o.Keys.open(use, b.credential)
	if err == nil {
		err = s.o.Store.Do(ctx, func(t *store.Tx) error {
			_, err := t.Exec(`UPDATE oauth_person SET credential = ? WHERE id = ? AND credential = ? AND renewer = ''`,
				s.o.Keys.seal(use, text), b.person.id, b.credential)
			return err
		})
	}
	if err != nil {
		s.o.Log.WarnContext(ctx, "what Flexie takes for a person is still encrypted with an older key", "person", b.person.name, "error", err)
	}
}

// tellOfKeys says for how many people a key is missing, and how many are left for whom
// an older one has to stay.
func (s *Server) tellOfKeys(ctx context.Context) {
	older, locked, err := s.notByTheFirst(ctx)
	switch {
	case err != nil:
		s.o.Log.WarnContext(ctx, "it could not be counted which keys are needed", "error", err)
		return
	case locked > 0:
		s.o.Log.WarnContext(ctx, "a key is missing that sign-ins were encrypted with, so their assistants are refused", "people", locked, "do", unopenedError{}.then())
	}
	if older > 0 {
		s.o.Log.InfoContext(ctx, "an older key of encryption_key has to stay: sign-ins are encrypted with it that were not used since", "people", older)
	}
}

// notByTheFirst counts the people whose credential is encrypted with an older key, and
// with none that there is.
func (s *Server) notByTheFirst(ctx context.Context) (older, locked int, err error) {
	err = s.o.Store.Do(ctx, func(t *store.Tx) error {
		older, locked = 0, 0
		rows, err := t.Query(`SELECT credential FROM oauth_person WHERE credential <> ''`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var sealed string
			if err := rows.Scan(&sealed); err != nil {
				return err
			}
			switch place := s.o.Keys.place(sealed); {
			case place < 0:
				locked++
			case place > 0:
				older++
			}
		}
		return rows.Err()
	})
	return older, locked, err
}
