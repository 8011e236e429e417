package chaos_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chaos"
)

// asked are the names of what a rule says to requests, in order.
func asked(t *testing.T, rule chaos.Rule, requests ...string) string {
	t.Helper()
	var names []string
	for _, line := range requests {
		f := rule(request(t, line))
		names = append(names, f.String())
	}
	return strings.Join(names, " ")
}

// request makes one of "GET /contacts".
func request(t *testing.T, line string) *http.Request {
	t.Helper()
	method, path, _ := strings.Cut(line, " ")
	r, err := http.NewRequest(method, "https://flexie.invalid/api"+path, strings.NewReader("body"))
	require.NoError(t, err)
	return r
}

func TestRules(t *testing.T) {
	const read, search, write = "GET /contacts/1", "POST /contacts", "PUT /contacts/1"
	for name, test := range map[string]struct {
		rule chaos.Rule
		want string
	}{
		"always":   {chaos.Always(chaos.Refused), "refused refused refused refused"},
		"sequence": {chaos.Sequence(chaos.TooMany, chaos.None, chaos.Refused), "429  refused "},
		"nth":      {chaos.Nth(3, chaos.Refused), "  refused "},
		"writes":   {chaos.When(chaos.Writes, chaos.Always(chaos.Refused)), "  refused refused"},
		"reads":    {chaos.When(chaos.Reads, chaos.Always(chaos.Refused)), "refused refused  "},
		"any":      {chaos.When(chaos.Any, chaos.Nth(1, chaos.Refused)), "refused   "},
		"2nd":      {chaos.When(chaos.Writes, chaos.Nth(2, chaos.Refused)), "   refused"},
		"to":       {chaos.When(chaos.To("contacts.get", "contacts.filter"), chaos.Always(chaos.Drip)), "drip drip  "},
		"first of": {chaos.FirstOf(chaos.Nth(1, chaos.Drip), chaos.When(chaos.Writes, chaos.Always(chaos.Huge))), "drip  huge huge"},
	} {
		require.Equal(t, test.want, asked(t, test.rule, read, search, write, write), name)
	}
	require.Panics(t, func() { chaos.To("contacts.creat") })
}

func TestRandom(t *testing.T) {
	draw := func(seed uint64) map[chaos.Fault]int {
		counts := map[chaos.Fault]int{}
		rule := chaos.Random(seed, chaos.Rate{Fault: chaos.ResetAfter, Share: 0.3}, chaos.Rate{Fault: chaos.TooMany, Share: 0.1})
		for range 10_000 {
			counts[rule(nil)]++
		}
		return counts
	}
	require.Equal(t, draw(7), draw(7))
	require.NotEqual(t, draw(7), draw(8))
	require.InDelta(t, 3000, draw(7)[chaos.ResetAfter], 200)
	require.InDelta(t, 1000, draw(7)[chaos.TooMany], 200)
	always := chaos.Random(1, chaos.Rate{Fault: chaos.Drip, Share: 1})
	for range 1000 {
		require.Equal(t, chaos.Drip, always(nil))
	}
}

// TestEveryEndpointIsKnown: a request to any endpoint is told for what it is.
func TestEveryEndpointIsKnown(t *testing.T) {
	fill := strings.NewReplacer("{id}", "1", "{entityId}", "2", "{entityType}", "contact", "{tableName}", "a b", "{identifier}", "REF%2F1")
	for _, e := range flexie.Endpoints {
		r := request(t, e.Method+" "+strings.ReplaceAll(fill.Replace(e.Path), " ", "%20")+"?limit=1")
		got, ok := chaos.EndpointOf(r)
		require.True(t, ok, e.Name)
		require.Equal(t, e.Name, got.Name)
		require.Equal(t, e.Writes(), chaos.Writes(r), e.Name)
		require.Equal(t, !e.Writes(), chaos.Reads(r))
	}
	for _, line := range []string{"GET /nothing", "PATCH /contacts/1", "GET /contacts/1/2/3", "GET "} {
		_, ok := chaos.EndpointOf(request(t, line))
		require.False(t, ok, line)
	}
	require.True(t, chaos.Writes(request(t, "POST /nothing")))
	require.False(t, chaos.Writes(request(t, "GET /nothing")))
}

// A rule may read the body: the workspace has it all the same.
func TestRulesMayReadTheBody(t *testing.T) {
	b := inMemory(t, openBox(t), func(r *http.Request) chaos.Fault {
		body, err := io.ReadAll(r.Body)
		if err == nil && strings.Contains(string(body), "Delft") {
			return chaos.ResetAfter
		}
		return chaos.None
	})
	defer b.Close()
	require.Error(t, b.move(patient).err)
	require.True(t, b.moved())
	require.Equal(t, 200, b.call(patient, "PUT", "/contacts/1", `{"city":"Bergen"}`).status)
}
