package authserver

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// limiter lets each sender do something so often: a number at once, and one more
// each time that some time has passed. It forgets who has not come for so long
// that all is theirs again. Each process counts for itself.
type limiter struct {
	most  int
	every time.Duration
	now   func() time.Time

	mu   sync.Mutex
	full map[string]time.Time // when all will be theirs again
}

// mostSenders is how many are counted one by one. Beyond that all others are
// counted together: whoever can send from so many addresses is to be slowed down.
const mostSenders = 10_000

func newLimiter(most int, every time.Duration, now func() time.Time) *limiter {
	return &limiter{most: most, every: every, now: now, full: map[string]time.Time{}}
}

// take counts one more of a sender's, or says how long to wait.
func (l *limiter) take(sender string) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if _, known := l.full[sender]; !known && len(l.full) >= mostSenders {
		l.forget(now)
		if len(l.full) >= mostSenders {
			sender = "others"
		}
	}
	full := l.full[sender]
	if full.Before(now) {
		full = now
	}
	if full = full.Add(l.every); full.After(now.Add(time.Duration(l.most) * l.every)) {
		return full.Sub(now) - time.Duration(l.most)*l.every, false
	}
	l.full[sender] = full
	return 0, true
}

func (l *limiter) forget(now time.Time) {
	for sender, full := range l.full {
		if full.Before(now) {
			delete(l.full, sender)
		}
	}
}

// senderOf is the address that a request comes from, as far as it can be known:
// a proxy in the own network says for whom it asks in the last place. An address
// of IPv6 stands for its network, of which one sender has all.
func senderOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if at = at.Unmap(); at.IsLoopback() || at.IsPrivate() {
		all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if told, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1])); err == nil {
			at = told.Unmap()
		}
	}
	if at.Is6() {
		network, _ := at.WithZone("").Prefix(64)
		return network.String()
	}
	return at.String()
}
