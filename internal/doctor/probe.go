package doctor

import (
	"net/http"

	"flexie-mcp/flexie"
)

// stranger reports whether the answer to the first request, which had no key, is
// none that Flexie gives. Whoever gave it is not given the key, so that this is then
// the finding of the check that would send it.
func (p *patient) stranger() (f Finding, isOne bool) {
	p.mu.Lock()
	e := p.probe
	p.mu.Unlock()
	if p.isHere() || isTheirs(e) {
		return Finding{}, false
	}
	f = p.failure(&flexie.Error{Kind: kindOf(e), Status: e.status, Message: "it answered a request that had no key in a way that Flexie does not"}, e)
	f.Found += "; the key was not sent there"
	return f, true
}

// isTheirs reports whether an answer may be Flexie's to who brings no key: a refusal
// by the statuses that flexie/errors.go assumes, or an answer all the same, as JSON. A
// 401 is that of an API whatever is in it, but for a page to log in.
func isTheirs(e exchange) bool {
	switch e.status {
	case http.StatusUnauthorized:
		return !e.isPage()
	case http.StatusOK, http.StatusBadRequest, http.StatusForbidden:
		return e.raw() != nil
	}
	return false
}

// kindOf is what such an answer would be to a call.
func kindOf(e exchange) flexie.ErrorKind {
	switch {
	case e.status == http.StatusNotFound:
		return flexie.NotFound
	case e.status == http.StatusTooManyRequests:
		return flexie.Limited
	case e.status >= 500:
		return flexie.Unavailable
	}
	return flexie.Unreadable
}
