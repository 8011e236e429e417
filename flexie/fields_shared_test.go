package flexie

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"
)

// telling is a workspace that tells these fields.
func telling(fields string) transport {
	return func(r *http.Request) (*http.Response, error) {
		return respond(r, http.StatusOK, nil, strings.NewReader(fields)), nil
	}
}

func fieldsKnown(t *testing.T, c *Client) []Field {
	fields, err := c.Records(Contact, "").KnownFields(t.Context())
	require.NoError(t, err)
	return fields
}

// TestTheSameFieldsAreKeptOnce: two clients that are told the same have one list,
// and one that is told anything else has its own.
func TestTheSameFieldsAreKeptOnce(t *testing.T) {
	const told = `[{"alias":"stage","label":"Stage","type":"select","properties":{"list":"new|won"}}]`
	one, _ := learning(t, telling(told), KnowledgeOptions{})
	same, _ := learning(t, telling(told), KnowledgeOptions{})
	first, second := fieldsKnown(t, one), fieldsKnown(t, same)
	require.Equal(t, first, second)
	require.Same(t, unsafe.SliceData(one.Known().Fields(Contact, "")), unsafe.SliceData(same.Known().Fields(Contact, "")))

	for _, other := range []string{
		`[{"alias":"stage","label":"Stage","type":"select","properties":{"list":"new|lost"}}]`,
		`[{"alias":"stage","label":"Stage","type":"select","required":true,"properties":{"list":"new|won"}}]`,
		`[{"alias":"stage","label":"Phase","type":"select","properties":{"list":"new|won"}}]`,
	} {
		c, _ := learning(t, telling(other), KnowledgeOptions{})
		require.NotEqual(t, first, fieldsKnown(t, c))
		require.NotEqual(t, one.Known().Fields(Contact, ""), c.Known().Fields(Contact, ""))
	}
	require.Equal(t, []Option{{"new", "new"}, {"won", "won"}}, one.Known().Fields(Contact, "")[0].Options)
}

// TestFieldsThatWereKeptAreKeptOnceToo: those that an earlier run has left.
func TestFieldsThatWereKeptAreKeptOnceToo(t *testing.T) {
	var clients []*Client
	for range 2 {
		m := &memory{kept: map[string]KeptFields{fieldsKey(Contact, ""): {Fields: []Field{{Alias: "left_by_an_earlier_run"}}}}}
		c, _ := learning(t, telling(`[]`), KnowledgeOptions{Store: m})
		clients = append(clients, c)
	}
	require.Same(t, unsafe.SliceData(clients[0].Known().Fields(Contact, "")), unsafe.SliceData(clients[1].Known().Fields(Contact, "")))
}

// TestAListEndsWithThoseWhoHaveIt: nothing is kept for nobody.
func TestAListEndsWithThoseWhoHaveIt(t *testing.T) {
	all := &fieldLists{seed: toldFields.seed, had: map[uint64]weak.Pointer[fieldList]{}}
	list := all.one([]Field{{Alias: "email"}})
	key := all.hash(list.fields)
	kept := func() *fieldList {
		all.mu.Lock() // it is forgotten on the side
		defer all.mu.Unlock()
		return all.had[key].Value()
	}
	runtime.GC()
	require.NotNil(t, kept())
	runtime.KeepAlive(list)
	runtime.GC()
	require.Nil(t, kept())
	all.forget(key)
	all.mu.Lock()
	defer all.mu.Unlock()
	require.Empty(t, all.had)
}
