package resources

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chart"
)

// noStage is the row of deals without a stage.
const noStage = "(no stage)"

// stageRow is what there is of a stage.
type stageRow struct {
	key, name string
	place     int // in the pipeline
	deals     int
	amount    *big.Rat
}

// DealsByStage sums up deals: how many there are at each stage, in the order of the
// pipeline, and what they are worth. Assumption: deal-stage.
func DealsByStage(p flexie.Page, fields []flexie.Field) (Answer, chart.Bars) {
	if len(p.Records) == 0 {
		return Answer{Summary: "No deals found."}, chart.Bars{}
	}
	rows := stagesOf(p.Records, fields)
	worth, why := worthOf(p.Records)
	a := Answer{Summary: fmt.Sprintf("Pipeline by stage of %s.%s%s", readOf(p, Deal), why, partOf(p, Deal))}
	b := chart.Bars{Title: "Pipeline by stage", Series: []chart.Series{{Name: "Deals"}, {Name: "Amount"}}}
	t := Table{Columns: []string{"stage", "deals", "amount"}, numeric: []bool{false, true, true}}
	all := new(big.Rat)
	for _, row := range rows {
		amount, _ := row.amount.Float64()
		b.Labels = append(b.Labels, barLabel(row.name))
		b.Series[0].Values = append(b.Series[0].Values, float64(row.deals))
		b.Series[1].Values = append(b.Series[1].Values, amount)
		t.Add(row.name, fmt.Sprint(row.deals), decimal(row.amount))
		all.Add(all, row.amount)
	}
	totals := Part{Title: "In all", Values: []Value{{Name: "deals", Text: fmt.Sprint(len(p.Records))}, {Name: "amount", Text: decimal(all)}}}
	if !worth {
		b.Series, totals.Values = b.Series[:1], totals.Values[:1]
		t.Columns, t.numeric = t.Columns[:2], t.numeric[:2]
		for i := range t.Rows {
			t.Rows[i] = t.Rows[i][:2]
		}
	}
	a.Parts = []Part{totals, {Table: t}}
	return a, b
}

// stagesOf counts the deals of each stage.
func stagesOf(deals []flexie.Record, fields []flexie.Field) []stageRow {
	field := stageField(deals, fields)
	rows := map[string]*stageRow{}
	for _, deal := range deals {
		key := Cell(deal.Values.Get(field.Alias))
		row := rows[key]
		if row == nil {
			row = stageNamed(key, field)
			rows[key] = row
		}
		row.deals++
		if amount := numberIn(deal.Values.Get("amount")); amount != nil {
			row.amount.Add(row.amount, amount)
		}
	}
	var sorted []stageRow
	named := map[string]int{}
	for _, row := range rows {
		sorted = append(sorted, *row)
		named[row.name]++
	}
	for i, row := range sorted {
		if named[row.name] > 1 && row.name != row.key { // as two pipelines may have
			sorted[i].name += " (" + row.key + ")"
		}
	}
	slices.SortFunc(sorted, func(a, b stageRow) int { return cmp.Or(a.place-b.place, cmp.Compare(a.key, b.key)) })
	return sorted
}

// stageField is the field that holds the stage.
func stageField(deals []flexie.Record, fields []flexie.Field) flexie.Field {
	for _, alias := range []string{"stage_id", "stage", "status"} {
		if !slices.ContainsFunc(deals, func(d flexie.Record) bool { return !isEmpty(d.Values.Get(alias)) }) {
			continue
		}
		if i := slices.IndexFunc(fields, func(f flexie.Field) bool { return f.Alias == alias }); i >= 0 {
			return fields[i]
		}
		return flexie.Field{Alias: alias}
	}
	return flexie.Field{}
}

// stageNamed is the row of a stage that was given by its value.
func stageNamed(key string, field flexie.Field) *stageRow {
	row := &stageRow{key: key, name: key, place: math.MaxInt32, amount: new(big.Rat)}
	if key == "" {
		row.name = noStage
		return row
	}
	row.place--
	for i, o := range field.Options {
		if key == o.Value || key == o.Label {
			row.place, row.name = i, cmp.Or(o.Label, key)
		}
	}
	return row
}

// worthOf reports whether the amounts of deals can be added up, and what there is
// to say of them.
func worthOf(deals []flexie.Record) (can bool, says string) {
	without := 0
	currencies := map[string]bool{}
	for _, deal := range deals {
		if numberIn(deal.Values.Get("amount")) == nil {
			without++
		}
		if currency := Cell(deal.Values.Get("currency")); currency != "" {
			currencies[currency] = true
		}
	}
	switch {
	case len(currencies) > 1:
		return false, fmt.Sprintf(" Their amounts are in %d currencies, and so not added up.", len(currencies))
	case without == len(deals):
		return false, " None has an amount."
	case without > 0:
		return true, fmt.Sprintf(" %d without an amount.", without)
	}
	return true, ""
}

// readOf is how many there were to sum up.
func readOf(p flexie.Page, n Noun) string {
	return fmt.Sprintf("%d %s", len(p.Records), n.count(len(p.Records)))
}

// partOf says so if these are not all that there are.
func partOf(p flexie.Page, n Noun) string {
	switch {
	case p.Total > int64(len(p.Records)):
		return fmt.Sprintf(" They are not all: there are %d %s, and only that many were read. Filter for less.", p.Total, n.Many)
	case p.Total < 0:
		return fmt.Sprintf(" There may be more %s: only that many were read.", n.Many)
	}
	return ""
}
