package doctor

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flexie-mcp/docs"
	"flexie-mcp/flexie"
)

// Row is one row of docs/assumptions.md.
type Row struct{ Name, Assumed, Where, IfWrong, HowTo string }

var rowLine = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|([^|]*)\\| `([^`]+)` \\|([^|]*)\\|([^|]*)\\|$")

// Rows are all rows of the document, which the program carries: what is assumed is
// said there, and nowhere else.
func Rows() (rows []Row) {
	for _, m := range rowLine.FindAllStringSubmatch(docs.Assumptions, -1) {
		rows = append(rows, Row{m[1], strings.TrimSpace(m[2]), m[3], strings.TrimSpace(m[4]), strings.TrimSpace(m[5])})
	}
	return rows
}

// verdict is what was found of a guess: a sentence without a full stop, which holds
// nothing of the workspace.
type verdict struct {
	holds Holds
	found string
}

func yes(format string, args ...any) verdict { return verdict{True, fmt.Sprintf(format, args...)} }

func no(format string, args ...any) verdict { return verdict{False, fmt.Sprintf(format, args...)} }

func untold(format string, args ...any) verdict {
	return verdict{Unknown, fmt.Sprintf(format, args...)}
}

// tested are the guesses that a read can test, by their name in the document.
var tested = map[string]func(context.Context, *reader) verdict{
	"error-statuses":       errorStatuses,
	"error-shapes":         errorShapes,
	"list-shapes":          listShapes,
	"record-shapes":        recordShapes,
	"system-properties":    systemProperties,
	"field-shape":          fieldShape,
	"filter-operators":     filterOperators,
	"filter-types":         filterTypes,
	"value-types":          valueTypes,
	"names-of-ids":         namesOfIDs,
	"search-with-filters":  searchWithFilters,
	"search-across-fields": searchAcrossFields,
	"start-on-get":         startOnGet,
	"list-limit":           listLimit,
	"filter-lists-query":   filterListsQuery,
	"custom-record-names":  customRecordNames,
	"reply-shape":          replyShape,
	"report-shape":         reportShape,
	"permission-shape":     permissionShape,
	"permission-names":     permissionNames,
	"user-timezone":        userTimezone,
	"times-are-utc":        timesAreUTC,
	"whole-number-ids":     wholeNumberIDs,
	"case-recipient":       caseRecipient,
	"case-closed":          caseClosed,
	"deal-stage":           dealStage,
	"email-recipients":     emailRecipients,
	"email-sent-count":     emailSentCount,
	"note-entity":          noteEntity,
	"oauth-redirect":       oauthRedirect,
	"oauth-check":          oauthCheck,
	"oauth-lifetimes":      oauthLifetimes,
	"key-of-one-user":      keyOfOneUser,
}

// byWriting are those that the write test tests.
var byWriting = []string{"success-shape", "note-entity-type", "modified-time", "created-by-key"}

// untestable are the rest, with why neither tests them.
var untestable = map[string]string{
	"send-shape":        "it would send an email to people",
	"busy-means-undone": "it would take so many writes that Flexie refuses some",
	"acts-in-time":      "it would take a write whose answer is lost",
	"oauth-client-auth": "it takes a person who signs in: flexie-mcp login shows it",
	"oauth-pkce":        "it takes a person who signs in: flexie-mcp login shows it",
	"oauth-scopes":      "it takes a person who signs in, and a write: call create_contact after flexie-mcp login",
	"oauth-rotation":    "it would use up the tokens of the login",
	"oauth-errors":      "it would send wrong tokens, which may lock the login",
	"oauth-issuer":      "it takes a person who signs in: flexie-mcp login shows it",
	"oauth-one-client":  "it takes two workspaces",
	"oauth-logout":      "nothing answers whether there is none",
}

// reader makes the reads of the guesses. What several need is read once. It is safe
// for concurrent use.
type reader struct {
	p   *patient
	c   *flexie.Client
	ctx context.Context // of what is shared: it outlasts the one who asks first

	mu   sync.Mutex
	made map[string]func() reading
}

// read makes a read, once for each key; endpoint is what it calls.
func (r *reader) read(key, endpoint string, make func(context.Context) (flexie.Page, error)) reading {
	r.mu.Lock()
	do := r.made[key]
	if do == nil {
		do = sync.OnceValue(func() (got reading) {
			ctx, heard := listening(r.ctx)
			got.page, got.err = make(ctx)
			got.e = heard.last(endpoint)
			return got
		})
		r.made[key] = do
	}
	r.mu.Unlock()
	return do()
}

// one is read for a single record.
func (r *reader) one(key, endpoint string, make func(context.Context) (flexie.Record, error)) reading {
	return r.read(key, endpoint, func(ctx context.Context) (flexie.Page, error) {
		record, err := make(ctx)
		return flexie.Page{Records: []flexie.Record{record}}, err
	})
}

// list is the first page of a kind's records, as long as Flexie makes it.
func (r *reader) list(kind flexie.Kind) reading {
	return r.read(kind.Group, kind.Group+".list", func(ctx context.Context) (flexie.Page, error) {
		return r.c.Records(kind, "").Search(ctx, flexie.Query{})
	})
}

// find searches, each time anew.
func (r *reader) find(ctx context.Context, kind flexie.Kind, q flexie.Query) ([]flexie.Record, error) {
	page, err := r.c.Records(kind, "").Search(ctx, q)
	return page.Records, err
}

// usual are the kinds that guesses are tested on: the first that has two records.
var usual = []flexie.Kind{flexie.Contact, flexie.Lead, flexie.Account, flexie.Deal, flexie.Case}

// sample is a kind with at least so many records; ok is false if there is none, and
// why then says so.
func (r *reader) sample(n int) (kind flexie.Kind, got reading, why verdict, ok bool) {
	for _, kind := range usual {
		got := r.list(kind)
		if got.err != nil && why.found == "" {
			why = r.failed(got.err, got.e)
		}
		if got.err == nil && len(got.page.Records) >= n {
			return kind, got, verdict{}, true
		}
	}
	if why.found == "" {
		why = untold("this workspace has too few records: no kind has %d", n)
	}
	return kind, got, why, false
}

// failed is a read that failed for a reason of its own, which says nothing of the
// guess.
func (r *reader) failed(err error, e exchange) verdict {
	if r.ctx.Err() != nil {
		return untold("no time was left")
	}
	return untold("a read failed: %s", r.p.failure(err, e).Found)
}

// isRefused reports whether Flexie, or our own client, would not have it so.
func isRefused(err error) bool {
	kind := flexie.KindOf(err)
	return kind == flexie.Invalid || kind == flexie.Conflict
}

// isOddAnswer reports whether what came can't be read, though it is Flexie's: which
// is what guesses of shapes are about.
func isOddAnswer(err error, e exchange) bool {
	return flexie.KindOf(err) == flexie.Unreadable && e.status == 200 && !e.isPage() && e.raw() != nil
}

func (p *patient) newReader(ctx context.Context) *reader {
	return &reader{p: p, c: p.client, ctx: ctx, made: map[string]func() reading{}}
}

// atOnce is how many guesses are tested at the same time.
const atOnce = 4

// assumptions tests all that a read can test.
func (p *patient) assumptions(ctx context.Context) Finding {
	r := p.newReader(ctx)
	var all sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for _, row := range Rows() {
		look := tested[row.Name]
		if look == nil {
			continue
		}
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			v := untold("no time was left")
			if ctx.Err() == nil {
				v = look(ctx, r)
			}
			p.judge(row.Name, v)
		})
	}
	all.Wait()
	return p.summary()
}

// judge keeps a verdict.
func (p *patient) judge(name string, v verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.guessed[name] = v
}

func (p *patient) summary() Finding {
	p.mu.Lock()
	defer p.mu.Unlock()
	var refuted []string
	for _, row := range Rows() {
		if p.guessed[row.Name].holds == False {
			refuted = append(refuted, row.Name)
		}
	}
	if len(refuted) > 0 {
		return warning(fmt.Sprintf("what this program takes Flexie to do is not so here: %s", strings.Join(refuted, ", ")),
			"see below what that changes, and please open an issue with this report")
	}
	counts := map[Holds]int{}
	for _, v := range p.guessed {
		counts[v.holds]++
	}
	return ok(fmt.Sprintf("of the %d that reads can test, %d are true here, none is false, and %d could not be told", len(p.guessed), counts[True], counts[Unknown]))
}

// guesses are all rows with what was found of them.
func (p *patient) guesses() (all []Guess) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, row := range Rows() {
		v, done := p.guessed[row.Name]
		if !done {
			v = untold("%s", whyUntold(row.Name))
		}
		g := Guess{Name: row.Name, Holds: v.holds, Found: p.veil.over(v.found), Assumed: row.Assumed}
		if v.holds == False {
			g.Changes, g.MendedBy = row.IfWrong, flexie.MendedBy(row.Name)
			if set := p.setOf(g.MendedBy); len(set) > 0 {
				g.Assumed = "as the settings have it, by " + strings.Join(set, " and ") + "; without them: " + row.Assumed
			}
		}
		all = append(all, g)
	}
	return all
}

// setOf are those of some settings under [assumptions] that are set.
func (p *patient) setOf(keys []string) (set []string) {
	for _, row := range p.o.Loaded.AssumptionRows() {
		if key := strings.TrimPrefix(row.Name, "assumptions."); slices.Contains(keys, key) {
			set = append(set, key)
		}
	}
	return set
}

func whyUntold(name string) string {
	if why := untestable[name]; why != "" {
		return "no read can test it: " + why
	}
	if tested[name] != nil {
		return "it was not reached: see the checks above"
	}
	return "only a write shows it: doctor --write-test makes one"
}
