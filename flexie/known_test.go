package flexie

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// memory is a FieldStore that lasts as long as a test.
type memory struct {
	mu   sync.Mutex
	kept map[string]KeptFields
	read int
}

func (m *memory) Load() map[string]KeptFields {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read++
	return m.kept
}

func (m *memory) Save(key string, kept KeptFields) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[string]KeptFields{}
	}
	m.kept[key] = kept
}

// learning is a client whose knowledge is kept in a store, and how often that
// changed.
func learning(t testing.TB, f transport, o KnowledgeOptions) (*Client, *atomic.Int32) {
	k := NewKnowledge(o)
	c, err := New(Options{BaseURL: "https://acme.flexie.io/api", Auth: APIKey(testKey), Transport: f, Knowledge: k})
	require.NoError(t, err)
	changes := new(atomic.Int32)
	k.Watch(func() { changes.Add(1) })
	return c, changes
}

func aliasesOf(fields []Field) (all []string) {
	for _, f := range fields {
		all = append(all, f.Alias)
	}
	return all
}

// TestTheNextStartKnows: what one run has read, the next one describes by,
// however old; it checks by it only as long as the first would have.
func TestTheNextStartKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		var m memory
		first, _ := learning(t, counting(&asked, nil), KnowledgeOptions{Store: &m})
		require.Empty(t, first.Known().Fields(Contact, ""))
		_, err := first.Records(Contact, "").Search(t.Context(), byAmount)
		require.NoError(t, err)
		want := first.Known().Fields(Contact, "")
		require.NotEmpty(t, want)

		time.Sleep(fieldsLifetime - time.Second)
		second, changes := learning(t, counting(&asked, nil), KnowledgeOptions{Store: &m})
		require.Equal(t, want, second.Known().Fields(Contact, ""))
		for range 2 {
			_, err = second.Records(Contact, "").Search(t.Context(), byAmount)
			require.NoError(t, err)
			require.EqualValues(t, 1, asked.Load())
		}
		time.Sleep(time.Second)
		_, err = second.Records(Contact, "").Search(t.Context(), byAmount)
		require.NoError(t, err)
		require.EqualValues(t, 2, asked.Load(), "no longer than the first would have believed it")

		time.Sleep(1000 * time.Hour)
		third, _ := learning(t, counting(&asked, nil), KnowledgeOptions{Store: &m})
		require.Equal(t, want, third.Known().Fields(Contact, ""))
		require.Zero(t, changes.Load(), "it was the same each time")
		require.Equal(t, 3, m.read, "once a run")
	})
}

// TestTheClockWasSetBack: what was read in the future is not believed for years.
func TestTheClockWasSetBack(t *testing.T) {
	var asked atomic.Int32
	m := memory{kept: map[string]KeptFields{"contact/": {Fields: []Field{{Alias: "old"}}, Read: time.Now().Add(time.Hour)}}}
	c, _ := learning(t, counting(&asked, nil), KnowledgeOptions{Store: &m})
	_, err := c.Records(Contact, "").Search(t.Context(), byAmount)
	require.NoError(t, err)
	require.EqualValues(t, 1, asked.Load())
}

// TestAChangeIsNoticed once, whoever asked, and nothing else is a change.
func TestAChangeIsNoticed(t *testing.T) {
	body := `[{"alias":"a"}]`
	c, changes := learning(t, func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, http.Header{}, strings.NewReader(body)), nil
	}, KnowledgeOptions{Store: &memory{}})
	contacts := c.Records(Contact, "")
	for _, step := range []struct {
		body    string
		known   []string
		changes int32
	}{
		{`[{"alias":"a"}]`, []string{"a"}, 1},
		{`[{"alias":"a"}]`, []string{"a"}, 1},
		{`[{"alias":"a"},{"alias":"b"}]`, []string{"a", "b"}, 2},
		{`[{"alias":"b"},{"alias":"a"}]`, []string{"b", "a"}, 3},
		{`[]`, []string{"b", "a"}, 3}, // tells nothing
	} {
		body = step.body
		_, err := contacts.Fields(t.Context())
		require.NoError(t, err)
		require.Equal(t, step.known, aliasesOf(c.Known().Fields(Contact, "")))
		require.Equal(t, step.changes, changes.Load(), step.body)
	}
	require.Empty(t, c.Known().Fields(Lead, ""))
	require.Empty(t, c.Known().Tables())
}

