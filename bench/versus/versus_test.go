package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/bench/internal/process"
	"flexie-mcp/bench/internal/workspace"
	"flexie-mcp/flexie"
)

// TestMain has the test program be the workspace, too.
func TestMain(m *testing.M) {
	if os.Getenv(process.RoleVariable) == asWorkspace {
		go process.Obey()
		workspace.Serve()
		return
	}
	os.Exit(m.Run())
}

// TestTable makes a short run without the gateway.
func TestTable(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds two programs, and measures them")
	}
	r, err := measureAll(t.Context(), options{quick: true})
	require.NoError(t, err)

	for _, f := range r.Findings {
		if len(f.Cells) > 0 {
			require.Contains(t, f.Cells, oursName, f.What)
			if f.Key != "" && f.Key != "p50" && f.Key != "p99" { // a short run's differences of times, and quotients of those, can be of either sign
				require.Positive(t, f.Cells[oursName].Median, f.What)
			}
		}
		require.NotContains(t, f.Cells, gatewayName)
	}
	for _, key := range []string{"start", "idle", "after", "calls", "cpu", "p50", "p99", "list core", "list all", "thirty", "one", "error", "reach"} {
		_, found := r.named(key)
		require.True(t, found, key)
	}
	reach, _ := r.named("reach")
	require.Equal(t, "met", reach.verdict())
	require.EqualValues(t, len(flexie.Endpoints), reach.Cells[bareName].Median)

	var out strings.Builder
	require.NoError(t, r.print(&out, map[string]string{gatewayName: "not measured: no Node"}))
	require.Regexp(t, `(?m)^what +flexie-mcp +bare +gateway +goal *$`, out.String())
	require.Regexp(t, `(?m)^from start to first tools/list, ms +\d.* not measured: no Node`, out.String())
	requirePictures(t, r)
}

// requirePictures draws what was measured, as it is read again.
func requirePictures(t *testing.T, r report) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data.json")
	require.NoError(t, r.write(data))
	again, err := readReport(data)
	require.NoError(t, err)
	require.Equal(t, r, again)
	require.NoError(t, again.draw(dir))
	for _, p := range drawn {
		require.FileExists(t, filepath.Join(dir, p.file))
	}
}

func TestEveryEndpointIsOnThePage(t *testing.T) {
	page, err := readPage("../..")
	require.NoError(t, err)
	named := map[string]bool{}
	for _, o := range page {
		e, found := endpointOf(o.Method, o.path())
		require.True(t, found, o.Path)
		named[e.Name] = true
	}
	require.Len(t, named, len(flexie.Endpoints))
}

func TestEndpointOf(t *testing.T) {
	for request, name := range map[string]string{
		"GET /contacts/42":                  "contacts.get",
		"PUT /contacts/edit":                "contacts.edit",
		"GET /contacts/list/fields":         "contacts.fields",
		"GET /cases/replies/REF-1042":       "cases.replies_by_identifier",
		"GET /cases/42/replies":             "cases.replies",
		"DELETE /ce/subscriptions/42":       "custom_records.delete",
		"POST /ce/subscriptions/new":        "custom_records.create",
		"GET /ce/subscriptions/list/fields": "custom_records.fields",
	} {
		method, path, _ := strings.Cut(request, " ")
		e, found := endpointOf(method, path)
		require.True(t, found, request)
		require.Equal(t, name, e.Name, request)
	}
	_, found := endpointOf("GET", "/nothing")
	require.False(t, found)
}

func TestDocument(t *testing.T) {
	page, err := readPage("../..")
	require.NoError(t, err)
	data, err := document(page)
	require.NoError(t, err)
	var made struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Schema   struct{ Type string }
			}
			RequestBody struct {
				Content map[string]struct{ Schema json.RawMessage }
			}
		}
	}
	require.NoError(t, json.Unmarshal(data, &made))
	add := made.Paths["/contact/lists/{id}/add/{entityId}"]["post"]
	require.Len(t, add.Parameters, 2)
	require.Equal(t, "integer", add.Parameters[0].Schema.Type)
	require.Len(t, made.Paths["/contacts"]["get"].Parameters, 2)
	require.JSONEq(t, `{"type":"object","properties":{"text":{"type":"string"}}}`,
		string(made.Paths["/cases/{id}/replies"]["post"].RequestBody.Content["application/json"].Schema))
}

func TestGoals(t *testing.T) {
	require.Equal(t, "met", atMost("of the bare one's", measure.Rounds{1, 1.5}, 1.5)[0].verdict())
	require.Equal(t, "MISSED", atLeast("of the bare one's", measure.Rounds{0.8}, 0.9)[0].verdict())
	require.Empty(t, atLeast("of the gateway's", over(measure.Rounds{1}, nil), 8))
	require.Empty(t, finding{}.verdict())
}

func TestThousands(t *testing.T) {
	require.Equal(t, "300", thousands(300))
	require.Equal(t, "100,000", thousands(100_000))
	require.Equal(t, "13,000", thousands(13_000))
}
