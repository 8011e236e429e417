package resources_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// says answers every request with one text.
type says string

func (s says) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(s))), Request: r}, nil
}

// TestJSONIsReadable: people read it too, so HTML stays as it was written.
func TestJSONIsReadable(t *testing.T) {
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Transport: says(`[{"id":1,"text":"<b>R&D</b>","n":1.50}]`)})
	require.NoError(t, err)
	address, err := resources.AddressOf("flexie://cases/1/replies.json")
	require.NoError(t, err)
	content, err := address.Read(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, "[\n  {\n    \"id\": 1,\n    \"text\": \"<b>R&D</b>\",\n    \"n\": 1.50\n  }\n]", content.Text)
}
