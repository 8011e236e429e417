package cli_test

import (
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/images/conversation.svg anew")

// TestThePictureIsOfTheDemo: the conversation that README.md shows is one that the
// program has had.
func TestThePictureIsOfTheDemo(t *testing.T) {
	out, err := command(t, nil, "demo").Output()
	require.NoError(t, err)
	drawn := picture(turns(string(out), "2", "6", "8", "9", "11"))
	const path = "../../docs/images/conversation.svg"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(drawn), 0o644))
	}
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(kept), drawn, "draw it anew: go test ./internal/cli -run TestThePicture -update")
}

// turn is what the user says, the assistant calls, or the server answers: its who
// is the class that it is drawn in.
type turn struct{ who, text string }

var (
	stepLine  = regexp.MustCompile(`^(\d+)\. (.*)`)
	callLine  = regexp.MustCompile(`^   > ([a-z_]+ \{.*)`)
	timesNote = regexp.MustCompile(` Times: \S+$`)
)

// turns are those of some steps of the demo; of an answer, its first line.
func turns(demo string, steps ...string) (all []turn) {
	shown, answers := false, false
	for line := range strings.Lines(demo) {
		line = strings.TrimRight(line, "\n")
		said := strings.TrimSpace(line)
		if m := stepLine.FindStringSubmatch(line); m != nil {
			shown, said = slices.Contains(steps, m[1]), m[2]
			all = appendIf(shown, all, turn{"user", said})
		} else if m := callLine.FindStringSubmatch(line); m != nil {
			all, answers = appendIf(shown, all, turn{"call", m[1]}), true
		} else if strings.HasPrefix(said, "The user ") {
			all = appendIf(shown, all, turn{"user", "(" + said + ")"})
		} else if answers && said != "" {
			all, answers = appendIf(shown, all, turn{"answer", timesNote.ReplaceAllString(said, "")}), false
		}
	}
	return all
}

func appendIf(wanted bool, all []turn, t turn) []turn {
	if wanted {
		return append(all, t)
	}
	return all
}

const style = `<style>
rect { fill: #ffffff; stroke: #d0d7de }
text { font: 15px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #59636e }
.user { font-weight: 600; fill: #1f2328 }
.call { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #0550ae }
@media (prefers-color-scheme: dark) {
rect { fill: #0d1117; stroke: #3d444d } text { fill: #9198a1 } .user { fill: #f0f6fc } .call { fill: #79c0ff }
}
</style>`

// picture draws turns below one another, 880 wide, by the light that the reader has.
func picture(all []turn) string {
	var lines strings.Builder
	y := 14
	for _, t := range all {
		indent, width := 24, 98
		if t.who != "user" {
			indent, width = 48, 100
		} else {
			y += 12
		}
		for _, line := range wrapped(t.text, width) {
			y += 22
			fmt.Fprintf(&lines, "<text class=%q x=\"%d\" y=\"%d\" xml:space=\"preserve\">%s</text>\n", t.who, indent, y, escaped(line))
		}
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"880\" height=\"%[1]d\" viewBox=\"0 0 880 %[1]d\" role=\"img\">\n"+
		"<title>A conversation: what is asked, the calls that the assistant makes, and what comes of them</title>\n%[2]s\n"+
		"<rect x=\"0.5\" y=\"0.5\" width=\"879\" height=\"%[3]d\" rx=\"8\"/>\n%[4]s</svg>\n", y+28, style, y+27, lines.String())
}

// wrapped is a text in lines of so many letters at most, where it has spaces or commas.
func wrapped(text string, width int) (lines []string) {
	for len(text) > width {
		at := strings.LastIndexAny(text[:width], " ,") + 1
		lines, text = append(lines, strings.TrimRight(text[:at], " ")), text[at:]
	}
	return append(lines, text)
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}
