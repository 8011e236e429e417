package chart

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// drawn is a chart as a picture. With PICTURES set, it is left there to be looked at.
func drawn(t *testing.T, name string, b Bars) image.Image {
	t.Helper()
	data, err := b.PNG()
	require.NoError(t, err)
	require.LessOrEqual(t, len(data), MostBytes)
	if dir := os.Getenv("PICTURES"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600))
	}
	picture, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	return picture
}

// bar is where a bar is drawn.
type bar struct{ left, width, top int }

// barsIn are the bars of a series, from the top. A line of its colour is of a bar
// if it is of the colour alone.
func barsIn(picture image.Image, series int) (all []bar) {
	fill := color.RGBA{fills[series].R, fills[series].G, fills[series].B, 255}
	below := false
	for y := range picture.Bounds().Dy() {
		left, n := -1, 0
		for x := range picture.Bounds().Dx() {
			if color.RGBAModel.Convert(picture.At(x, y)) == fill {
				if left < 0 {
					left = x
				}
				n++
			}
		}
		if n > 0 && !below {
			all = append(all, bar{left, n, y})
		}
		below = n > 0
	}
	return all
}

func TestBarsAreAsLongAsTheirNumbers(t *testing.T) {
	counts, amounts := []float64{8, 10, 6, 3, 1}, []float64{203_000, 370_700, 276_000, 85_400, 65_400}
	picture := drawn(t, "pipeline", Bars{"Pipeline by stage", []string{"Qualification", "Proposal", "Negotiation", "Renewal due", "Renewal quoted"}, []Series{{"Deals", counts}, {"Amount", amounts}}})
	for series, values := range [][]float64{counts, amounts} {
		found := barsIn(picture, series)
		require.Len(t, found, len(values))
		for i, v := range values {
			require.InDelta(t, v/values[1], float64(found[i].width)/float64(found[1].width), 0.01, "row %d", i)
			require.Equal(t, found[0].left, found[i].left, "they begin at zero")
		}
	}
	for i, of := range barsIn(picture, 0) {
		require.Equal(t, of.top, barsIn(picture, 1)[i].top, "the rows of both panels stand side by side")
	}
}

func TestNegativeBarsGoTheOtherWay(t *testing.T) {
	found := barsIn(drawn(t, "negative", Bars{"Change", []string{"A", "B", "C"}, []Series{{"Amount", []float64{-100, 50, 200}}}}), 0)
	require.Len(t, found, 3)
	require.InDelta(t, found[0].left+found[0].width, found[1].left, 1.5)
	require.InDelta(t, 0.5, float64(found[0].width)/float64(found[2].width), 0.02)
}

// TestThePictureIsReadableOnAnyBackground since it has its own, to its edges.
func TestThePictureIsReadableOnAnyBackground(t *testing.T) {
	picture := drawn(t, "one", Bars{"One", []string{"Negotiation"}, []Series{{"Deals", []float64{3}}}})
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			_, _, _, alpha := picture.At(x, y).RGBA()
			require.EqualValues(t, 0xffff, alpha)
		}
	}
	white := color.RGBA{255, 255, 255, 255}
	require.Equal(t, white, color.RGBAModel.Convert(picture.At(10, 10)))
	for _, fill := range fills {
		require.Greater(t, contrast(fill.R, fill.G, fill.B), 4.5)
	}
	require.Greater(t, contrast(ink.R, ink.G, ink.B), 7.0)
}

// contrast with white, as WCAG reckons it.
func contrast(r, g, b uint8) float64 {
	light := func(v uint8) float64 {
		if s := float64(v) / 255; s > 0.03928 {
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	return 1.05 / (0.2126*light(r) + 0.7152*light(g) + 0.0722*light(b) + 0.05)
}

// TestTheLargestPicture is of more, and of longer words, than there is room for.
func TestTheLargestPicture(t *testing.T) {
	b := Bars{Title: strings.Repeat("A long title. ", 50)}
	for i := range 40 {
		b.Labels = append(b.Labels, fmt.Sprintf("Stage %d with a rather long name by the customer", i))
	}
	for range 4 {
		values := make([]float64, 40)
		for i := range values {
			values[i] = float64(i+1) * 12345.67
		}
		b.Series = append(b.Series, Series{"A series with a name that is rather long as well, and longer", values})
	}
	picture := drawn(t, "largest", b)
	require.Len(t, barsIn(picture, 0), MostRows)
	require.Len(t, barsIn(picture, MostSeries-1), MostRows)
	require.Less(t, picture.Bounds().Dx(), 1500)
}

func TestLabels(t *testing.T) {
	labels := Bars{Labels: []string{"Ngushëllim ç", "Переговоры", "日本語", "Διαπραγμάτευση", "مرحبا", "Łódź 50 % – “x” €", "a\nb", "e\u0308", "", "🙂"}}.written()
	require.Equal(t, []string{"Ngushëllim ç", "Переговоры", "#3", "Διαπραγμάτευση", "#5", "Łódź 50 % – “x” €", "a b", "ë", "#9", "#10"}, labels)
	values := make([]float64, len(labels))
	drawn(t, "words", Bars{"Ngushëllim, Переговоры", labels, []Series{{"Deals", values}}})
	require.True(t, strings.HasSuffix(within(strings.Repeat("very ", 99)+"long", 100, style().small), "…"))
}

func TestNumbers(t *testing.T) {
	for v, text := range map[float64]string{
		0: "0", 7: "7", 999: "999", 370_700: "370,700", 1234.5: "1,234.5", 0.126: "0.126", -1234: "-1,234", -100: "-100", -0.001: "-0.001", 1e-9: "1e-09",
		1_250_000: "1.25M", 2e9: "2B", 3.5e12: "3.5T", 1e15: "1e+15", -4.2e6: "-4.2M",
	} {
		require.Equal(t, text, short(v))
	}
}

func TestWhatCantBeDrawn(t *testing.T) {
	for want, b := range map[string]Bars{
		"there is nothing to draw":          {Title: "Nothing"},
		"a number is too large to draw":     {Labels: []string{"A"}, Series: []Series{{"Deals", []float64{math.Inf(1)}}}},
		"there are fewer numbers than rows": {Labels: []string{"A", "B"}, Series: []Series{{"Deals", []float64{1}}}},
	} {
		data, err := b.PNG()
		require.EqualError(t, err, want)
		require.Nil(t, data)
	}
	drawn(t, "zero", Bars{"Zero", []string{"A", "B"}, []Series{{"Deals", []float64{0, 0}}}})
	drawn(t, "huge", Bars{"Huge", []string{"A", "B"}, []Series{{"Deals", []float64{1e299, -1e299}}}})
	drawn(t, "tiny", Bars{"Tiny", []string{"A", "B", "C"}, []Series{{"Deals", []float64{1e-200, -1e-310, 5e-324}}, {"Amount", []float64{0, 5e-324, 0}}}})
	require.Len(t, barsIn(drawn(t, "small", Bars{"Small", []string{"A"}, []Series{{"Deals", []float64{1e-200}}}}), 0), 1)
}

// TestPicturesSideBySide are drawn by many callers at once.
func TestPicturesSideBySide(t *testing.T) {
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			drawn(t, "beside", Bars{"Beside", []string{"A"}, []Series{{"Deals", []float64{1}}}})
		})
	}
}
