package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/telemetry"
)

func TestRequestIDs(t *testing.T) {
	made := regexp.MustCompile(`^[A-Z2-7]{26}$`)
	for name, test := range map[string]struct {
		given []string
		taken bool
	}{
		"none":          {nil, false},
		"one":           {[]string{"8f2a-11.b_C"}, true},
		"64 characters": {[]string{strings.Repeat("a", 64)}, true},
		"65 characters": {[]string{strings.Repeat("a", 65)}, false},
		"empty":         {[]string{""}, false},
		"two":           {[]string{"a", "b"}, false},
		"a space":       {[]string{"a b"}, false},
		"a line":        {[]string{"a\nb"}, false},
		"a line's end":  {[]string{"a\n"}, false},
		"other letters": {[]string{"ä"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var within string
			h := telemetry.RequestIDs(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { within = telemetry.RequestID(r.Context()) }))
			r, answer := httptest.NewRequest(http.MethodPost, "/mcp", nil), httptest.NewRecorder()
			r.Header["X-Request-Id"] = test.given
			h.ServeHTTP(answer, r)
			require.Equal(t, []string{within}, answer.Header()["X-Request-Id"])
			if test.taken {
				require.Equal(t, test.given[0], within)
			} else {
				require.Regexp(t, made, within)
			}
		})
	}
	require.Empty(t, telemetry.RequestID(t.Context()))
	require.Regexp(t, made, telemetry.RequestID(telemetry.WithRequestID(t.Context(), "")))
}
