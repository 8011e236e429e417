package tools_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRecordTypesAreMended: Flexie wants the singular.
func TestRecordTypesAreMended(t *testing.T) {
	for said, sent := range map[string]string{"contact": "contact", "Contacts": "contact", " deals ": "deal", "subscriptions": "subscriptions"} {
		flexieIs := transport(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				require.Equal(t, "/api/notes/"+sent+"/7", r.URL.Path)
			}
			return answering(200, `{"note":{"id":1}}`)(r)
		})
		_, err := run(t, flexieIs, "add_note", `{"entity_type":"`+said+`","entity_id":7,"text":"Hi"}`)
		require.NoError(t, err)
	}
}
