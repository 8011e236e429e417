package auth

import (
	"net/http"
	"slices"
	"strings"
)

// PathPrefix starts the addresses that narrow what is offered. Each part after
// it is "readonly" or a list of toolsets: /mcp/x/cases,tasks/readonly.
const PathPrefix = "/mcp/x/"

// Narrowing is one limit to which tools there are: those of the toolsets, and
// the single ones as well. That of a token and that of a request are kept apart,
// since what is in both can't be said by names: of "core" and "cases" it is the
// tools of cases that a working day takes.
type Narrowing struct {
	Toolsets, Tools []string
}

func (n Narrowing) has(tool string, toolsets []string) bool {
	in := func(toolset string) bool { return slices.Contains(n.Toolsets, toolset) }
	return in("all") || slices.Contains(n.Tools, tool) || slices.ContainsFunc(toolsets, in)
}

func (n Narrowing) same(other Narrowing) bool {
	return slices.Equal(n.Toolsets, other.Toolsets) && slices.Equal(n.Tools, other.Tools)
}

// narrow adds a limit to an identity, if there is one.
func (i *Identity) narrow(toolsets, tools []string, readOnly bool) {
	if len(toolsets)+len(tools) > 0 {
		i.Narrowed = append(i.Narrowed, Narrowing{toolsets, tools})
	}
	i.ReadOnly = i.ReadOnly || readOnly
}

// narrowByPath is narrowed by the address: its lists of toolsets add up.
func (i *Identity) narrowByPath(path string, names Names) error {
	rest, ok := strings.CutPrefix(path, PathPrefix)
	if !ok {
		return nil
	}
	var toolsets []string
	readOnly := false
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, "/"), "/") {
		if part == "readonly" {
			readOnly = true
			continue
		}
		some, err := names.toolsets(part)
		switch {
		case err != nil:
			return malformed("the address: %v, and readonly", err)
		case len(some) == 0:
			return malformed("the address ends too early: write toolsets or readonly after %s, like %scases,tasks/readonly", PathPrefix, PathPrefix)
		}
		toolsets = append(toolsets, some...)
	}
	i.narrow(toolsets, nil, readOnly)
	return nil
}

// PathWithin reports whether an address under PathPrefix offers no more than another
// one does, whatever the toolsets hold: each of its toolsets is one of the other's,
// where that has some, and it only reads where the other does. A longer address is
// not always within a shorter one, since its lists add up.
func PathWithin(at, of string) bool {
	toolsets, readOnly, ok := partsOf(at)
	most, onlyReads, ofOK := partsOf(of)
	if !ok || !ofOK || onlyReads && !readOnly || len(most) > 0 && len(toolsets) == 0 {
		return false
	}
	more := func(toolset string) bool { return !slices.Contains(most, toolset) }
	return len(most) == 0 || !slices.ContainsFunc(toolsets, more)
}

// partsOf are the toolsets of an address, whether or not there are such, and whether
// it only reads.
func partsOf(path string) (toolsets []string, readOnly, ok bool) {
	rest, ok := strings.CutPrefix(path, PathPrefix)
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, "/"), "/") {
		if part == "readonly" {
			readOnly = true
			continue
		}
		toolsets = append(toolsets, split(part)...)
	}
	return toolsets, readOnly, ok
}

// narrowByHeaders is narrowed by headers: toolsets and single tools add up.
// Whoever fixed the address may be another than who sends the headers, so both
// hold.
func (i *Identity) narrowByHeaders(h http.Header, names Names) error {
	toolsets, err := listed(h, ToolsetsHeader, names.toolsets)
	if err != nil {
		return err
	}
	tools, err := listed(h, ToolsHeader, names.tools)
	if err != nil {
		return err
	}
	readOnly, err := saysYes(h, ReadOnlyHeader)
	if err != nil {
		return err
	}
	i.narrow(toolsets, tools, readOnly)
	return nil
}

// listed is a header that is a list of names.
func listed(h http.Header, header string, read func(string) ([]string, error)) ([]string, error) {
	list, sent, err := one(h, header)
	if err != nil || !sent {
		return nil, err
	}
	names, err := read(list)
	switch {
	case err != nil:
		return nil, malformed("%s: %v", header, err)
	case len(names) == 0:
		return nil, malformed("%s is empty: fill it in, or leave it out", header)
	}
	return names, nil
}

func saysYes(h http.Header, header string) (bool, error) {
	text, sent, err := one(h, header)
	if err != nil || !sent {
		return false, err
	}
	switch strings.ToLower(text) {
	case "1", "true", "yes", "on":
		return true, nil
	case "0", "false", "no", "off":
		return false, nil
	}
	return false, malformed("%s is true or false", header)
}
