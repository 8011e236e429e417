package oauth

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"time"

	"flexie-mcp/internal/files"
)

// mark is left beside the tokens while they are renewed. Where a renewal was cut
// off, by a crash or a connection that broke, Flexie may have given new tokens
// that nobody has; the mark tells the next renewal, should it be refused, why.
type mark struct {
	Of   string    `json:"of"` // a hash of the refresh token that was sent
	At   time.Time `json:"at"`
	Room string    `json:"room"` // on disk, which is given back where it is full
}

// room is more than tokens take on disk with what is kept beside them, in bytes.
const room = 16 << 10

func hashOf(refresh string) string {
	sum := sha256.Sum256([]byte("flexie-mcp refresh " + refresh))
	return hex.EncodeToString(sum[:16])
}

// mark writes the mark, and so finds out as well whether new tokens could be
// written: as long as they can't, none are asked for. The time of one that is there
// for the same token stays: an answer may be missing since then.
func (l *Logins) mark(root, refresh string, now time.Time) error {
	var before mark
	if readJSON(l.path(root, renewingEnd), &before) == nil && before.Of == hashOf(refresh) && !before.At.IsZero() {
		now = before.At
	}
	return writeJSON(l.path(root, renewingEnd), mark{Of: hashOf(refresh), At: now, Room: strings.Repeat(".", room)})
}

// mended are the tokens of a login after what a process left that was killed
// while it renewed them: new ones may be on disk, and not in their place yet. It
// also says when a renewal of those tokens was cut off; zero if none was.
func (l *Logins) mended(one Login, g Grant) (Grant, time.Time) {
	root := one.Root
	var m mark
	if readJSON(l.path(root, renewingEnd), &m) != nil {
		return g, time.Time{}
	}
	if m.Of != hashOf(g.Refresh) {
		_ = l.unmark(root) // those are in their place
		return g, time.Time{}
	}
	var left Grant
	tokens := l.path(root, tokensEnd)
	if one.Kept != InFile || readJSON(tokens+newEnd, &left) != nil || left.Refresh == "" || left.Access == g.Access || os.Rename(tokens+newEnd, tokens) != nil {
		return g, m.At
	}
	_ = l.unmark(root)
	return left, time.Time{}
}

func (l *Logins) unmark(root string) error { return files.Remove(l.path(root, renewingEnd)) }
