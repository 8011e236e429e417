package tools

import (
	"slices"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// A change holds copies of what it is about. One person may let two assistants do
// different things, so being theirs is not enough for it to be shown.

// sight is which changes a caller can be told of, as journal.Filter has it. The
// zero one is all.
type sight struct {
	kinds   []string
	without []journal.OfKind
}

// sight are the changes of what the caller can read by itself.
func (who Caller) sight() (s sight) {
	kinds := changedKinds()
	for _, kind := range kinds {
		if who.canRead(kind) {
			s.kinds = append(s.kinds, kind)
		}
	}
	if len(s.kinds) == len(kinds) {
		s.kinds = nil // nor are there limits to those that a newer version knows
	} else if s.kinds == nil {
		s.kinds = []string{}
	}
	if !who.reaches("get_case_replies") {
		s.without = []journal.OfKind{{Kind: flexie.Case.Name, Act: string(replies)}}
	}
	return s
}

// canRead reports whether the caller can read what is of a kind: by the tool for
// that, as with addresses, or by one that shows it whole when it changes or deletes
// it.
func (who Caller) canRead(kind string) bool {
	return slices.ContainsFunc([]string{"get_", "update_", "delete_"}, func(does string) bool { return who.reaches(does + kind) })
}

func (who Caller) reaches(tool string) bool { return who.Reaches == nil || who.Reaches(tool) }

func (s sight) reads(kind string) bool { return s.kinds == nil || slices.Contains(s.kinds, kind) }

func (s sight) of(e journal.Entry) bool {
	return s.reads(e.Kind) && !slices.Contains(s.without, journal.OfKind{Kind: e.Kind, Act: e.Act})
}

func (s sight) isWhole() bool { return s.kinds == nil && len(s.without) == 0 }

// limit goes on where a change is said not to be there. Like noted it is said
// whether or not there is one, and so tells nothing of those.
func (s sight) limit() string {
	if s.isWhole() {
		return ""
	}
	return ", or it is about what can't be read here"
}

// noted says of a list that it may not be all.
func (s sight) noted(answer resources.Answer) resources.Answer {
	if !s.isWhole() {
		answer.Parts = append(answer.Parts, ours("Changes of what can't be read here are not listed."))
	}
	return answer
}
