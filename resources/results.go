package resources

import (
	"container/list"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ResultsURI starts the addresses of answers that were cut.
const ResultsURI = Scheme + "results/"

const (
	mostResults  = 100
	mostBytes    = 32 << 20
	resultsLast  = 30 * time.Minute
	pageTokens   = 8_000 // of one page of a result
	resultIDSize = 16    // letters: more than can be guessed
)

// Results keep answers that were too long to be given whole, for a while, each
// for the caller who asked. They are bounded in number, size and time: the
// oldest go first.
type Results struct {
	mu    sync.Mutex
	kept  map[string]*list.Element // by id
	age   *list.List               // oldest first, of result
	bytes int
	now   func() time.Time
}

type result struct {
	id, caller string
	pages      []string
	bytes      int
	until      time.Time
}

// NewResults makes an empty store.
func NewResults() *Results {
	return &Results{kept: map[string]*list.Element{}, age: list.New(), now: time.Now}
}

// Keep keeps an answer for a caller, and returns its address.
func (r *Results) Keep(caller string, a Answer) string {
	kept := result{id: newResultID(), caller: caller, pages: a.pages()}
	for _, page := range kept.pages {
		kept.bytes += len(page)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	kept.until = r.now().Add(resultsLast)
	r.kept[kept.id] = r.age.PushBack(kept)
	r.bytes += kept.bytes
	for r.age.Len() > mostResults || r.bytes > mostBytes && r.age.Len() > 1 {
		r.drop(r.age.Front())
	}
	return ResultsURI + kept.id
}

// newResultID is of letters alone, which cost the same whichever they are: where
// an answer is cut does not hang on chance.
func newResultID() string {
	digits := strings.NewReplacer("2", "a", "3", "b", "4", "c", "5", "d", "6", "e", "7", "f")
	return strings.ToLower(digits.Replace(rand.Text()[:resultIDSize]))
}

// Read reads a page of an answer that was kept for the caller. An address of
// another's, or of one long gone, is the same error: it tells nothing.
func (r *Results) Read(caller, uri string) (Content, error) {
	id, page, err := splitResult(uri)
	if err != nil {
		return Content{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for oldest := r.age.Front(); oldest != nil && r.now().After(oldest.Value.(result).until); oldest = r.age.Front() {
		r.drop(oldest)
	}
	element := r.kept[id]
	if element == nil || element.Value.(result).caller != caller {
		return Content{}, fmt.Errorf("there is no result at %s (any more): results are kept for %s; make the call again", uri, resultsLast)
	}
	return element.Value.(result).page(page)
}

func (r *Results) drop(e *list.Element) {
	old := r.age.Remove(e).(result)
	delete(r.kept, old.id)
	r.bytes -= old.bytes
}

func (kept result) page(n int) (Content, error) {
	if n > len(kept.pages) {
		return Content{}, fmt.Errorf("this result has %d pages, not %d", len(kept.pages), n)
	}
	text := kept.pages[n-1]
	if n < len(kept.pages) {
		text += fmt.Sprintf("\n\nPage %d of %d. Next: %s%s/%d", n, len(kept.pages), ResultsURI, kept.id, n+1)
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
	data, ours, hidden := a.split(Part.plain)
	if data == "" {
		return []string{a.assemble("", ours, hidden, "")}
	}
	pages := pagesOf(data)
	last := len(pages) - 1
	for i, page := range pages {
		one, its, taken := Answer{Summary: a.Summary}, "", taken(0)
		if i == last {
			its, taken = ours, hidden
		}
		pages[i] = one.assemble(page, its, taken, "")
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
