package server

import "fmt"

const (
	// mostWatched is how many addresses one subscriber may be told of.
	mostWatched = 1000

	// longestWatched is how long one of them may be, and mostWatchedBytes how long
	// all of a subscriber together: those of a session are written to the database
	// each time that there is one more. Addresses of records have some thirty.
	longestWatched   = 2 << 10
	mostWatchedBytes = 128 << 10
)

// watchlist is what one subscriber is told of. A nil one is nothing.
type watchlist struct {
	topics map[topic]bool
	bytes  int // of their addresses
}

// mayAdd says why there can't be one more; nil if there can, or if it is there.
func (w *watchlist) mayAdd(t topic) error {
	switch {
	case len(t.uri) > longestWatched:
		return fmt.Errorf("the address is longer than %d bytes: subscribe to one that the server has given", longestWatched)
	case w == nil || w.topics[t]:
		return nil
	case len(w.topics) >= mostWatched:
		return fmt.Errorf("%d addresses are subscribed to, which is the most: unsubscribe from those that are not needed", mostWatched)
	case w.bytes+len(t.uri) > mostWatchedBytes:
		return fmt.Errorf("the addresses that are subscribed to have %d KiB together, which is the most: unsubscribe from those that are not needed", mostWatchedBytes>>10)
	}
	return nil
}

func (w *watchlist) add(t topic) error {
	if err := w.mayAdd(t); err != nil || w.topics[t] {
		return err
	}
	if w.topics == nil {
		w.topics = map[topic]bool{}
	}
	w.topics[t] = true
	w.bytes += len(t.uri)
	return nil
}

// addAll adds the addresses of one caller, until there is one too much.
func (w *watchlist) addAll(uris []string) error {
	for _, uri := range uris {
		if err := w.add(topic{uri: uri}); err != nil {
			return err
		}
	}
	return nil
}

func (w *watchlist) remove(t topic) {
	if w.topics[t] {
		delete(w.topics, t)
		w.bytes -= len(t.uri)
	}
}
