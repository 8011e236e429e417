package authserver

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
)

var update = flag.Bool("update", false, "write docs/images/*.png: the pages, in light and dark, on a desktop and a phone")

// looksRight goes through the pages, and looks at each in light and dark, on a
// desktop, a phone and the narrowest phone.
func looksRight(t *testing.T, of context.Context) {
	s := withSandbox(t)
	const claude = "https://claude.ai/api/mcp/auth_callback"
	hosted := s.clientID(`{"client_name":"Claude","redirect_uris":["` + claude + `"],"token_endpoint_auth_method":"none"}`)
	b := newBrowser(t, of)
	b.open(s.asks(hosted, "redirect_uri", claude))
	b.looks("consent")
	b.press("or choose")
	b.looks("consent-areas")
	for _, name := range []string{"contacts", "cases"} {
		b.toggle(name)
	}
	b.press("Allow")
	b.sees("Sign in with your Flexie key")
	b.looks("sign-in")
	b.types("key", "not-the-key")
	b.press("Sign in")
	b.sees("Flexie does not take this key.")
	b.looks("sign-in-wrong-key")
	s.clock.pass(flowLifetime + time.Second)
	b.types("key", sandbox.Key)
	b.press("Sign in")
	b.sees("This page is too old")
	b.looks("too-old")

	// Of the others, an application of which our page stays, and a document.
	const documented = "https://assistant.example.com/client.json"
	s.web.put(documented, `{"client_id":"`+documented+`","client_name":"Example Assistant","redirect_uris":["com.example.an-editor://signed-in/cb","`+callback+`"],"token_endpoint_auth_method":"none"}`)
	b.open(s.asks(documented, "redirect_uri", "com.example.an-editor://signed-in/cb", "scope", "flexie:admin"))
	b.signInWith(sandbox.SalesKey)
	b.sees("You allowed")
	b.looks("done")
	b.open(s.asks(documented, "redirect_uri", "com.example.an-editor://signed-in/cb", "scope", "flexie:admin"))
	b.sees("Sofia Lindqvist")
	b.looks("consent-again")
	s.form(tokenPath, exchange(documented, s.codeFor(s.browser(), documented, sandbox.SalesKey, "scope", "flexie:read")))
	s.clock.pass(12 * 24 * time.Hour)
	atClaude := []string{"redirect_uri", claude}
	s.form(tokenPath, exchange(hosted, s.codeFor(s.browser(), hosted, sandbox.SalesKey, atClaude...), atClaude...))
	b = newBrowser(t, of) // as that one asks whether to open the application
	b.open(s.issuer + connectedPath)
	b.types("key", sandbox.SalesKey)
	b.press("Sign in")
	b.sees("Connected assistants")
	b.looks("connected")
}

// faults are what is wrong with a page, as far as it can be measured.
const faults = `(() => {
	const found = [], width = document.documentElement.clientWidth
	const say = (what, e) => found.push(what + ": " + (e.outerHTML || "").slice(0, 120))
	if (document.documentElement.scrollWidth > width) found.push("it is wider than the window")
	for (const e of document.querySelectorAll("button, a, summary, label, input:not([type=hidden])")) {
		let box = e.getBoundingClientRect()
		if (!e.checkVisibility({contentVisibilityAuto: true})) continue
		if (e.matches("input[type=radio], input[type=checkbox]")) box = e.closest("label").getBoundingClientRect()
		if (!e.matches(".field label") && box.height < 44) say("it is lower than 44 pixels", e)
		if (box.right > width + 0.5 || box.left < 0) say("it is cut off", e)
		if (e.matches("input") && !e.labels.length) say("it has no label", e)
		if (!e.matches("input") && !e.innerText.trim()) say("it says nothing", e)
		if (e.scrollWidth > e.clientWidth + 1 && e.matches("button")) say("its text is wider than it", e)
	}
	for (const e of document.querySelectorAll("[aria-describedby]"))
		for (const id of e.getAttribute("aria-describedby").split(" "))
			if (!document.getElementById(id)) say("what describes it is not there", e)
	const ids = [...document.querySelectorAll("[id]")].map(e => e.id)
	if (new Set(ids).size != ids.length) found.push("two things have one id")
	for (const e of document.querySelectorAll("fieldset")) if (e.firstElementChild.tagName != "LEGEND") say("it has no legend", e)
	if (document.querySelectorAll("h1").length != 1) found.push("it has not one heading")
	if (document.documentElement.lang != "en") found.push("its language is not said")
	if (document.querySelector("script, [style], [onclick]")) found.push("it has a script or a style of its own")
	return found
})()`

// looks checks how the page looks, and takes the pictures if asked to.
func (b *tab) looks(name string) {
	b.t.Helper()
	for _, screen := range []struct {
		name  string
		width int64
		scale float64
	}{{"desktop", 720, 1}, {"phone", 390, 1}, {"", 320, 1}} {
		for _, scheme := range []string{"light", "dark"} {
			b.do(chromedp.EmulateViewport(screen.width, 600, chromedp.EmulateScale(screen.scale)), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
				_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
				return err
			}))
			require.Empty(b.t, get(b, chromedp.Evaluate[[]string](faults)), "%s, %s, %d pixels wide", name, scheme, screen.width)
			if *update && screen.name != "" {
				b.picture(name + "-" + screen.name + "-" + scheme)
			}
		}
	}
	b.do(chromedp.EmulateViewport(800, 1200))
}

// images is where the pictures of the documentation are.
var images = filepath.Join("..", "..", "docs", "images")

func (b *tab) picture(name string) {
	b.t.Helper()
	shot, err := png.Decode(bytes.NewReader(get(b, chromedp.FullScreenshot(100))))
	require.NoError(b.t, err)
	var small bytes.Buffer
	require.NoError(b.t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, fewColors(shot)))
	require.Less(b.t, small.Len(), 60_000, name)
	require.NoError(b.t, os.MkdirAll(images, 0o755))
	require.NoError(b.t, os.WriteFile(filepath.Join(images, name+".png"), small.Bytes(), 0o644))
}

// fewColors is a picture in its 256 most frequent colours, which takes a third of
// the room and looks the same.
func fewColors(shot image.Image) image.Image {
	bounds, count := shot.Bounds(), map[color.Color]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[shot.At(x, y)]++
		}
	}
	palette := color.Palette(slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	}))
	few := image.NewPaletted(bounds, palette[:min(len(palette), 256)])
	draw.Draw(few, bounds, shot, bounds.Min, draw.Src)
	return few
}