// TestFieldsThatAreNotTold leave what is known as it was.
func TestFieldsThatAreNotTold(t *testing.T) {
	m := memory{kept: map[string]KeptFields{"contact/": {Fields: []Field{{Alias: "a"}}}}}
	c, changes := learning(t, func(r *http.Request) (*http.Response, error) {
		return respond(r, 403, http.Header{}, strings.NewReader(`{}`)), nil
	}, KnowledgeOptions{Store: &m})
	_, err := c.Records(Contact, "").knownFields(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, aliasesOf(c.Known().Fields(Contact, "")))
	require.Zero(t, changes.Load())
}

// TestTablesThatWereUsed are known from then on, those that were only tried not.
func TestTablesThatWereUsed(t *testing.T) {
	tables := map[string]string{"boats": `{"7":{"id":7}}`, "empty": `{"total":0,"records":[]}`, "cars": `{"id":7}`}
	var m memory
	o := KnowledgeOptions{Tables: []string{"trucks", "boats", "trucks"}, Store: &m}
	c, changes := learning(t, func(r *http.Request) (*http.Response, error) {
		table := strings.Split(r.URL.Path, "/")[3]
		status := 200
		if tables[table] == "" {
			status = 404
		}
		return respond(r, status, http.Header{}, strings.NewReader(tables[table])), nil
	}, o)
	require.Equal(t, []string{"trucks", "boats"}, c.Known().Tables())
	search := func(table string) {
		_, _ = c.Records(CustomRecord, table).Search(t.Context(), Query{Search: "x"})
	}
	search("boats")
	search("empty")
	search("none")
	require.Equal(t, []string{"trucks", "boats"}, c.Known().Tables())
	require.Zero(t, changes.Load())

	for range 2 {
		_, err := c.Records(CustomRecord, "cars").Get(t.Context(), 7)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"trucks", "boats", "cars"}, c.Known().Tables())
	require.EqualValues(t, 1, changes.Load())
	again, _ := learning(t, nil, KnowledgeOptions{Store: &m})
	require.Equal(t, []string{"cars"}, again.Known().Tables(), "the settings have the others")

	c.knowledge.learn("custom_record/cars", []Field{{Alias: "a"}})
	c.knowledge.take("custom_record/cars", KeptFields{}) // as if used just before that
	require.Equal(t, []string{"a"}, aliasesOf(c.Known().Fields(CustomRecord, "cars")))
	require.Equal(t, []string{"a"}, aliasesOf(m.kept["custom_record/cars"].Fields))
}

// TestClosedKnowledge keeps to the tables of the settings.
func TestClosedKnowledge(t *testing.T) {
	var asked atomic.Int32
	m := memory{kept: map[string]KeptFields{"contact/": {Fields: []Field{{Alias: "a"}}}}}
	c, changes := learning(t, counting(&asked, nil), KnowledgeOptions{Tables: []string{"boats"}, Store: &m, Closed: true})
	_, err := c.Records(CustomRecord, "cars").Search(t.Context(), byAmount)
	require.NoError(t, err)
	require.Equal(t, []string{"boats"}, c.Known().Tables())
	require.Empty(t, c.Known().Fields(Contact, ""))
	require.Empty(t, c.Known().Fields(CustomRecord, "cars"))
	require.Zero(t, changes.Load())
	require.Len(t, m.kept, 1)
}

// TestNobodyKnows: there need not be any knowledge, nor a client.
func TestNobodyKnows(t *testing.T) {
	var nobody *Client
	for _, c := range []*Client{nobody, {}} {
		require.Empty(t, c.Known().Fields(Contact, ""))
		require.Empty(t, c.Known().Tables())
	}
}

// TestManyLearnAtOnce is for the race detector.
func TestManyLearnAtOnce(t *testing.T) {
	c, _ := learning(t, counting(new(atomic.Int32), func(context.Context) {}), KnowledgeOptions{Store: &memory{}})
	var calls sync.WaitGroup
	for i := range 40 {
		calls.Go(func() {
			_, err := c.Records(Kinds[i%len(Kinds)], "boats").Fields(t.Context())
			require.NoError(t, err)
			c.Known().Tables()
			c.knowledge.used(CustomRecord, "cars")
			c.knowledge.Watch(func() {})
		})
	}
	calls.Wait()
	require.Equal(t, []string{"boats", "cars"}, c.Known().Tables())
}
