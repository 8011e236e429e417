package tools_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

// now is a moment at the workspace.
var now = time.Date(2026, 6, 22, 9, 0, 0, 0, time.UTC)

// inBelgrade is a Flexie whose user is there, with a list of tasks.
func inBelgrade(tasks string) transport {
	return func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/api/users/self" {
			return answering(200, `{"user":{"id":1,"timezone":"Europe/Belgrade"}}`)(r)
		}
		return answering(200, tasks)(r)
	}
}

func runAt(t *testing.T, flexieIs transport, name, arguments string) string {
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Transport: flexieIs, Now: func() time.Time { return now }})
	require.NoError(t, err)
	for _, tool := range tools.All() {
		if tool.Name == name {
			answer, err := tool.Run(t.Context(), trusted(t, c), json.RawMessage(arguments))
			require.NoError(t, err)
			return unfenced(answer.Text())
		}
	}
	t.Fatalf("no tool %s", name)
	return ""
}

// TestOverdue: by how much a task is late, on the workspace's clock.
func TestOverdue(t *testing.T) {
	text := runAt(t, inBelgrade(`[
		{"id":1,"task":"a","due_date":"2026-06-19T08:00:00+00:00","is_completed":false},
		{"id":2,"task":"b","due_date":"2026-06-21 09:00:00","is_completed":0},
		{"id":3,"task":"c","due_date":"2026-06-22T06:30:00Z"},
		{"id":4,"task":"d","due_date":"2026-06-22 08:59:00","is_completed":"0"},
		{"id":5,"task":"e","due_date":"2026-06-22 09:00:00","is_completed":false},
		{"id":6,"task":"f","due_date":"2026-06-19 08:00:00","is_completed":true},
		{"id":7,"task":"g","due_date":"2026-06-19 08:00:00","is_completed":"1"},
		{"id":8,"task":"h","due_date":null}]`), "search_tasks", `{}`)
	require.Equal(t, `8 tasks. Times: Europe/Belgrade.

id | task | due_date | overdue | is_completed
1 | a | 2026-06-19 10:00 | 3 days | false
2 | b | 2026-06-21 11:00 | 1 day | 0
3 | c | 2026-06-22 08:30 | 2 hours | 
4 | d | 2026-06-22 10:59 | 1 minute | 0
5 | e | 2026-06-22 11:00 |  | false
6 | f | 2026-06-19 10:00 |  | true
7 | g | 2026-06-19 10:00 |  | 1
8 | h |  |  | `, text)
	require.Contains(t, runAt(t, inBelgrade(`{"task":{"id":1,"due_date":"2026-06-01 09:00:00"}}`), "get_task", `{"id":1}`), "overdue: 21 days")
}

// TestTimesGoOutInUTC and are read where the user is.
func TestTimesGoOutInUTC(t *testing.T) {
	for _, test := range []struct{ tool, arguments, sends string }{
		{"create_task", `{"task":"Call","due_date":"2026-06-25 14:00"}`, `{"task":"Call","due_date":"2026-06-25 12:00"}`},
		{"update_task", `{"id":1,"due_date":"2026-06-25T14:00:00Z"}`, `{"due_date":"2026-06-25 14:00"}`},
		{"add_note", `{"entity_type":"contact","entity_id":1,"text":"x","datetime":"2026-06-23T14:00"}`, `{"text":"x","datetime":"2026-06-23T12:00:00+00:00"}`},
		{"search_tasks", `{"filters":[{"field":"due_date","op":"between","value":"2026-06-22|2026-06-22 18:00"}]}`, `"input":["2026-06-22","2026-06-22 16:00:00"]`},
	} {
		var requests []string
		answer := `{"success":1}`
		if test.tool == "search_tasks" {
			answer = `[]`
		}
		if test.tool == "update_task" {
			answer = `{"task":{"id":1}}`
		}
		runAt(t, recording(&requests, inBelgrade(answer)), test.tool, test.arguments)
		require.Contains(t, strings.Join(requests, "\n"), test.sends)
	}
}

// TestTheZoneIsAskedForOnlyToShowTimes: a search without times is one request.
func TestTheZoneIsAskedForOnlyToShowTimes(t *testing.T) {
	var requests []string
	runAt(t, recording(&requests, inBelgrade(`[{"id":1,"task":"a"}]`)), "search_tasks", `{}`)
	require.Len(t, requests, 1)
}
