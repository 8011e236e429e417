package authserver

import "flexie-mcp/internal/store"

// mostFlows is how many are kept: each is a row, of some hundred bytes mostly, and
// of ten thousand at most.
const mostFlows = 10_000

// makeRoom lets go of flows where there are as many as may be, some at a time, so
// that a flood does not have each new one look for an old one. Nobody is refused
// for it: who begins flows without end ends their own the soonest.
func (s *Server) makeRoom(t *store.Tx) error {
	if _, err := t.Exec(`DELETE FROM oauth_flow WHERE expires < ?`, s.clock()); err != nil {
		return err
	}
	var count int
	if err := t.QueryRow(`SELECT count(*) FROM oauth_flow`).Scan(&count); err != nil || count < s.mostFlows {
		return err
	}
	step, err := crowded(t)
	if err != nil {
		return err
	}
	_, err = t.Exec(`DELETE FROM oauth_flow WHERE id IN (SELECT id FROM oauth_flow WHERE step = ? ORDER BY expires LIMIT ?)`,
		step, count-s.mostFlows+1+s.mostFlows/50)
	return err
}

// crowded is the step of the flows of which the oldest go: what was answered; or
// else the step that most are at. So who only begins flows ends none of those who have
// allowed something, and nobody takes all of the room by going on.
func crowded(t *store.Tx) (step string, err error) {
	err = t.QueryRow(`SELECT step FROM oauth_flow GROUP BY step ORDER BY CASE step WHEN ? THEN 0 ELSE 1 END, count(*) DESC LIMIT 1`, stepDone).Scan(&step)
	return step, err
}
