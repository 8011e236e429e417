package bench

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// BenchmarkListAnswer makes answers of lists that have been read, as
// internal/server does: it estimates their cost, cuts them to their budget,
// keeps the rest, and writes both halves. "ns/record" says whether the time
// grows in proportion.
func BenchmarkListAnswer(b *testing.B) {
	for _, n := range []int{30, 1_000, 50_000} {
		page := manyContacts(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			results := resources.NewResults()
			b.ReportAllocs()
			for b.Loop() {
				a := resources.ListAnswer(resources.Contact, page, flexie.Query{}, nil)
				budget := a.Budget(resources.ListBudget)
				if a.Cost() > budget {
					uri, err := results.Keep(b.Context(), "", a)
					if err != nil {
						b.Fatal(err)
					}
					a = a.Cut(budget, uri)
				}
				data, err := json.Marshal(a.Structured())
				if err != nil || len(a.Text()) == 0 || len(data) == 0 {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
		})
	}
}

// manyContacts is a page of n contacts: some with a name of their own, over and
// over.
func manyContacts(t testing.TB, n int) flexie.Page {
	c := newClient(t, served{longList(t, "flat", 1<<20), true})
	page, err := c.Records(flexie.Contact, "").Search(t.Context(), flexie.Query{})
	require.NoError(t, err)
	some := page.Records
	for len(page.Records) < n {
		page.Records = append(page.Records, some...)
	}
	return page.First(n)
}
