package resources

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chart"
)

// ages are the rows of a summary by age, and up to how many days each goes.
var ages = []struct {
	name string
	days int
}{
	{"less than 1 day", 0}, {"1 to 3 days", 3}, {"4 to 7 days", 7}, {"8 to 14 days", 14},
	{"15 to 30 days", 30}, {"31 to 90 days", 90}, {"more than 90 days", 1 << 30},
}

// unknownAge is the row of cases that don't say when they were added.
const unknownAge = "not known"

// CasesByAge sums up the cases that are open, by how long ago they were added.
func CasesByAge(p flexie.Page, now time.Time) (Answer, chart.Bars) {
	if len(p.Records) == 0 {
		return Answer{Summary: "No cases found."}, chart.Bars{}
	}
	open := slices.DeleteFunc(slices.Clone(p.Records), isClosed)
	if len(open) == 0 {
		return Answer{Summary: fmt.Sprintf("None of %s is open.%s", readOf(p, Case), partOf(p, Case))}, chart.Bars{}
	}
	counts, oldest, oldestDays := agesOf(open, now)
	a := Answer{Summary: fmt.Sprintf("%d open, of %s, by days since they were added.%s", len(open), readOf(p, Case), partOf(p, Case))}
	if oldest != "" {
		a.Summary += fmt.Sprintf(" The oldest is case %s: %d days.", Named(oldest), oldestDays)
	}
	b := chart.Bars{Title: "Open cases by age", Series: []chart.Series{{Name: "Cases"}}}
	t := Table{Columns: []string{"age", "cases"}, numeric: []bool{false, true}}
	for i, n := range counts {
		name := unknownAge
		if i < len(ages) {
			name = ages[i].name
		} else if n == 0 {
			break
		}
		b.Labels = append(b.Labels, name)
		b.Series[0].Values = append(b.Series[0].Values, float64(n))
		t.Add(name, fmt.Sprint(n))
	}
	a.Parts = []Part{{Table: t}}
	return a, b
}

// agesOf counts the cases of each of ages, and of unknownAge, and finds the oldest
// one; "" where no case says when it was added.
func agesOf(cases []flexie.Record, now time.Time) (counts []int, oldest string, days int) {
	counts = make([]int, len(ages)+1)
	for _, c := range cases {
		added, known := flexie.Moment(Plain(firstOf(c, "date_added", "dateAdded"), maxCell))
		if !known {
			counts[len(ages)]++
			continue
		}
		age := max(0, int(now.Sub(added)/(24*time.Hour)))
		if oldest == "" || age > days {
			oldest, days = c.ID, age
		}
		for i, a := range ages {
			if age <= a.days {
				counts[i]++
				break
			}
		}
	}
	return counts, oldest, days
}

// CaseState says whether nothing is to be done about a case any more; known is false of
// one that has no status. Assumption: case-closed.
func CaseState(c flexie.Record) (closed, known bool) {
	for _, name := range []string{"public_status", "internalStatus", "internal_status", "status"} {
		switch word := strings.ToLower(Plain(c.Values.Get(name), maxCell)); word {
		case "":
		case "closed", "resolved", "solved", "done":
			return true, true
		default:
			known = true
		}
	}
	return false, known
}

func isClosed(c flexie.Record) bool {
	closed, _ := CaseState(c)
	return closed
}

func firstOf(r flexie.Record, names ...string) any {
	for _, name := range names {
		if v := r.Values.Get(name); !isEmpty(v) {
			return v
		}
	}
	return nil
}
