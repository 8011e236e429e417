package authserver

import (
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestContrast: what is to be read stands out from what is behind it, in light and
// dark, as WCAG 2.2 asks for at level AA: text by 4.5 to 1, all else by 3 to 1.
func TestContrast(t *testing.T) {
	light, dark, ok := strings.Cut(style, "@media (prefers-color-scheme: dark)")
	require.True(t, ok)
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]float64{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(text, -1) {
			colors[m[1]] = luminance(t, m[2])
		}
		for _, pair := range []struct {
			front, back string
			least       float64
		}{
			{"text", "card", 4.5}, {"text", "back", 4.5}, {"quiet", "card", 4.5}, {"quiet", "back", 4.5},
			{"main", "card", 4.5}, {"on-main", "main", 4.5}, {"on-warning", "warning", 4.5}, {"problem", "card", 4.5},
			{"edge", "card", 3}, {"focus", "card", 3}, {"main", "back", 3}, {"problem", "back", 4.5},
		} {
			front, back := colors[pair.front], colors[pair.back]
			require.NotZero(t, front+back, pair)
			ratio := (max(front, back) + 0.05) / (min(front, back) + 0.05)
			require.GreaterOrEqual(t, ratio, pair.least, "%s on %s, %s", pair.front, pair.back, scheme)
		}
	}
	require.NotRegexp(t, `(?:color|background|border[a-z-]*):[^;]*#[0-9a-f]{3}`, style, "a colour that is not looked at here")
}

// luminance is how light a colour is, from 0 to 1, as WCAG reckons it.
func luminance(t *testing.T, hex string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		require.NoError(t, err)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// TestSignInAtFlexie: where nobody pastes a key, no field asks for one.
func TestSignInAtFlexie(t *testing.T) {
	w := httptest.NewRecorder()
	newPages().signIn(w, http.StatusOK, signInView{Flow: "f", Proof: "p", Name: "Claude", Workspace: "acme.flexie.io", Flexie: true})
	require.Contains(t, w.Body.String(), `name="with" value="flexie"`)
	require.NotContains(t, w.Body.String(), `name="key"`)
}

// TestPicturesOfTheDocumentation are there, and small.
func TestPicturesOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "signing-in.md"))
	require.NoError(t, err)
	shown := regexp.MustCompile(`!\[[^\]]+\]\((images/[a-z-]+\.png)\)`).FindAllStringSubmatch(string(text), -1)
	require.GreaterOrEqual(t, len(shown), 3)
	for _, m := range shown {
		info, err := os.Stat(filepath.Join("..", "..", "docs", m[1]))
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(60_000), m[1])
	}
}
