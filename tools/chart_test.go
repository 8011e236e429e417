package tools_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// charting answers requests by their path, and the fields of deals.
func charting(lists map[string]string) transport {
	return func(r *http.Request) (*http.Response, error) {
		path := strings.TrimPrefix(r.URL.Path, "/api")
		if list, ok := lists[path+"?start="+r.URL.Query().Get("start")]; ok {
			return answering(200, list)(r)
		}
		if list, ok := lists[path]; ok {
			return answering(200, list)(r)
		}
		return answering(404, `{"error":{"message":"Not found","code":404}}`)(r)
	}
}

// chartOf is what a tool answers to chart, on the 22nd of June 2026.
func chartOf(t *testing.T, lists map[string]string, name, arguments string) resources.Answer {
	t.Helper()
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Transport: charting(lists), Now: func() time.Time { return now }})
	require.NoError(t, err)
	tool, ok := toolNamed(name)
	require.True(t, ok)
	answer, err := tool.Run(t.Context(), trusted(t, c), json.RawMessage(arguments))
	require.NoError(t, err)
	if answer.Picture != nil {
		_, err := png.Decode(bytes.NewReader(answer.Picture))
		require.NoError(t, err)
	}
	return answer
}

func toolNamed(name string) (tools.Tool, bool) {
	for _, t := range tools.All() {
		if t.Name == name {
			return t, true
		}
	}
	return tools.Tool{}, false
}

const stageField = `[{"alias":"stage_id","type":"select","properties":{"list":[{"label":"Proposal","value":"2"},{"label":"Won | lost","value":"1"},{"label":"Negotiation","value":"3"},{"label":"Negotiation","value":"4"}]}}]`

func TestDealsByStage(t *testing.T) {
	for _, test := range []struct{ name, deals, says string }{
		{"in the pipeline's order, added up exactly", `[{"id":1,"stage_id":1,"amount":"0.1"},{"id":2,"stage_id":"2","amount":0.2},{"id":3,"stage_id":1,"amount":1000000.2},{"id":4,"stage_id":4,"amount":-5},{"id":5,"stage_id":3},{"id":6,"stage_id":9,"amount":7},{"id":7,"amount":1}]`,
			`Pipeline by stage of 7 deals. 1 without an amount.

In all
deals: 7
amount: 1000003.5

stage | deals |    amount
Proposal |     1 |       0.2
Won \| lost |     2 | 1000000.3
Negotiation (3) |     1 |         0
Negotiation (4) |     1 |        -5
9 |     1 |         7
(no stage) |     1 |         1`},
		{"one stage, and no amounts", `[{"id":1,"stage_id":2}]`, "Pipeline by stage of 1 deal. None has an amount.\n\nIn all\ndeals: 1\n\nstage | deals\nProposal |     1"},
		{"two currencies", `[{"id":1,"stage_id":2,"amount":1,"currency":"EUR"},{"id":2,"stage_id":2,"amount":1,"currency":"ALL"}]`,
			"Pipeline by stage of 2 deals. Their amounts are in 2 currencies, and so not added up.\n\nIn all\ndeals: 2\n\nstage | deals\nProposal |     2"},
		{"names that the font lacks", `[{"id":1,"stage_id":"日本","amount":1}]`,
			"Pipeline by stage of 1 deal. Names that the chart's font lacks are the number of their row there: #3.\n\nIn all\ndeals: 1\namount: 1\n\nstage | deals | amount\n日本 |     1 |      1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := chartOf(t, map[string]string{"/deals": test.deals, "/deals/list/fields": stageField}, "search_deals", `{"chart":true}`)
			require.Equal(t, test.says, strings.TrimSpace(unfenced(answer.Text())))
			require.NotEmpty(t, answer.Picture)
			require.Nil(t, chartOf(t, map[string]string{"/deals": test.deals}, "search_deals", `{}`).Picture, "only where it is asked for")
		})
	}
	none := chartOf(t, map[string]string{"/deals": `[]`, "/deals/list/fields": stageField}, "search_deals", `{"chart":true}`)
	require.Equal(t, "No deals found.", none.Text())
	require.Nil(t, none.Picture)
}

