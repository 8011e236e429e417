package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
)

// Bounds of what is fetched because a stranger names it.
const (
	maxDocument     = 16 << 10 // bytes
	documentTimeout = 5 * time.Second
	mostDocuments   = 500 // that are kept
	mostFetches     = 8   // at once

	// A document is believed for as long as it says, within these.
	documentUsual  = 10 * time.Minute
	documentLonger = time.Hour

	// documentRest is how long it is not asked for again after that has failed.
	documentRest = 30 * time.Second
)

// documents are what was fetched by address: how clients describe themselves
// (Client ID Metadata Documents), and the keys that they sign with. Nothing
// follows a redirect, and only public addresses are connected to.
type documents struct {
	http *http.Client
	now  func() time.Time
	kept *lru.Cache[string, fetched]
	one  singleflight.Group // fetches what several ask for
	turn chan struct{}
}

// fetched is what an address answered.
type fetched struct {
	body  []byte
	err   error // as a person may read it
	at    time.Time
	until time.Time
}

func newDocuments(transport http.RoundTripper, now func() time.Time) *documents {
	if transport == nil {
		transport = auth.Transport(flexie.Ordinary().Clone(), nil)
	}
	kept, err := lru.New[string, fetched](mostDocuments)
	if err != nil {
		panic(err) // the size is right
	}
	return &documents{now: now, kept: kept, turn: make(chan struct{}, mostFetches), http: &http.Client{
		Transport: transport, Timeout: documentTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// isDocumentID reports whether a client's id is the address of what describes it.
func isDocumentID(id string) bool {
	u, err := url.Parse(id)
	if err != nil || len(id) > maxAddress || strings.ContainsFunc(id, odd) {
		return false
	}
	plain := u.Scheme == "https" && u.User == nil && !strings.Contains(id, "#") && u.Opaque == "" && isPublicName(u.Hostname())
	return plain && len(u.EscapedPath()) > 1 && !slices.ContainsFunc(strings.Split(u.Path, "/"), func(part string) bool { return part == "." || part == ".." })
}

// isPublicName reports whether a host is a name that the public can have. Where it
// leads is looked at when it is connected to.
func isPublicName(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(strings.Trim(host, "."), ".") {
		return false
	}
	for _, inner := range []string{".localhost", ".local", ".internal", ".lan", ".home.arpa"} {
		if strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), inner) {
			return false
		}
	}
	// The last part of a name is no number: some resolvers take such for an address.
	last := host[strings.LastIndex(host, ".")+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err != nil
}

// client is the client whose document is at an address. may is asked before it is
// fetched.
func (d *documents) client(ctx context.Context, id string, may func() bool) (*client, error) {
	body, err := d.get(ctx, id, 0, may)
	if err != nil {
		return nil, err
	}
	var said registration
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, told("What describes the assistant, at " + id + ", is not JSON that can be read.")
	}
	switch _, problem := said.problem(); {
	case said.ID != id:
		problem = "its client_id is not its address"
		fallthrough
	case problem != "":
		return nil, told("What describes the assistant, at " + id + ", is not right: " + problem + ".")
	case said.Secret != "" || said.Method == methodBasic || said.Method == methodPost:
		return nil, told("What describes the assistant, at " + id + ", is not right: it can't have a secret, since everybody can read it.")
	}
	c := &client{ID: id, Name: said.Name, Redirects: said.Redirects, Method: said.Method, JWKSURI: said.JWKSURI, JWKS: said.JWKS}
	if c.Method == "" || slices.Contains(said.Methods, methodNone) {
		c.Method = methodNone
	}
	c.named()
	return c, nil
}

// errSlow is said of a sender who has too much fetched.
const errSlow = told("Too many assistants were looked up from your network. Wait a minute, and connect again from your assistant.")

// get is what is at an address, or was at most the given time ago; 0 is as long as
// it is believed.
func (d *documents) get(ctx context.Context, address string, age time.Duration, may func() bool) ([]byte, error) {
	if kept, ok := d.kept.Get(address); ok && d.now().Before(kept.until) && (age == 0 || d.now().Before(kept.at.Add(age))) {
		return kept.body, kept.err
	}
	if !may() {
		return nil, errSlow
	}
	asked := d.one.DoChan(address, func() (any, error) { return d.fetch(address), nil })
	select {
	case told := <-asked:
		f := told.Val.(fetched)
		return f.body, f.err
	case <-ctx.Done():
		return nil, told("The assistant could not be looked up in time.")
	}
}

// fetch fetches and keeps. It is no matter of the request that needed it first,
// so it does not end with it.
func (d *documents) fetch(address string) (f fetched) {
	ctx, cancel := context.WithTimeout(context.Background(), documentTimeout)
	defer cancel()
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return fetched{err: errSlow}
	}
	var lifetime time.Duration
	f.at = d.now()
	if f.body, lifetime, f.err = d.read(ctx, address); f.err != nil {
		// Why is not said: it would tell what there is in a network.
		f.err, lifetime = told("What describes the assistant could not be read at "+address+"."), documentRest
	}
	f.until = f.at.Add(lifetime)
	d.kept.Add(address, f)
	return f
}

func (d *documents) read(ctx context.Context, address string) (body []byte, lifetime time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "flexie-mcp")
	answer, err := d.http.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	switch {
	case answer.StatusCode != http.StatusOK:
		return nil, 0, errors.New(answer.Status)
	case err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json"):
		return nil, 0, errors.New("it is not JSON")
	}
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxDocument+1))
	if err == nil && len(body) > maxDocument {
		err = errors.New("it is too large")
	}
	return body, lifetimeOf(answer.Header), err
}

// lifetimeOf is how long an answer is believed.
func lifetimeOf(h http.Header) time.Duration {
	for part := range strings.SplitSeq(strings.ToLower(h.Get("Cache-Control")), ",") {
		part = strings.TrimSpace(part)
		if part == "no-store" || part == "no-cache" {
			return 0
		}
		if seconds, ok := strings.CutPrefix(part, "max-age="); ok {
			if n, err := strconv.ParseInt(seconds, 10, 32); err == nil && n >= 0 {
				return min(time.Duration(n)*time.Second, documentLonger)
			}
		}
	}
	return documentUsual
}
