package tools_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPreviewsShowWhatDiffers, however deep in a text that is.
func TestPreviewsShowWhatDiffers(t *testing.T) {
	for _, long := range []string{strings.Repeat("word ", 100), strings.Repeat("wörd ", 100), strings.Repeat("word ", 5000)} {
		for _, x := range []struct{ path, field, tool, arguments string }{
			{"/contacts/1", "background", "update_contact", `{"id":1,"dry_run":true,"fields":{"background":%q}}`},
			{"/notes/1", "text", "update_note", `{"id":1,"dry_run":true,"text":%q}`},
		} {
			d := atDesk(t, nil)
			d.direct("PUT", x.path, fmt.Sprintf(`{%q:%q}`, x.field, long+"price 100, and more"))
			text := d.run(x.tool, fmt.Sprintf(x.arguments, long+"price 900, and more"))
			require.Contains(t, text, "rd price 100, and more | …")
			require.Contains(t, text, "rd price 900, and more\n")
			require.Less(t, len(text), 700)
		}
	}
}

func TestPreviewsSayHowLongACutTextIs(t *testing.T) {
	d := atDesk(t, nil)
	text := d.run("update_contact", fmt.Sprintf(`{"id":1,"dry_run":true,"fields":{"background":%q}}`, strings.Repeat("benign text ", 1000)+"TAIL"))
	require.Contains(t, text, "… (12004 characters in all)")
}

// TestPreviewsSayWhatIsOnlyWrittenOtherwise rather than that nothing is sent.
func TestPreviewsSayWhatIsOnlyWrittenOtherwise(t *testing.T) {
	for _, x := range []struct{ was, is, says string }{
		{"a|b", "b|a", "no value would become another in meaning, but these would be written otherwise: background."},
		{"1.0", "1", "no value would become another in meaning, but these would be written otherwise: background."},
		{"x", "x", "It is so already: no value would become another."},
		{"<span>a</span>", "a", "a | a (the same but for HTML, spaces or what can't be seen)"},
	} {
		d := atDesk(t, nil)
		d.direct("PUT", "/contacts/1", fmt.Sprintf(`{"background":%q}`, x.was))
		require.Contains(t, d.run("update_contact", fmt.Sprintf(`{"id":1,"dry_run":true,"fields":{"background":%q}}`, x.is)), x.says, x.was)
	}
}

// TestPreviewsSayThatThereIsMoreHTML than they show.
func TestPreviewsSayThatThereIsMoreHTML(t *testing.T) {
	const says = "It also has HTML that is not shown here"
	for _, html := range []string{"Hello <!-- margin 40% --> there", "<style>.x{}</style>Hello", "Hello<script>alert(1)</script>", `Hello <div style="display:none">x</div>`} {
		d := atDesk(t, nil)
		require.Contains(t, d.run("add_case_reply", fmt.Sprintf(`{"id":1,"text":%q}`, html)), says, html)
		require.Contains(t, d.run("add_note", fmt.Sprintf(`{"entity_type":"contact","entity_id":1,"dry_run":true,"text":%q}`, html)), says, html)
	}
	for _, html := range []string{"Hello", "<p>Hello <b>Ana</b></p>", `<a href="https://acme.example">us</a>`, "a < b and <Customer name>"} {
		require.NotContains(t, atDesk(t, nil).run("add_case_reply", fmt.Sprintf(`{"id":1,"text":%q}`, html)), says, html)
	}
}
