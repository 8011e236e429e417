package doctor

import (
	"fmt"
	"net/http"

	"flexie-mcp/flexie"
)

// failure says why a call failed, in words of ours: what a server said may hold
// anything.
func (p *patient) failure(err error, e exchange) Finding {
	status := ""
	if e.status != 0 {
		status = fmt.Sprintf(" (HTTP %d)", e.status)
	}
	switch kind := flexie.KindOf(err); {
	case e.status == http.StatusProxyAuthRequired:
		return proxyWantsPassword()
	case e.isPage() && kind != flexie.Unauthorized && kind != flexie.Denied:
		return wrong("a web page came where an answer of Flexie's was due"+status, pageNext(e.status)).with(err.Error())
	case kind == flexie.Cancelled:
		return wrong("it was interrupted", "run doctor again")
	case kind == flexie.Unauthorized:
		return wrong("Flexie refuses the API key"+status, "it may be of another workspace, or have been replaced: "+whereKeyIs)
	case kind == flexie.SignedOut:
		return wrong("the login has ended", "run flexie-mcp login").with(err.Error())
	case kind == flexie.Denied:
		return wrong("Flexie does not allow it to this user"+status, "have an administrator look at the user's role")
	case kind == flexie.NotFound:
		return wrong("there is no API at this address"+status, "check subdomain or base_url, which ends in /api; the workspace may not exist")
	case kind == flexie.Limited:
		return wrong("Flexie takes no more requests for now"+status, "wait some minutes, and set max_rate lower; other programs with this key count as well")
	case kind == flexie.Unavailable:
		return wrong("Flexie, or a proxy before it, fails"+status, "try again later; if it stays so, tell Flexie's support")
	case kind == flexie.Timeout:
		return wrong(fmt.Sprintf("no whole answer came within %s", callTime), "try again; if it stays so, Flexie or the network is too slow: set timeout higher")
	case kind == flexie.Unreadable && e.status >= 300 && e.status < 400:
		return wrong("the address redirects elsewhere, which is not followed"+status, "check subdomain or base_url").with(err.Error())
	case kind == flexie.Unreadable:
		return wrong("an answer came that is none of Flexie's"+status, "check subdomain or base_url, and whether a proxy answers in its place").with(err.Error())
	case kind == flexie.Unreachable, kind == flexie.Lost:
		return wrong("the connection broke", "try again").with(err.Error())
	}
	return wrong("it failed"+status, "try again").with(fmt.Sprint(err))
}

// pageNext is what to do where a page came: by its status, whose that is.
func pageNext(status int) string {
	switch {
	case status == http.StatusNotFound:
		return "check subdomain or base_url, which ends in /api; the workspace may not exist"
	case status >= 500:
		return "it is a proxy's or a web server's: try again later, and see whether Flexie opens in a browser"
	}
	return "it is a proxy's, a portal's to log in to the network, or base_url is not the API root: open it in a browser on this machine, and look what comes"
}
