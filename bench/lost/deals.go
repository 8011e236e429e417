package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
)

// equalDeals is a workspace in which deals may have the same name, which those
// of the sandbox may not: there, each gets a mark that nobody sees.
type equalDeals struct {
	http.Handler
	made atomic.Int64
}

var (
	isName   = regexp.MustCompile(`("name":")([^"]*)"`)
	isEqual  = regexp.MustCompile(`("alias":"name","value":\{"operator":)"="(,"input":"[^"]*"\},"strict":)true`)
	isMark   = regexp.MustCompile(` #\d+#`)
	isUnique = regexp.MustCompile(`("isUniqueIdentifie?r":)(true|1)`)
)

func (d *equalDeals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api")
	if path != "/deals" && !strings.HasPrefix(path, "/deals/") {
		d.Handler.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	switch {
	case r.Method == http.MethodPost && path == "/deals/new":
		body = isName.ReplaceAll(body, fmt.Appendf(nil, `${1}${2} #%d#"`, d.made.Add(1)))
	case r.Method == http.MethodPost:
		body = isEqual.ReplaceAll(body, []byte(`${1}"like"${2}false`))
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	unmarked := &answer{ResponseWriter: w, status: http.StatusOK}
	d.Handler.ServeHTTP(unmarked, r)
	w.Header().Del("Content-Length") // what follows may be shorter
	w.WriteHeader(unmarked.status)
	said := isMark.ReplaceAll(unmarked.body.Bytes(), nil)
	_, _ = w.Write(isUnique.ReplaceAll(said, []byte(`${1}false`)))
}

// answer keeps what is answered, to be changed.
type answer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
