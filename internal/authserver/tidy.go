package authserver

import (
	"context"
	"time"

	"flexie-mcp/internal/store"
)

// tidyEvery is how often it is looked for what is over.
const tidyEvery = 10 * time.Minute

// Tidy says in the log if keys are missing or old, and then forgets what is over, again
// and again, until the context ends.
func (s *Server) Tidy(ctx context.Context) {
	s.tellOfKeys(ctx)
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := s.tidy(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.WarnContext(ctx, "what is over of sign-ins could not be forgotten", "error", err)
		}
	}
}

// tidy forgets what is over. A used code stays a day and a used refresh token for
// as long as it could have been used, so that one that was stolen shows; what
// refresh tokens answered, no longer than it is given again. Somebody's key goes
// with the last of what they let connect.
func (s *Server) tidy(ctx context.Context) error {
	now, day := s.clock(), 24*time.Hour
	return s.o.Store.Do(ctx, func(t *store.Tx) error {
		for _, forget := range []struct {
			what   string
			before int64
		}{
			{`DELETE FROM oauth_flow WHERE expires < ?`, now},
			{`DELETE FROM oauth_code WHERE expires < ?`, s.in(-day)},
			{`DELETE FROM oauth_session WHERE expires < ?`, now},
			{`UPDATE oauth_token SET answer = '' WHERE answer <> '' AND replaced < ?`, s.in(-grace)},
			{`DELETE FROM oauth_token WHERE expires < ?`, now},
			{`DELETE FROM oauth_grant WHERE expires < ?`, now},
			{`DELETE FROM oauth_client WHERE CASE WHEN used > created THEN used ELSE created END < ?
				AND id NOT IN (SELECT client FROM oauth_grant)`, s.in(-unusedLifetime)},
			{`DELETE FROM oauth_person WHERE updated < ? AND id NOT IN (SELECT person FROM oauth_grant WHERE revoked = 0)
				AND id NOT IN (SELECT person FROM oauth_session)`, s.in(-day)},
		} {
			if _, err := t.Exec(forget.what, forget.before); err != nil {
				return err
			}
		}
		return nil
	})
}
