package tools_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIncludesAreReadSideBySide: the three and the record wait for each other
// at the server, which would never answer them one after the other.
func TestIncludesAreReadSideBySide(t *testing.T) {
	var waiting atomic.Int32
	all := make(chan struct{})
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		if waiting.Add(1) == 4 {
			close(all)
		}
		select {
		case <-all:
		case <-t.Context().Done():
		}
		if strings.HasSuffix(r.URL.Path, "/42") {
			return answering(200, `{"contact":{"id":42,"first_name":"Jane"}}`)(r)
		}
		return answering(200, `[{"id":1,"name":"VIP"}]`)(r)
	})
	text, err := run(t, flexieIs, "get_contact", `{"id":42,"include":["workflows","notes","lists","notes"]}`)
	require.NoError(t, err)
	require.Equal(t, "Contact 42: \"Jane\".\n\nid: 42\nfirst_name: Jane\n\nLists (1)\nid | name\n1 | VIP\n\nNotes (1)\nid | name\n1 | VIP\n\nWorkflows (1)\nid | name\n1 | VIP", text)
}

func TestAMissingPartLeavesTheRest(t *testing.T) {
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/notes"):
			return answering(403, `{"error":{"message":"You may not see notes","code":403}}`)(r)
		case strings.HasSuffix(r.URL.Path, "/lists"):
			return answering(200, `{"total":0,"lists":[]}`)(r)
		}
		return answering(200, `{"contact":{"id":42,"first_name":"Jane"}}`)(r)
	})
	text, err := run(t, flexieIs, "get_contact", `{"id":42,"include":["notes","lists"]}`)
	require.NoError(t, err)
	require.Equal(t, "Contact 42: \"Jane\".\n\nid: 42\nfirst_name: Jane\n\nLists (0)\n\nNotes could not be read\n\"You may not see notes\" (HTTP 403).", text)
}

func TestWithoutTheRecordThereIsNothing(t *testing.T) {
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/notes") {
			return answering(200, `[]`)(r)
		}
		return answering(404, `{}`)(r)
	})
	_, err := run(t, flexieIs, "get_contact", `{"id":42,"include":["notes"]}`)
	require.ErrorContains(t, err, "search_contacts finds ids")
}
