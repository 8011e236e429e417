// Package chart draws numbers as bars, for those who would rather look than read.
// It knows nothing of where the numbers are from.
package chart

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-analyze/charts"
)

const (
	// MostRows and MostSeries are what a picture has room for.
	MostRows   = 30
	MostSeries = 3

	// MostBytes is the most that a picture may have. The largest has a third of it.
	MostBytes = 200 << 10
)

// Bars is a chart of horizontal bars: a row for each label, from the top, and a
// panel for each series, from the left.
type Bars struct {
	Title  string
	Labels []string
	Series []Series
}

// Series is one value for each label.
type Series struct {
	Name   string
	Values []float64
}

// In pixels.
const (
	labelWidth = 220 // at most
	panelWidth = 360
	rowHeight  = 28
	headHeight = 84 // of the title, and of the names of the series
	margin     = 20
)

// PNG draws the bars on a white card, which is as readable in a dark client as in
// a light one. It draws as much as there is room for; labels that its font can't
// write are their row, #3. The error says in a few words of ours why there is nothing
// to draw.
func (b Bars) PNG() ([]byte, error) {
	b, err := b.fitting()
	if err != nil {
		return nil, err
	}
	labels := b.written()
	wide := widest(labels)
	card := charts.NewPainter(charts.PainterOptions{
		OutputFormat: charts.ChartOutputPNG, Theme: style().theme,
		Width: 2*margin + wide + panelWidth*len(b.Series), Height: headHeight + rowHeight*len(labels) + margin,
	})
	card.FilledRect(0, 0, card.Width()-1, card.Height()-1, background, border, 1)
	card.TextFit(within(b.Title, card.Width()-2*margin, style().large), margin, margin+14, card.Width()-2*margin, style().large)
	left := margin
	for i, s := range b.Series {
		right := left + panelWidth
		if i == 0 {
			right += wide
		}
		box := charts.NewBox(left, headHeight-rowHeight-4, right, card.Height()-margin)
		if err := s.draw(card.Child(charts.PainterBoxOption(box)), labels, i); err != nil {
			return nil, fmt.Errorf("the picture could not be drawn: %w", err)
		}
		left = right
	}
	data, err := card.Bytes()
	if err != nil {
		return nil, fmt.Errorf("the picture could not be drawn: %w", err)
	}
	return fewColours(data)
}

// fitting is what of it can be drawn.
func (b Bars) fitting() (Bars, error) {
	n := min(len(b.Labels), MostRows)
	b.Labels = b.Labels[:n]
	b.Series = slices.Clone(b.Series[:min(len(b.Series), MostSeries)])
	if n == 0 || len(b.Series) == 0 {
		return b, errors.New("there is nothing to draw")
	}
	for i, s := range b.Series {
		if len(s.Values) < n {
			return b, errors.New("there are fewer numbers than rows")
		}
		b.Series[i].Values = s.Values[:n]
		for _, v := range s.Values[:n] {
			if math.IsNaN(v) || math.Abs(v) > mostValue {
				return b, errors.New("a number is too large to draw")
			}
		}
	}
	return b, nil
}

// mostValue is what sums and widths of can still be reckoned with.
const mostValue = 1e300

// draw draws a series, with the labels beside it if it is the first one.
func (s Series) draw(p *charts.Painter, labels []string, place int) error {
	o := charts.NewBarChartOptionWithData([][]float64{reversed(s.Values)})
	o.Horizontal, o.Theme = true, style().theme.WithSeriesColors([]charts.Color{fills[place]})
	o.Padding = charts.NewBox(0, rowHeight-4, 0, 0)
	o.Legend.Show = charts.Ptr(false)
	o.CategoryAxis.Labels = reversed(labels)
	o.CategoryAxis.LabelFontStyle = style().small
	o.CategoryAxis.Show = charts.Ptr(place == 0)
	low, high := s.span()
	o.ValueAxis = []charts.ValueAxisOption{{Show: charts.Ptr(false), Min: &low, Max: &high, SplitLineShow: charts.Ptr(false)}}
	o.SeriesList[0].Label = charts.SeriesLabel{Show: charts.Ptr(true), FontStyle: style().small, ValueFormatter: short}
	o.BarSize = 0.66
	if err := p.BarChart(o); err != nil { // which paints over all that is there
		return err
	}
	p.Text(within(s.Name, panelWidth-margin, style().bold), p.Width()-panelWidth+1, 14, 0, style().bold)
	return nil
}

// span is what the axis of a series reaches over, with room for the numbers at the
// ends of its bars. It has the zero in it: bars that start elsewhere mislead.
func (s Series) span() (low, high float64) {
	low, high = min(0, slices.Min(s.Values)), max(0, slices.Max(s.Values))
	if low == high {
		return 0, 1
	}
	room := (high - low) / 3
	if low < 0 {
		low -= room
	}
	return low, high + room
}

// reversed is upside down, as the library draws from the bottom.
func reversed[T any](all []T) []T {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}
