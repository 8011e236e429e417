package flexie

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const uniqueFields = `[
	{"alias":"email","label":"Email","type":"email","isUniqueIdentifier":true},
	{"alias":"code","label":"Code","type":"text","isUniqueIdentifer":"1"},
	{"alias":"city","label":"City","type":"text"}
]`

func TestExisting(t *testing.T) {
	for _, test := range []struct {
		name, values string
		ids, by      []string
		searches     int
	}{
		{"by email, whatever its case", `{"email":"JANE@acme.com"}`, []string{"1"}, []string{"email"}, 1},
		{"by a code, to the letter", `{"code":"a-1"}`, nil, nil, 1},
		{"by both, once", `{"email":"jane@acme.com","code":"A-1"}`, []string{"1", "2"}, []string{"email", "code"}, 2},
		{"not by what is loosely alike", `{"email":"jim@acme.com"}`, nil, nil, 1},
		{"not by what is empty or not unique", `{"email":"","code":null,"city":"Leeds"}`, nil, nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := record(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/list/fields") {
					answering(200, uniqueFields)(w, r)
					return
				}
				answering(200, `[{"id":1,"email":"jane@acme.com","code":"A-1"},{"id":2,"email":"x@y.z","code":"A-1"}]`)(w, r)
			})
			there, err := r.client(t).Records(Contact, "").Existing(t.Context(), object(t, test.values))
			require.NoError(t, err)
			var ids []string
			for _, found := range there.Records {
				ids = append(ids, found.ID)
			}
			require.Equal(t, test.ids, ids)
			require.Equal(t, test.by, aliases(there.By))
			require.Len(t, r.requests(), 1+test.searches)
		})
	}
}

func TestTheLookIsExact(t *testing.T) {
	r := record(t, func(w http.ResponseWriter, r *http.Request) {
		body := uniqueFields
		if r.Method == http.MethodPost {
			body = `[]`
		}
		answering(200, body)(w, r)
	})
	_, err := r.client(t).Records(Lead, "").Existing(t.Context(), object(t, `{"code":"1001"}`))
	require.NoError(t, err)
	require.Equal(t, "/api/leads", r.last(t).path)
	require.JSONEq(t, `{"filters":[{"type":"text","alias":"code","value":{"operator":"=","input":"1001"},"strict":true,"starts":false,"ends":false}],"start":0,"limit":2}`, r.last(t).body)
}
