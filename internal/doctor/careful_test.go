package doctor

import (
	"context"
	"database/sql"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/store"
)

// TestTheKeyGoesToFlexieAlone: whoever answers the first request, which has no key, as
// Flexie does not, is not given it.
func TestTheKeyGoesToFlexieAlone(t *testing.T) {
	for name, h := range map[string]http.Handler{
		"page":           answering(200, "text/html", "<html>Log in to this network</html>"),
		"refusing page":  answering(403, "text/html", "<html>Blocked</html>"),
		"no API there":   answering(404, "application/json", `{"error":"no such page"}`),
		"text":           answering(403, "text/plain", "this site is blocked"),
		"page to log in": answering(401, "text/html", "<html>Log in to the proxy</html>"),
		"redirect":       http.RedirectHandler("/login", http.StatusFound),
		"failing":        answering(503, "application/json", `{"error":"later"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked, given atomic.Int32
			report, by := run(t, options(t, serve(t, instead(h, func(_ http.ResponseWriter, r *http.Request) bool {
				asked.Add(1)
				for _, values := range r.Header {
					if strings.Contains(strings.Join(values, " "), sandbox.Key) {
						given.Add(1)
					}
				}
				return false
			}))...))
			require.Positive(t, asked.Load())
			require.Zero(t, given.Load(), report.Text())
			require.Equal(t, Wrong, by["key"].Result)
			require.Contains(t, by["key"].Found, "; the key was not sent there")
			require.Equal(t, Skipped, by["permissions"].Result)
		})
	}
}

// TestARefusalInAnyWords is Flexie's, where it is one for want of a key.
func TestARefusalInAnyWords(t *testing.T) {
	flexies := workspace(t, sandbox.Options{})
	for _, body := range []string{"", "who are you?"} {
		refusing := answering(401, "text/plain", body)
		_, by := run(t, options(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("apikey") == "" {
				refusing.ServeHTTP(w, r)
				return
			}
			flexies.ServeHTTP(w, r)
		}))...))
		require.Equal(t, OK, by["key"].Result, by["key"].Found)
	}
}

// TestAUserCalledLikeAWord: to take words of ours out would garble a sentence, and
// tell the name.
func TestAUserCalledLikeAWord(t *testing.T) {
	for _, user := range []string{"the", "host", "flexie-mcp", "200"} {
		o := options(t, append(serve(t, workspace(t, sandbox.Options{})), "USER="+user)...)
		require.NotContains(t, Run(t.Context(), o).Text(), "(user)", user)
	}
	v := newVeil(options(t).Loaded.Settings, []string{"USER=jo.doe"}, false)
	require.Equal(t, "the file of (user)", v.over("the file of jo.doe"))
}

func TestOneIsNotCountedAsMany(t *testing.T) {
	o := options(t, "FLEXIE_SUBDOMAIN=a", "FLEXIE_API_KEY=k-1")
	o.Lookup = func(context.Context, string) ([]string, error) { return nil, noHost }
	_, by := run(t, o)
	require.Equal(t, "at flexie.io, by a name of 1 character", by["workspace"].Found)
}

// TestAJournalThatWasOnlyBegun is not a damaged one.
func TestAJournalThatWasOnlyBegun(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "journal.db", "")
	_, by := run(t, options(t, "FLEXIE_STATE_DIR="+dir, "FLEXIE_API_KEY=k"))
	require.Equal(t, OK, by["journal"].Result)
	require.Contains(t, by["journal"].Found, "it was only begun, and never held a change")

	emptyDatabase(t, dir+"/journal.db")
	_, by = run(t, options(t, "FLEXIE_STATE_DIR="+dir, "FLEXIE_API_KEY=k"))
	require.Contains(t, by["journal"].Found, "it was only begun, and never held a change")

	j := journal.New(journal.Options{Store: store.Durable(store.Options{Dir: dir})})
	t.Cleanup(func() { j.Close() })
	_, err := j.Begin(t.Context(), journal.Entry{Tool: "update_contact"})
	require.NoError(t, err)
	_, by = run(t, options(t, "FLEXIE_STATE_DIR="+dir, "FLEXIE_API_KEY=k"))
	require.Contains(t, by["journal"].Found, "whole, 1 change in ", "the next one goes on with it")
}

// TestWhatCantBeRecordedIsNotWritten: the write test goes by that too.
func TestWhatCantBeRecordedIsNotWritten(t *testing.T) {
	box := workspace(t, sandbox.Options{})
	before := box.Now()
	o := options(t, serve(t, box)...)
	o.WriteTest = true
	o.Probe = func(string) error { return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC} }
	_, by := run(t, o)
	require.Equal(t, Skipped, by["write test"].Result)
	require.Equal(t, "nothing was written: changes can't be recorded on this machine, and are not made then, see above", by["write test"].Found)
	require.Equal(t, before, box.Now(), "the workspace's clock moves with each write")
}

func TestTwoWriteTestsOfASecondHaveTwoNames(t *testing.T) {
	one, other := WriteNameAt(sandbox.Today), WriteNameAt(sandbox.Today)
	require.NotEqual(t, one, other)
	require.Regexp(t, "^"+regexp.QuoteMeta("flexie-mcp doctor "+sandbox.Today.UTC().Format(time.DateTime)+" ")+"[a-z0-9]{6}$", one)
}

// TestAssumptionsThatAreSetAreNamed: without what they are set to.
func TestAssumptionsThatAreSetAreNamed(t *testing.T) {
	o := options(t, append(serve(t, workspace(t, sandbox.Options{})), "FLEXIE_ASSUMPTIONS_LIST_TOTALS=canary")...)
	require.NoError(t, o.Problem)
	report, by := run(t, o)
	require.Contains(t, by["settings"].Found, "assumptions.list_totals (environment")
	require.NotContains(t, report.Text(), "canary")
	o.ShowPrivate = true
	_, by = run(t, o)
	require.Contains(t, by["settings"].Detail, "assumptions.list_totals=canary")

	p := newPatient(o.whole())
	p.judge("list-shapes", no("it is another one"))
	for _, g := range p.guesses() {
		if g.Name == "list-shapes" {
			require.Regexp(t, "^as the settings have it, by list_totals; without them: .", g.Assumed)
		}
	}
}

// TestTheCountsAgree: those of the check, and those over the rows.
func TestTheCountsAgree(t *testing.T) {
	report, by := run(t, options(t, serve(t, workspace(t, sandbox.Options{}))...))
	ofReads := regexp.MustCompile(`^of the (\d+) that reads can test, (\d+) are true here, none is false, and (\d+) could not be told$`).FindStringSubmatch(by["assumptions"].Found)
	ofAll := regexp.MustCompile(`of (\d+), (\d+) true here, 0 false, (\d+) not told \((\d+) of these no read can test\)`).FindStringSubmatch(report.Text())
	require.NotNil(t, ofReads, by["assumptions"].Found)
	require.NotNil(t, ofAll, report.Text())
	require.Equal(t, ofReads[2], ofAll[2])
	require.Equal(t, figure(t, ofAll[3]), figure(t, ofReads[3])+figure(t, ofAll[4]))
	require.Equal(t, figure(t, ofAll[1]), figure(t, ofReads[1])+figure(t, ofAll[4]))
}

// emptyDatabase is one in which there is no table.
func emptyDatabase(t *testing.T, path string) {
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.Exec(`PRAGMA journal_mode = wal`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Positive(t, info.Size())
}

func figure(t *testing.T, text string) int {
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}
