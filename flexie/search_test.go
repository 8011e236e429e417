package flexie

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTotals: how many there are in all, and where the next page starts. What
// is not known for sure offers one page too many rather than one too few.
func TestTotals(t *testing.T) {
	const unknown = -1
	for _, test := range []struct {
		name  string
		total string // as the answer has it; "" is a bare list
		n     int    // how many it holds
		q     Query
		want  int64
		more  int
	}{
		{"all", `"3"`, 3, Query{}, 3, 0},
		{"first page", `95`, 30, Query{}, 95, 30},
		{"second page", `"95"`, 30, Query{Start: 30}, 95, 60},
		{"last page", `"95"`, 5, Query{Start: 90}, 95, 0},
		{"past the end", `"95"`, 0, Query{Start: 120}, 95, 0},
		{"none", `0`, 0, Query{}, 0, 0},
		{"total of this page alone", `30`, 30, Query{Start: 30}, unknown, 60},
		{"total below what is there", `0`, 30, Query{}, unknown, 30},
		{"total that is none", `null`, 2, Query{}, 2, 0},
		{"total below 0", `-1`, 30, Query{}, unknown, 30},
		{"total that is a text", `"many"`, 30, Query{}, unknown, 30},
		{"total beyond 2^53", `"9007199254740993"`, 1, Query{}, 9007199254740993, 1},

		{"bare, none", "", 0, Query{}, 0, 0},
		{"bare, none further on", "", 0, Query{Start: 60}, unknown, 0},
		{"bare, short of the limit", "", 7, Query{Start: 30}, 37, 0},
		{"bare, few", "", 5, Query{}, 5, 0},
		{"bare, full", "", 30, Query{}, unknown, 30},
		{"bare, full to its own limit", "", 7, Query{Limit: 7}, unknown, 7},
		{"bare, as many as a cap may allow", "", 25, Query{Limit: 100}, unknown, 25},
		{"bare, more than the limit", "", 31, Query{}, unknown, 31},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := "[" + strings.TrimSuffix(strings.Repeat(`{"id":1},`, test.n), ",") + "]"
			if test.total != "" {
				body = fmt.Sprintf(`{"total":%s,"contacts":%s}`, test.total, body)
			}
			page, err := clientOf(t, canned(body).RoundTrip).Records(Contact, "").Search(t.Context(), test.q)
			require.NoError(t, err)
			require.Len(t, page.Records, test.n)
			require.Equal(t, test.q.Start, page.Start)
			require.Equal(t, test.want, page.Total)
			require.Equal(t, test.more, page.More())
		})
	}
}
