package resources

import (
	"html"
	"regexp"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
)

// htmlTag finds the tags that notes, replies and mails are written with. What
// else stands in angle brackets, <Customer name> or List<String>, is text.
var htmlTag = regexp.MustCompile(`(?i)^</?(a|abbr|article|aside|b|big|blockquote|body|br|center|code|dd|del|div|dl|dt|em|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|meta|nav|o:p|ol|option|p|pre|q|s|section|select|small|span|strike|strong|style|script|sub|sup|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul)(\s[^<>]*)?/?>|^<!--|^<!doctype`)

// entity is a whole one: &copy=1 in an address is none.
var entity = regexp.MustCompile(`&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,24}[0-9]{0,2});`)

// markdown turns HTML into Markdown, which keeps links and lists. Nothing is
// escaped: the reader is a model, not a Markdown renderer.
var markdown = converter.NewConverter(
	converter.WithPlugins(base.NewBasePlugin(), commonmark.NewCommonmarkPlugin()),
	converter.WithEscapeMode(converter.EscapeModeDisabled),
)

// angles are written as entities by the converter, escaping or not.
var angles = strings.NewReplacer("&lt;", "<", "&gt;", ">")

// mostHTML is the most of a text that is read as HTML, in bytes: eight times what
// is shown of any value, which leaves room for its tags.
const mostHTML = 8 * maxValue

func withoutHTML(s string) string {
	if strings.IndexByte(s, '<') < 0 && strings.IndexByte(s, '&') < 0 && len(s) <= mostHTML {
		return s
	}
	if len(s) > mostHTML {
		s = strings.ToValidUTF8(s[:mostHTML], "") + "…"
	}
	guarded, isHTML := guard(s)
	if !isHTML {
		return entity.ReplaceAllStringFunc(s, html.UnescapeString)
	}
	text, err := markdown.ConvertString(guarded)
	if err != nil {
		return s
	}
	return strings.TrimSpace(angles.Replace(text))
}

// guard escapes each < that opens no tag, and reports whether one does.
func guard(s string) (guarded string, isHTML bool) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "<")
		b.WriteString(before)
		if !found {
			return b.String(), isHTML
		}
		if htmlTag.MatchString("<" + after[:min(len(after), 2_000)]) {
			isHTML = true
			b.WriteString("<")
		} else {
			b.WriteString("&lt;")
		}
		s = after
	}
}
