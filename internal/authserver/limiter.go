package authserver

import (
	"context"
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

// wideShare is how many times as much a wider network of IPv6 has as one sender.
const wideShare = 10

// wider is the network that holds a sender of IPv6, a /48: the most that one
// customer is given, while many have but a /56 or a /64 of their own. "" for others.
func wider(sender string) string {
	p, err := netip.ParsePrefix(sender)
	if err != nil || !p.Addr().Is6() {
		return ""
	}
	wide, err := p.Addr().Prefix(48)
	if err != nil {
		return ""
	}
	return wide.String()
}

// take counts one more of a sender's, or says how long to wait.
func (l *limiter) take(sender string) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	wide := wider(sender)
	if wide != "" {
		if wide, wait = l.next(wide, l.every/wideShare, now); wait > 0 {
			return wait, false
		}
	}
	if sender, wait = l.next(sender, l.every, now); wait > 0 {
		return wait, false
	}
	l.count(sender, l.every, now)
	if wide != "" {
		l.count(wide, l.every/wideShare, now)
	}
	return 0, true
}

// next is as whom a sender counts, and how long they wait for their next; each of
// theirs takes some time to be given back.
func (l *limiter) next(sender string, every time.Duration, now time.Time) (as string, wait time.Duration) {
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
	return sender, max(0, full.Add(every).Sub(now)-time.Duration(l.most)*l.every)
}

func (l *limiter) count(sender string, every time.Duration, now time.Time) {
	full := l.full[sender]
	if full.Before(now) {
		full = now
	}
	l.full[sender] = full.Add(every)
}

func (l *limiter) forget(now time.Time) {
	for sender, full := range l.full {
		if full.Before(now) {
			delete(l.full, sender)
		}
	}
}

type senderKey struct{}

// withSender has senderIn find whom a request is from, where the library has only
// its context.
func withSender(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), senderKey{}, senderOf(r)))
}

func senderIn(ctx context.Context) string {
	sender, _ := ctx.Value(senderKey{}).(string)
	return sender
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