// TestAllPagesAreSummedUp, each deal once, and no more than there is time for.
func TestAllPagesAreSummedUp(t *testing.T) {
	page := func(start, total int) string {
		var deals []string
		for i := range 200 {
			deals = append(deals, fmt.Sprintf(`{"id":%d,"stage_id":2,"amount":1}`, start+i+1))
		}
		if start > 0 {
			deals[0] = `{"id":1,"stage_id":2,"amount":1}` // which has moved meanwhile
		}
		return fmt.Sprintf(`{"total":%d,"deals":[%s]}`, total, strings.Join(deals, ","))
	}
	two := map[string]string{"/deals": page(0, 400), "/deals?start=200": page(200, 400), "/deals/list/fields": stageField}
	require.Contains(t, chartOf(t, two, "search_deals", `{"chart":true,"limit":5,"start":3}`).Summary, "of 399 deals.")

	many := map[string]string{"/deals/list/fields": stageField, "/deals": page(0, 5321)}
	for start := 200; start < 5321; start += 200 {
		many[fmt.Sprintf("/deals?start=%d", start)] = page(start, 5321)
	}
	require.Equal(t, "Pipeline by stage of 1991 deals. They are not all: there are 5321 deals, and only that many were read. Filter for less.",
		chartOf(t, many, "search_deals", `{"chart":true}`).Summary)
}

func TestCasesByAge(t *testing.T) {
	cases := `[{"id":1,"date_added":"2026-06-22 08:00:00"},{"id":2,"date_added":"2026-06-19 08:00:00","public_status":"In Process"},
		{"id":3,"date_added":"2026-01-01 08:00:00","public_status":"Closed"},{"id":4,"date_added":"2026-05-01T08:00:00+00:00","internalStatus":"open"},
		{"id":5,"internalStatus":"closed"},{"id":6},{"id":7,"date_added":"2027-01-01 08:00:00"}]`
	answer := chartOf(t, map[string]string{"/cases": cases}, "search_cases", `{"chart":true}`)
	require.Equal(t, `5 open, of 7 cases, by days since they were added. The oldest is case 4: 52 days.

age | cases
less than 1 day |     2
1 to 3 days |     1
4 to 7 days |     0
8 to 14 days |     0
15 to 30 days |     0
31 to 90 days |     1
more than 90 days |     0
not known |     1`, strings.TrimSpace(unfenced(answer.Text())))
	require.NotEmpty(t, answer.Picture)
	closed := chartOf(t, map[string]string{"/cases": `[{"id":5,"public_status":"Resolved"}]`}, "search_cases", `{"chart":true}`)
	require.Equal(t, "None of 1 case is open.", closed.Text())
	require.Nil(t, closed.Picture)
}

func TestChartOfAReport(t *testing.T) {
	for _, test := range []struct{ name, rows, says string }{
		{"words and numbers", `[{"stage":"A","deals":1},{"stage":"B","deals":"2.5"}]`, ""},
		{"numbers that are names", `[{"year":2025,"deals":1},{"year":2026,"deals":2}]`, ""},
		{"no numbers", `[{"stage":"A"},{"stage":"B"}]`, "No chart: no column of the report has only numbers."},
		{"no names", `[{"deals":1},{"deals":2}]`, "No chart: no column of the report says what its numbers are of."},
		{"nothing", `[]`, "No chart: the report has no rows."},
		{"more columns than there is room for", `[{"stage":"A","a":1,"b":2,"c":3,"d":4}]`, "The chart has the first 3 columns of numbers."},
		{"numbers in scientific form", `[{"stage":"A","amount":1e250},{"stage":"B","amount":1e-200},{"stage":"C","amount":2.5E+3}]`, ""},
		{"a number too large", `[{"stage":"A","amount":1e308},{"stage":"B","amount":1}]`, "No chart: a number is too large to draw."},
		{"a number beyond all", `[{"stage":"A","amount":-1e999999},{"stage":"B","amount":1}]`, "No chart: a number is too large to draw."},
		{"more rows", `[` + strings.Repeat(`{"stage":"A","deals":1},`, 30) + `{"stage":"A","deals":1}]`, "The chart has the first 30 rows."},
	} {
		t.Run(test.name, func(t *testing.T) {
			report := map[string]string{"/reports/1": `{"report":{"id":1,"name":"R"},"data":` + test.rows + `}`}
			answer := chartOf(t, report, "get_report", `{"id":1,"chart":true}`)
			require.Equal(t, test.says != "" && strings.HasPrefix(test.says, "No chart"), answer.Picture == nil, answer.Summary)
			require.True(t, strings.HasSuffix(answer.Summary, test.says), answer.Summary)
			without := chartOf(t, report, "get_report", `{"id":1}`)
			require.Nil(t, without.Picture)
			require.Equal(t, without.Parts, answer.Parts, "the numbers stay as they are")
		})
	}
}

// TestOnlySomeSearchesDraw: a chart of what has no stage and no age is refused.
func TestOnlySomeSearchesDraw(t *testing.T) {
	for _, tool := range tools.All() {
		_, has := tool.Schema.Properties.Get("chart")
		require.Equal(t, tool.Name == "search_deals" || tool.Name == "search_cases" || tool.Name == "get_report", has, tool.Name)
	}
}
