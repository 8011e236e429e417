package server_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stretchr/testify/require"
)

// match fails the test unless what came back is what is written of it.
func (e *exchange) match(where string, want, got []byte) {
	var w, g any
	require.NoError(e.t, json.Unmarshal(want, &w), "%s", want)
	require.NoError(e.t, json.Unmarshal(got, &g), "%s", got)
	if at := e.differs(where, w, g); at != "" {
		require.FailNow(e.t, "the answer is another", "%s\nin %s", at, got)
	}
}

// differs says where the two do, "" if nowhere.
func (e *exchange) differs(at string, want, got any) string {
	switch w := want.(type) {
	case string:
		return e.textDiffers(at, w, got)
	case map[string]any:
		g, _ := got.(map[string]any)
		for key := range w {
			if d := e.differs(at+"."+key, w[key], g[key]); d != "" {
				return d
			}
		}
		if g != nil {
			return ""
		}
	case []any:
		g, _ := got.([]any)
		if open := len(w) > 0 && w[len(w)-1] == "..."; open {
			w, g = w[:len(w)-1], g[:min(len(g), len(w)-1)]
		}
		for i := range min(len(w), len(g)) {
			if d := e.differs(fmt.Sprintf("%s[%d]", at, i), w[i], g[i]); d != "" {
				return d
			}
		}
		if len(g) == len(w) {
			return ""
		}
	default:
		if want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s is %v, not %v", at, got, want)
}

func (e *exchange) textDiffers(at, want string, got any) string {
	text, isText := got.(string)
	begin, end, open := strings.Cut(want, "*")
	switch {
	case want == "*" && got != nil, isText && want == text:
		return ""
	case strings.HasPrefix(want, "$") && isText && text != "":
		e.captured[want] = text
		return ""
	case isText && open && len(text) >= len(begin)+len(end) && strings.HasPrefix(text, begin) && strings.HasSuffix(text, end):
		return ""
	}
	return fmt.Sprintf("%s is %v, not %v", at, got, want)
}
