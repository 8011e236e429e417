package flexie

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// zone is where the user is, as far as times go.
type zone struct {
	asking singleflight.Group

	mu    sync.Mutex
	place *time.Location
	until time.Time // when to ask again; never, if it is zero
	user  Record    // as it was last read
}

// Zone is the user's time zone, an IANA name in their settings, read when it is
// first needed. It is UTC where it can't be read. Assumption: user-timezone.
func (c *Client) Zone(ctx context.Context) *time.Location {
	if place, ok := c.zone.known(); ok {
		return place
	}
	asked := c.zone.asking.DoChan("", func() (any, error) {
		return c.Self(withoutNames(detached(ctx))) // which keeps it
	})
	select {
	case <-ctx.Done():
		return time.UTC
	case told := <-asked:
		if told.Err != nil {
			c.zone.keep(time.UTC, time.Now().Add(namesRest))
		}
	}
	place, _ := c.zone.known()
	return place
}

// ZoneShown is Zone for an answer, which does not wait long for it.
func (c *Client) ZoneShown(ctx context.Context) *time.Location {
	if place, ok := c.zone.known(); ok {
		return place
	}
	ctx, cancel := context.WithTimeout(ctx, namesPatience)
	defer cancel()
	return c.Zone(ctx)
}

// KnownUser is the user as it was last read, if it was: nothing is asked for it.
func (c *Client) KnownUser() (Record, bool) {
	c.zone.mu.Lock()
	defer c.zone.mu.Unlock()
	return c.zone.user, c.zone.user.ID != ""
}

func (z *zone) known() (*time.Location, bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.place == nil || !z.until.IsZero() && time.Now().After(z.until) {
		return time.UTC, false
	}
	return z.place, true
}

func (z *zone) keep(place *time.Location, until time.Time) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.place, z.until = place, until
}

// keepOf takes the user, and the name of their zone, from what Flexie says.
func (z *zone) keepOf(self Record, zone string) {
	z.mu.Lock()
	z.user = self
	z.mu.Unlock()
	z.keep(placeOf(zone), time.Time{})
}

// places are those that were loaded, by name. All who are in one share it: there
// are a few hundred in the world.
var places sync.Map

// placeOf is the time zone of a name, UTC if there is none.
func placeOf(name string) *time.Location {
	if place, ok := places.Load(name); ok {
		return place.(*time.Location)
	}
	place, err := time.LoadLocation(name)
	if err != nil || name == "Local" { // which is this machine's
		return time.UTC
	}
	places.Store(name, place)
	return place
}
