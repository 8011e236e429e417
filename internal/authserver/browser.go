package authserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// The cookies: which browser it is, and who has signed in there. Both are random,
// and no page reads them.
const (
	browserCookie = "flexie-browser"
	personCookie  = "flexie-person"
)

// cookieName has the prefix by which browsers take a cookie from this very host
// alone, by https; a neighbouring host can't plant one.
func (s *Server) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

func (s *Server) setCookie(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: seconds,
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *Server) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil || len(c.Value) != secretSize {
		return ""
	}
	return c.Value
}

// browserOf is what a browser holds, "" if it holds nothing yet.
func (s *Server) browserOf(r *http.Request) string { return s.cookie(r, browserCookie) }

// browser is browserOf, of which one without gets one. It is kept as long as a grant
// without use, so that what is asked for anew can be told from what is new.
func (s *Server) browser(w http.ResponseWriter, r *http.Request) string {
	value := s.browserOf(r)
	if value == "" {
		value = newSecret("")
	}
	s.setCookie(w, browserCookie, value, int(refreshLifetime.Seconds()))
	return value
}

// proof is what a form holds to show that this browser was given it: it follows
// from a cookie that other sites don't see, and from what the form is for.
func proof(cookie, form string) string {
	mac := hmac.New(sha256.New, []byte(cookie))
	mac.Write([]byte("flexie-mcp form\n" + form))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// proven reports whether a form came from a page that this browser was given.
func proven(r *http.Request, cookie, form string) bool {
	return cookie != "" && hmac.Equal([]byte(r.PostForm.Get("proof")), []byte(proof(cookie, form)))
}

// page serves what people see. A form that another site sends is refused before
// it is read.
func (s *Server) page(serve http.HandlerFunc, methods ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		setPageHeaders(w.Header())
		switch {
		case s.isElsewhere(r):
			http.Redirect(w, r, s.issuer+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		case !slices.Contains(methods, r.Method) && r.Method != http.MethodHead:
			w.Header().Set("Allow", strings.Join(methods, ", "))
			s.pages.problem(w, http.StatusMethodNotAllowed, badRequest("This page is not for that."))
		case r.Method == http.MethodPost && !s.sameSite(r):
			s.pages.problem(w, http.StatusForbidden, badRequest("The form came from another site."))
		case r.ParseForm() != nil:
			s.pages.problem(w, http.StatusBadRequest, badRequest("The form can't be read."))
		default:
			serve(w, r)
		}
	}
}

// sameSite reports whether a form came from one of our pages, as far as the
// browser says. As our pages have no referrer, it may say null of them.
func (s *Server) sameSite(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "null" && !strings.EqualFold(origin, s.origin) {
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none"
}

// isElsewhere reports whether somebody who looks at a page of this machine has called
// it by another of its names than the public address does, as 127.0.0.1 for localhost:
// to a browser that is another host, whose cookies would not count. Behind a proxy,
// which may call this server as it likes, it can't be told: there it is not said.
func (s *Server) isElsewhere(r *http.Request) bool {
	u, err := url.Parse(s.issuer)
	at, known := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if err != nil || !known || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	_, port, err := net.SplitHostPort(at.String())
	direct := err == nil && port == u.Port() && flexie.IsLoopback(u.Hostname())
	host, asked, err := net.SplitHostPort(r.Host)
	return direct && err == nil && asked == port && flexie.IsLoopback(host) && !strings.EqualFold(host, u.Hostname())
}

// setPageHeaders keeps pages out of caches, frames and referrers, and lets them
// load and send nothing; a page with a form says in render where that may go.
func setPageHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy(""))
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

func policy(formTargets string) string {
	if formTargets == "" {
		formTargets = "'none'"
	}
	return "default-src 'none'; style-src " + styleSource + "; base-uri 'none'; frame-ancestors 'none'; form-action " + formTargets
}
