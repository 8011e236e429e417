package tools_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOrdersAreRead as others write them: the wrong way round would be a wrong
// answer that nobody sees.
func TestOrdersAreRead(t *testing.T) {
	for arguments, body := range map[string]string{
		`{"order_by":"due_date"}`:                                `{"start":0,"orderBy":"due_date","orderByDir":"ASC"}`,
		`{"order_by":"due_date","order":"desc"}`:                 `{"start":0,"orderBy":"due_date","orderByDir":"DESC"}`,
		`{"order_by":"due_date","order":"Descending"}`:           `{"start":0,"orderBy":"due_date","orderByDir":"DESC"}`,
		`{"filters":[{"field":"owner_id","op":">=","value":7}]}`: `{"filters":[{"type":"number","alias":"owner_id","value":{"operator":"gte","input":7},"strict":false,"starts":false,"ends":false}],"start":0}`,
		`{"order_by":"-due_date"}`:                               `{"start":0,"orderBy":"due_date","orderByDir":"DESC"}`,
		`{"order_by":"due_date desc"}`:                           `{"start":0,"orderBy":"due_date","orderByDir":"DESC"}`,
		`{"order_by":"due_date ASC"}`:                            `{"start":0,"orderBy":"due_date","orderByDir":"ASC"}`,
		`{"order_by":"-due_date","order":"asc"}`:                 `{"start":0,"orderBy":"due_date","orderByDir":"ASC"}`,
	} {
		sent := ""
		flexieIs := transport(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				data, err := io.ReadAll(r.Body)
				require.NoError(t, err)
				sent = string(data)
			}
			return answering(200, `{"total":0,"tasks":[]}`)(r)
		})
		_, err := run(t, flexieIs, "search_tasks", arguments)
		require.NoError(t, err)
		require.JSONEq(t, body, sent, arguments)
	}
}
