package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/go-analyze/charts"
	"golang.org/x/text/unicode/norm"
)

// The colours: each has 4.5 : 1 or more on the card, ink has 14 : 1.
var (
	background = charts.ColorFromHex("#ffffff")
	border     = charts.ColorFromHex("#c9ced6")
	ink        = charts.ColorFromHex("#1f2733")
	fills      = []charts.Color{charts.ColorFromHex("#1f5fd0"), charts.ColorFromHex("#0b7a4b"), charts.ColorFromHex("#a8481a")}
)

// styles are how words are written. Fonts are unpacked when the first picture is
// drawn, not when the program starts.
type styles struct {
	theme              charts.ColorPalette
	small, bold, large charts.FontStyle
}

var style = sync.OnceValue(func() styles {
	plain, thick := charts.GetFont(charts.FontFamilyNotoSans), charts.GetFont(charts.FontFamilyNotoSansBold)
	return styles{
		theme: charts.GetTheme(charts.ThemeLight).WithBackgroundColor(background).WithTextColor(ink),
		small: charts.FontStyle{FontSize: 11, FontColor: ink, Font: plain},
		bold:  charts.FontStyle{FontSize: 11, FontColor: ink, Font: thick},
		large: charts.FontStyle{FontSize: 14, FontColor: ink, Font: thick},
	}
})

// ruler measures words.
var ruler = sync.OnceValue(func() *charts.Painter {
	return charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: 1, Height: 1})
})

// within is a text cut to so many pixels.
func within(text string, most int, in charts.FontStyle) string {
	runes := []rune(text)
	if width(text, in) <= most {
		return text
	}
	for n := min(len(runes), most/3); n > 0; n-- {
		if cut := strings.TrimSpace(string(runes[:n])) + "…"; width(cut, in) <= most {
			return cut
		}
	}
	return "…"
}

// measuring is held while words are measured: the ruler is for one at a time.
var measuring sync.Mutex

func width(text string, in charts.FontStyle) int {
	measuring.Lock()
	defer measuring.Unlock()
	return ruler().MeasureText(text, 0, in).Width()
}

// written are the labels as they are drawn.
func (b Bars) written() (labels []string) {
	for i, label := range b.Labels {
		label = norm.NFC.String(strings.Join(strings.Fields(label), " "))
		if !Writable(label) {
			label = fmt.Sprintf("#%d", i+1)
		}
		labels = append(labels, within(label, labelWidth, style().small))
	}
	return labels
}

// Writable reports whether a picture can have a text in it: its font has Latin,
// Greek and Cyrillic.
func Writable(text string) bool {
	for _, r := range norm.NFC.String(text) {
		if !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Common) || style().small.Font.Index(r) == 0 {
			return false
		}
	}
	return text != ""
}

// widest is what the longest label takes, in pixels, with the gap to its bar.
func widest(labels []string) (most int) {
	for _, label := range labels {
		most = max(most, width(label, style().small))
	}
	return most + 9
}

// short writes a number in at most eight characters or so: 370,700, 1.25M.
func short(v float64) string {
	size := math.Abs(v)
	if size >= 1e15 || size < 1 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	for _, unit := range []struct {
		from float64
		name string
	}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}} {
		if size >= unit.from {
			return trimmed(v/unit.from) + unit.name
		}
	}
	text := trimmed(v)
	end := len(text)
	if point := strings.IndexByte(text, '.'); point >= 0 {
		end = point
	}
	for i := end - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// trimmed has at most two digits after the point.
func trimmed(v float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
}
