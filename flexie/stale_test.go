package flexie

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// changing is a workspace that lists its fields otherwise each time, and
// refuses what does not name the last of these.
func changing(fields ...string) http.HandlerFunc {
	asked := 0
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/list/fields"):
			asked++
			answering(200, fields[min(asked, len(fields))-1])(w, r)
		case asked < len(fields):
			answering(400, `{"error":{"message":"Unknown field","code":400}}`)(w, r)
		default:
			answering(200, `{"success":1,"total":0}`)(w, r)
		}
	}
}

const (
	townNow  = `[{"alias":"town","label":"City","type":"text"}]`
	townThen = `[{"alias":"city","label":"City","type":"text"}]`
)

func lines(r *recorder) (all []string) {
	for _, got := range r.requests() {
		all = append(all, got.method+" "+strings.TrimPrefix(got.path, "/api"))
	}
	return all
}

var inLeeds = Query{Filters: []Filter{{"City", "is", "Leeds"}}}

// TestAFieldThatWasRenamed: a search finds it by its label all the same.
func TestAFieldThatWasRenamed(t *testing.T) {
	r := record(t, changing(townThen, townNow))
	_, err := r.client(t).Records(Contact, "").Search(t.Context(), inLeeds)
	require.NoError(t, err)
	require.Equal(t, []string{"GET /contacts/list/fields", "POST /contacts", "GET /contacts/list/fields", "POST /contacts"}, lines(r))
	require.Contains(t, r.last(t).body, `"alias":"town"`)
}

func TestAFieldThatIsGone(t *testing.T) {
	r := record(t, changing(townThen, `[{"alias":"name","label":"Name"}]`))
	_, err := r.client(t).Records(Contact, "").Search(t.Context(), inLeeds)
	require.ErrorContains(t, err, `contacts have no field "City"`)
	require.Len(t, lines(r), 3)
}

// TestARefusalThatStands: the same query is not sent twice, nor one without
// filters, and a refusal is told where the fields can't be read.
func TestARefusalThatStands(t *testing.T) {
	r := record(t, changing(townThen, townThen, townThen))
	contacts := r.client(t).Records(Contact, "")
	_, err := contacts.Search(t.Context(), inLeeds)
	require.ErrorContains(t, err, "Unknown field")
	require.Len(t, lines(r), 3)
	_, err = contacts.Search(t.Context(), Query{Search: "x"})
	require.ErrorContains(t, err, "Unknown field")
	require.Len(t, lines(r), 4)

	r = record(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		_, _ = io.WriteString(w, `{"error":{"message":"No","code":400}}`)
	})
	_, err = r.client(t).Records(Contact, "").Search(t.Context(), inLeeds)
	require.ErrorContains(t, err, `"No" (HTTP 400)`)
}

// TestARefusedWriteIsNotRepeated: but the next one knows better.
func TestARefusedWriteIsNotRepeated(t *testing.T) {
	r := record(t, changing(townThen, townNow))
	contacts := r.client(t).Records(Contact, "")
	write := func() error {
		values, err := contacts.Check(t.Context(), object(t, `{"City":"Leeds"}`), true)
		require.NoError(t, err)
		_, err = contacts.Create(t.Context(), values)
		return err
	}
	require.ErrorContains(t, write(), "Unknown field")
	require.Equal(t, []string{"GET /contacts/list/fields", "POST /contacts/new", "GET /contacts/list/fields"}, lines(r))
	require.NoError(t, write())
	require.JSONEq(t, `{"town":"Leeds"}`, r.last(t).body)
}
