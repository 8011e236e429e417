package chaos

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// Rule says what goes wrong with a request: None for nothing. It is asked for one
// request at a time, in the order of their coming, so one that counts needs no
// lock; but it counts for one workspace only. The body may be read.
type Rule func(*http.Request) Fault

// Match picks requests.
type Match func(*http.Request) bool

// Always has the same fault for every request.
func Always(f Fault) Rule { return func(*http.Request) Fault { return f } }

// Sequence has one fault after another, and then none.
func Sequence(faults ...Fault) Rule {
	return func(*http.Request) Fault {
		if len(faults) == 0 {
			return None
		}
		f := faults[0]
		faults = faults[1:]
		return f
	}
}

// Nth has a fault for one request only; the first is 1.
func Nth(n int, f Fault) Rule {
	seen := 0
	return func(*http.Request) Fault {
		if seen++; seen == n {
			return f
		}
		return None
	}
}

// When asks a rule about the requests that match; the others go through, and
// are not counted by it: When(Writes, Nth(2, ResetAfter)).
func When(match Match, rule Rule) Rule {
	return func(r *http.Request) Fault {
		if match(r) {
			return rule(r)
		}
		return None
	}
}

// FirstOf takes the first fault that one of the rules has. Those after it are
// not asked.
func FirstOf(rules ...Rule) Rule {
	return func(r *http.Request) Fault {
		for _, rule := range rules {
			if f := rule(r); f != None {
				return f
			}
		}
		return None
	}
}

// Rate is a fault with its share of the requests, from 0 to 1.
type Rate struct {
	Fault Fault
	Share float64
}

// Random draws for each request, the same for the same seed and order of
// requests. The shares add up to 1 at most; the rest goes through.
func Random(seed uint64, rates ...Rate) Rule {
	draw := rand.New(rand.NewPCG(seed, 0))
	return func(*http.Request) Fault {
		left := draw.Float64()
		for _, rate := range rates {
			if left -= rate.Share; left < 0 {
				return rate.Fault
			}
		}
		return None
	}
}

// Any matches every request.
func Any(*http.Request) bool { return true }

// Writes matches what can change something, by the table of endpoints.
func Writes(r *http.Request) bool {
	if e, ok := EndpointOf(r); ok {
		return e.Writes()
	}
	return r.Method != http.MethodGet && r.Method != http.MethodHead
}

// Reads matches the rest.
func Reads(r *http.Request) bool { return !Writes(r) }

// To matches requests to endpoints, by their names: "contacts.create". It panics
// where there is no such endpoint, since a test would then prove nothing.
func To(endpoints ...string) Match {
	for _, name := range endpoints {
		if _, ok := flexie.EndpointNamed(name); !ok {
			panic("chaos: no endpoint is called " + name)
		}
	}
	return func(r *http.Request) bool {
		e, ok := EndpointOf(r)
		return ok && slices.Contains(endpoints, e.Name)
	}
}

// EndpointOf finds the endpoint that a request is to. The path has the API's
// root, /api, before it.
func EndpointOf(r *http.Request) (best flexie.Endpoint, found bool) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/api/")
	if !ok {
		return best, false
	}
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	fewest := len(segments) + 1
	for _, e := range flexie.Endpoints {
		if n, ok := fits(e.Path, segments); ok && e.Method == r.Method && n < fewest {
			best, fewest = e, n
		}
	}
	return best, fewest <= len(segments)
}

// fits reports whether segments are a path's, and with how many parameters: of
// /users/self and /users/{id}, the one with fewer is meant.
func fits(path string, segments []string) (parameters int, ok bool) {
	parts := strings.Split(path[1:], "/")
	if len(parts) != len(segments) {
		return 0, false
	}
	for i, part := range parts {
		given, err := url.PathUnescape(segments[i])
		switch {
		case err != nil:
			return 0, false
		case strings.HasPrefix(part, "{") && given != "":
			parameters++
		case part != given:
			return 0, false
		}
	}
	return parameters, true
}
