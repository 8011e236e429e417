package flexie

import "time"

// Change makes them the limits that NewLimits would make, for those who wait as
// well. Whoever is under way beyond them ends in peace.
func (l *Limits) Change(perSecond float64, atOnce int) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.perSecond == perSecond && l.atOnce == atOnce {
		return
	}
	l.count(time.Now()) // what has become ready, by the old rate
	l.perSecond, l.atOnce, l.burst = perSecond, atOnce, burstOf(perSecond)
	l.ready = min(l.ready, l.burst)
	if l.wake != nil { // it waits by the old rate
		l.wake.Stop()
		l.wake = nil
	}
	l.serve()
}
