package resources

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ResultsURI starts the addresses of answers that were cut.
const ResultsURI = Scheme + "results/"

const (
	resultsLast  = 30 * time.Minute
	pageTokens   = 8_000 // of one page of a result
	resultIDSize = 16    // letters: more than can be guessed
)

// Results keep answers that were too long to be given whole, for a while, each
// for the caller who asked.
type Results struct{ shelf Shelf }

// Shelf is where results are kept. It is bounded in number, size and time: the
// oldest go first.
type Shelf interface {
	// Keep keeps the pages of a result under an id that nobody can guess.
	Keep(ctx context.Context, id, caller string, pages []string) error

	// Page gives a page of a result of the caller, from 1 on, and how many it has;
	// 0 pages where the caller has no such result, or has none any more. A page that
	// it does not have is "".
	Page(ctx context.Context, id, caller string, page int) (text string, pages int, err error)
}

// Bounds say what a shelf keeps at most.
type Bounds struct {
	Number int           // results of a caller
	Bytes  int64         // of a caller; a larger one is kept by itself
	InAll  int64         // bytes of all callers
	Last   time.Duration // how long one is kept
}

// OnDisk are the bounds of a shelf that several processes may share.
var OnDisk = Bounds{Number: 100, Bytes: 32 << 20, InAll: 512 << 20, Last: resultsLast}

// inMemory are those of one that takes memory.
var inMemory = Bounds{Number: 100, Bytes: 32 << 20, InAll: 32 << 20, Last: resultsLast}

// NewResults are kept in memory.
func NewResults() *Results { return ResultsOn(newMemoryShelf(inMemory)) }

// ResultsOn are kept on a shelf.
func ResultsOn(s Shelf) *Results { return &Results{s} }

// Keep keeps an answer for a caller, and returns its address. Where it can't be
// kept there is none.
func (r *Results) Keep(ctx context.Context, caller string, a Answer) (uri string, err error) {
	id := newResultID()
	if err := r.shelf.Keep(ctx, id, caller, a.pages()); err != nil {
		return "", err
	}
	return ResultsURI + id, nil
}

// newResultID is of letters alone, which cost the same whichever they are: where
// an answer is cut does not hang on chance.
func newResultID() string {
	digits := strings.NewReplacer("2", "a", "3", "b", "4", "c", "5", "d", "6", "e", "7", "f")
	return strings.ToLower(digits.Replace(rand.Text()[:resultIDSize]))
}

// Read reads a page of an answer that was kept for the caller. An address of
// another's, or of one long gone, is the same error: it tells nothing.
func (r *Results) Read(ctx context.Context, caller, uri string) (Content, error) {
	id, n, err := splitResult(uri)
	if err != nil {
		return Content{}, err
	}
	text, pages, err := r.shelf.Page(ctx, id, caller, n)
	switch {
	case err != nil:
		return Content{}, fmt.Errorf("the result at %s can't be read just now: try again, or make the call again", uri)
	case pages == 0:
		return Content{}, fmt.Errorf("there is no result at %s (any more): results are kept for %s; make the call again", uri, resultsLast)
	case n > pages:
		return Content{}, fmt.Errorf("this result has %d pages, not %d", pages, n)
	case n < pages:
		text += fmt.Sprintf("\n\nPage %d of %d. Next: %s%s/%d", n, pages, ResultsURI, id, n+1)
	}
	return Content{MIMEType: "text/plain", Text: text}, nil
}

// splitResult reads flexie://results/ID and flexie://results/ID/PAGE.
func splitResult(uri string) (id string, page int, err error) {
	id, number, hasPage := strings.Cut(strings.TrimPrefix(uri, ResultsURI), "/")
	if !hasPage {
		return id, 1, nil
	}
	page, err = strconv.Atoi(number)
	if err != nil || page < 1 {
		return "", 0, fmt.Errorf("the page of %s is not a number above 0", uri)
	}
	return id, page, nil
}

// pages is the text of an answer, cut into pages, each with a fence of its own.
func (a Answer) pages() []string {
	g := a.guarded()
	data, ours := g.split(Part.plain)
	if data == "" {
		return []string{g.assemble("", ours, "")}
	}
	pages := pagesOf(data)
	last := len(pages) - 1
	for i, page := range pages {
		if i == last {
			pages[i] = g.assemble(page, ours, "")
			break
		}
		pages[i] = guarded{summary: g.summary}.assemble(page, "", "")
	}
	return pages
}

// pagesOf cuts a text into pages at line ends. The lines of a table stay whole.
func pagesOf(text string) []string {
	var pages []string
	var page strings.Builder
	cost := 0
	for _, line := range strings.SplitAfter(text, "\n") {
		tokens := Tokens(line) + 1
		if cost > 0 && cost+tokens > pageTokens {
			pages = append(pages, strings.TrimRight(page.String(), "\n"))
			page.Reset()
			cost = 0
		}
		page.WriteString(line)
		cost += tokens
	}
	return append(pages, strings.TrimRight(page.String(), "\n"))
}
