package tools_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flexie-mcp/tools"
)

// reaching are the tools that reach all, made once: they index what they find.
var reaching = tools.Discover(tools.All())

// find is what find_tools says, and which tools it names, the best first.
func find(t *testing.T, arguments string) (text string, names []string) {
	answer, err := runOf(t, unasked(t), reaching, "find_tools", arguments)
	require.NoError(t, err)
	for _, part := range answer.Parts {
		if name, _, titled := strings.Cut(part.Title, ":"); titled {
			names = append(names, name)
		}
	}
	return answer.Text(), names
}

// TestFindToolsMeans asks in people's words. The figures are what was measured:
// mend what makes them fall.
func TestFindToolsMeans(t *testing.T) {
	for _, test := range []struct {
		file                string
		all, first, inThree int
	}{
		{"queries.tsv", 84, 82, 84},
		{"queries-unseen.tsv", 42, 32, 38},
	} {
		t.Run(test.file, func(t *testing.T) {
			var all, first, inThree int
			for question, want := range questions(t, test.file) {
				_, names := find(t, fmt.Sprintf(`{"query":%q,"limit":3}`, question))
				at := slices.Index(names, want)
				all++
				switch {
				case at == 0:
					first, inThree = first+1, inThree+1
				case at > 0:
					inThree++
				}
				if at != 0 {
					t.Logf("%q: wanted %s, got %v", question, want, names)
				}
			}
			t.Logf("first: %d of %d, in the first three: %d", first, all, inThree)
			require.Equal(t, test.all, all)
			require.GreaterOrEqual(t, first, test.first)
			require.GreaterOrEqual(t, inThree, test.inThree)
		})
	}
}

// questions reads a file of questions and the tools that answer them.
func questions(t *testing.T, file string) map[string]string {
	data, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	wanted := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if question, tool, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			require.Contains(t, tools.Names(tools.All()), tool)
			wanted[question] = tool
		}
	}
	return wanted
}

// TestFindToolsByName: a tool's own name and title find it first.
func TestFindToolsByName(t *testing.T) {
	for _, tool := range tools.All() {
		for _, query := range []string{tool.Name, tool.Title, strings.ToUpper(tool.Name)} {
			_, names := find(t, fmt.Sprintf(`{"query":%q}`, query))
			require.NotEmpty(t, names, query)
			require.Equal(t, tool.Name, names[0], query)
		}
	}
}

func TestFindToolsSaysHowToCall(t *testing.T) {
	text, _ := find(t, `{"query":"what deals are there","limit":2}`)
	require.Equal(t, `Tools for "what deals are there", the best first. Those marked read run by run_tool, the others by run_write_tool.

search_deals: Search deals (read)
Find deals (sales opportunities in a pipeline) by text, filters and order. Returns a table and the total. get_deal reads one in full.
search string: Text in any field.
filters list of {field, op, value}: All must hold.
order_by string: Field alias, e.g. date_modified.
order asc|desc
start integer: How many to skip.
limit integer 1..200: Default 30, at most 200.
columns list of string: Field aliases.
chart boolean: Sum up by stage, with picture.

get_deal: Get deal (read)
Read all fields of one deal by id. Notes, lists and workflows come only with include.
id integer required
include list of notes|lists|workflows: What else to read with it.

Each of filters is an object of
field string required
op is|is_not|contains|not_contains|starts_with|ends_with|gt|gte|lt|lte|between|in|not_in|empty|not_empty required
value string: Dates like 2026-06-30; several as a|b.`, text)

	text, _ = find(t, `{"query":"who am I","limit":1}`)
	require.Equal(t, `The tool for "who am I". Those marked read run by run_tool, the others by run_write_tool.

get_current_user: Get current user (read)
Say whose credential this is: "me", e.g. for an owner_id.
(no arguments)`, text)

	text, names := find(t, `{"query":"find people, companies and deals","limit":10}`)
	require.Greater(t, len(names), 5)
	require.Equal(t, 1, strings.Count(text, "not_contains"), "what filters are is said once")
}

func TestFindToolsWithoutAQuestion(t *testing.T) {
	for _, arguments := range []string{``, `{}`, `{"query":""}`, `{"query":" "}`} {
		text, _ := find(t, arguments)
		require.True(t, strings.HasPrefix(text, fmt.Sprintf("%d tools. ", len(tools.All()))), text)
		require.Contains(t, text, "\nforms: search_forms get_form\n")
		for _, tool := range tools.All() {
			require.Contains(t, text, tool.Name)
		}
	}
}

// TestNothingFits: an assistant is told so, rather than be given what is least
// wrong.
func TestNothingFits(t *testing.T) {
	for _, query := range []string{
		"asdf qwer", "weather in Paris tomorrow", "play some music", "what is 2+2", "42", "?", "the", "日本",
		"translate this to French", "create a playlist", "order a pizza", "send money", "delete everything",
		"search the web", "run SQL", "write a poem", "convert 5 dollars to euros",
	} {
		text, names := find(t, fmt.Sprintf(`{"query":%q}`, query))
		require.Empty(t, names, query)
		require.True(t, strings.HasPrefix(text, fmt.Sprintf("No tool fits %q. These are all %d.", query, len(tools.All()))), text)
		require.Contains(t, text, "search_contacts", query)
	}
}

// TestFindToolsFindsWhatIsAllowed, offered or not, and never itself.
func TestFindToolsFindsWhatIsAllowed(t *testing.T) {
	picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"discover"}, Exclude: []string{"search_deals"}, ReadOnly: true})
	require.NoError(t, err)
	for arguments, not := range map[string]string{
		`{"query":"delete a contact"}`: "delete_contact:", `{"query":"search deals"}`: "search_deals:", `{"query":"run a tool"}`: "run_tool:",
		`{}`: "delete_contact",
	} {
		answer, err := runOf(t, unasked(t), picked, "find_tools", arguments)
		require.NoError(t, err)
		require.NotContains(t, answer.Text(), not, arguments)
	}
	answer, err := runOf(t, unasked(t), picked, "find_tools", `{"query":"roles"}`)
	require.NoError(t, err)
	require.Contains(t, answer.Text(), "get_role: Get role (read)")
}

func TestFindToolsTakesAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		query := rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-z']{0,9} ){0,6}`)).Draw(t, "query")
		_, err := reaching[0].Run(t.Context(), tools.Caller{}, quoted(t, query))
		require.NoError(t, err)
	})
}

func quoted(t require.TestingT, query string) json.RawMessage {
	data, err := json.Marshal(map[string]string{"query": query})
	require.NoError(t, err)
	return data
}
