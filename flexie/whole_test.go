package flexie

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// paged answers with a list of n, thirty at a time, as lists do that take a
// start; or always with the first page.
func paged(n int, takesStart bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start, _ := strconv.Atoi(r.URL.Query().Get("start"))
		if !takesStart {
			start = 0
		}
		var items []string
		for id := start + 1; id <= min(n, start+30); id++ {
			items = append(items, fmt.Sprintf(`{"id":%d,"text":"reply %[1]d"}`, id))
		}
		fmt.Fprintf(w, `{"total":%d,"replies":[%s]}`, n, strings.Join(items, ","))
	}
}

// TestAWholeConversationIsRead: what is on the second page counts as well, when it
// is looked for a reply whose answer was lost.
func TestAWholeConversationIsRead(t *testing.T) {
	for _, test := range []struct {
		n          int
		takesStart bool
		read       int
		more       bool
	}{
		{0, true, 0, false}, {29, true, 29, false}, {30, true, 30, false}, {31, true, 31, false}, {95, true, 95, false},
		{95, false, 30, true}, {30, false, 30, false}, {5000, true, 1020, true},
	} {
		server := httptest.NewServer(paged(test.n, test.takesStart))
		c, err := New(Options{BaseURL: server.URL})
		require.NoError(t, err)
		page, err := c.CaseReplies(context.Background(), CaseRef{ID: 1})
		server.Close()
		require.NoError(t, err)
		require.Len(t, page.Records, test.read, "%+v", test)
		require.Equal(t, test.more, page.More() > 0, "%+v", test)
	}
}

// TestNoHTTP2: net/http repeats requests over HTTP/2 by itself, writes too.
func TestNoHTTP2(t *testing.T) {
	var proto atomic.Value
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proto.Store(r.Proto)
		fmt.Fprint(w, `{"note":{"id":1}}`)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	transport := Ordinary().Clone()
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	transport.TLSClientConfig.NextProtos = nil
	c, err := New(Options{BaseURL: server.URL, Transport: transport})
	require.NoError(t, err)
	require.NoError(t, c.DeleteNote(context.Background(), 1))
	require.Equal(t, "HTTP/1.1", proto.Load())
}
