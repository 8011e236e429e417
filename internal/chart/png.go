package chart

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"

	"github.com/go-analyze/charts"
)

// shades is how many there are between ink and the card: as many as smooth
// letters take.
const shades = 32

// fewColours writes a picture as one of few colours, which is a third of its size.
func fewColours(data []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	few := image.NewPaletted(full.Bounds(), palette())
	nearest := map[color.Color]uint8{}
	for y := range full.Bounds().Dy() {
		for x := range full.Bounds().Dx() {
			c := full.At(x, y)
			i, known := nearest[c]
			if !known {
				i = uint8(few.Palette.Index(c))
				nearest[c] = i
			}
			few.Pix[few.PixOffset(x, y)] = i
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, few); err != nil {
		return nil, err
	}
	if b.Len() > MostBytes {
		return nil, errors.New("the picture would be too large")
	}
	return b.Bytes(), nil
}

// palette are the colours that are drawn with, and those of the edges of letters.
func palette() (all color.Palette) {
	for _, c := range append([]charts.Color{border}, fills...) {
		all = append(all, color.RGBA{c.R, c.G, c.B, 255})
	}
	for i := range shades {
		part := float64(i) / (shades - 1)
		mix := func(from, to uint8) uint8 { return uint8(float64(from) + part*(float64(to)-float64(from)) + 0.5) }
		all = append(all, color.RGBA{mix(ink.R, background.R), mix(ink.G, background.G), mix(ink.B, background.B), 255})
	}
	return all
}
