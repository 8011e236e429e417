package auth

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// changes are the names of the tokens that are new, changed or gone in next, as
// what is said in a line of the log; none if it has the same.
func (i *issued) changes(next *issued) (attrs []any) {
	before, now := i.byHash(), next.byHash()
	say := func(what string, names []string) {
		if len(names) > 0 {
			attrs = append(attrs, slog.String(what, few(names)))
		}
	}
	var added, changed, gone []string
	for _, token := range next.tokens {
		switch was, known := before[token.hash]; {
		case !known:
			added = append(added, token.Name)
		case !was.same(token):
			changed = append(changed, token.Name)
		}
	}
	for _, token := range i.tokens {
		if _, there := now[token.hash]; !there {
			gone = append(gone, token.Name)
		}
	}
	say("new", added)
	say("changed", changed)
	say("gone", gone)
	return attrs
}

// mostNamed is how many tokens a line of the log names.
const mostNamed = 20

// few are names, as many as a line has room for.
func few(names []string) string {
	if more := len(names) - mostNamed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ","), more)
	}
	return strings.Join(names, ",")
}

func (i *issued) byHash() map[[sha256.Size]byte]usable {
	all := map[[sha256.Size]byte]usable{}
	for _, token := range i.tokens {
		all[token.hash] = token
	}
	return all
}

// same reports whether a token is the same in all that the file says of it, and
// has the same key.
func (u usable) same(other usable) bool {
	mine, _ := toml.Marshal(u.Token) // which was read from TOML
	others, _ := toml.Marshal(other.Token)
	return bytes.Equal(mine, others) && u.key.Reveal() == other.key.Reveal()
}
