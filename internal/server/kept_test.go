package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/server"
	"flexie-mcp/internal/store/storetest"
)

// What is kept for callers is bounded, whatever they send.

// helloOf is an initialize of a client with this name.
func helloOf(name string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"elicitation":{},"experimental":{"a":{"b":%q}}},"clientInfo":{"name":%[1]q,"version":%[1]q}}}`, name)
}

// TestALongHello is refused, on either transport.
func TestALongHello(t *testing.T) {
	anna := limited(t, server.HTTPLimits{}).withKey("anna-key")
	_, messages := anna.sse(t)
	for _, path := range []string{"/mcp", messages} {
		response := post(t, anna.url+path, helloOf(strings.Repeat("n", 30<<10)), anna.headers)
		require.Equal(t, http.StatusBadRequest, response.StatusCode, path)
		require.Contains(t, bodyOf(t, response), "larger than 64 KiB", path)
		require.Less(t, post(t, anna.url+path, helloOf(strings.Repeat("n", 10<<10)), anna.headers).StatusCode, 300, path)
	}
}

// TestLittleIsKeptOfAHello: what names a client, and that it can ask its user.
func TestLittleIsKeptOfAHello(t *testing.T) {
	database := storetest.Postgres(t)
	url := replica(t, database, newWorkplace(t))
	require.Equal(t, http.StatusOK, post(t, url+"/mcp", helloOf("é"+strings.Repeat("n", 10<<10)), withKey(url, "anna").headers).StatusCode)
	var facts string
	storetest.Scan(t, database, &facts, `SELECT facts FROM http_session`)
	require.Contains(t, facts, `"é`+strings.Repeat("n", 199)+`"`)
	require.Contains(t, facts, `"elicitation"`)
	require.Less(t, len(facts), 1000)
}

// TestSessionsAreCountedTogether also when they are opened at the same time.
func TestSessionsAreCountedTogether(t *testing.T) {
	database, flexie := storetest.Postgres(t), newWorkplace(t)
	one, two := replica(t, database, flexie), replica(t, database, flexie)
	withKey(one, "anna").statusOf(t, one, "none") // which proves the key
	withKey(two, "anna").statusOf(t, two, "none")
	var all sync.WaitGroup
	var mu sync.Mutex
	by := map[int]int{}
	for range 10 {
		for _, url := range []string{one, two} {
			all.Go(func() {
				response, err := send(t.Context(), url+"/mcp", hello, withKey(url, "anna").headers)
				if err != nil {
					t.Error(err)
					return
				}
				response.Body.Close()
				mu.Lock()
				defer mu.Unlock()
				by[response.StatusCode]++
			})
		}
	}
	all.Wait()
	require.Equal(t, map[int]int{http.StatusOK: 3, http.StatusTooManyRequests: 17}, by)
}

// TestSubscriptionsAreBounded, in number and in length, in either era, however the
// method is written.
func TestSubscriptionsAreBounded(t *testing.T) {
	of := openOffice(t, nil)
	anna := of.withKey("anna-key")
	session := anna.session(t, `{}`)
	subscribe := func(method, uri string) string {
		return bodyOf(t, post(t, of.url+"/mcp", fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"%s","params":{"uri":%q}}`, method, uri), session))
	}
	long := "flexie://contacts/42?" + strings.Repeat("x", 2<<10)
	for _, method := range []string{"resources/subscribe", `resources\/subscribe`, `resources\u002fsubscribe`, `\u0072esources/subscribe`} {
		require.Contains(t, subscribe(method, long), "longer than 2048 bytes", method)
	}
	for i := range 1000 {
		require.Contains(t, subscribe("resources/subscribe", fmt.Sprintf("flexie://contacts/%d", i)), `"result"`)
	}
	require.Contains(t, subscribe("resources/subscribe", "flexie://contacts/1000"), "1000 addresses are subscribed to, which is the most")
	require.Contains(t, subscribe("resources/subscribe", "flexie://contacts/7"), `"result"`, "it is there")
	require.Contains(t, subscribe("resources/unsubscribe", "flexie://contacts/7"), `"result"`)
	require.Contains(t, subscribe("resources/subscribe", "flexie://contacts/1000"), `"result"`)

	wide := anna.session(t, `{}`)
	session = wide
	said := ""
	for i := range 200 {
		said = subscribe("resources/subscribe", fmt.Sprintf("flexie://contacts/%d?%s", i, strings.Repeat("x", 1<<10)))
	}
	require.Contains(t, said, "128 KiB together")

	listen := func(uris string) string {
		_, said := anna.rpc(t, "subscriptions/listen", "", `"notifications":{"resourceSubscriptions":[`+uris+`]}`)
		return said
	}
	require.Contains(t, listen(fmt.Sprintf("%q", long)), "longer than 2048 bytes")
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprintf(`"flexie://contacts/%d"`, i)
	}
	require.Contains(t, listen(strings.Join(many, ",")), "1000 addresses are subscribed to")
}

// TestStreamsHaveNoCallsOfTheirOwn: what came in on the older transport counts
// until it is answered, on all of a caller's streams together.
func TestStreamsHaveNoCallsOfTheirOwn(t *testing.T) {
	of := limited(t, server.HTTPLimits{InFlight: 3})
	anna := of.withKey("anna-key")
	_, one := anna.sse(t)
	_, two := anna.sse(t)
	anna.tools(t) // which proves the key
	call := func(path string) int {
		return post(t, of.url+path, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_contact","arguments":{"id":42}}}`, anna.headers).StatusCode
	}
	hold := make(chan struct{})
	of.acme.holdAll(hold)
	defer of.acme.holdAll(nil)
	for _, path := range []string{one, two, two} {
		require.Equal(t, http.StatusAccepted, call(path))
	}
	require.Equal(t, http.StatusTooManyRequests, call(one))
	require.Equal(t, http.StatusTooManyRequests, post(t, of.url+"/mcp", listTools, anna.headers).StatusCode)
	close(hold)
	require.Eventually(t, func() bool { return call(one) == http.StatusAccepted }, soon, time.Millisecond)

	for range 10 { // what is answered at once, or not at all, keeps no place
		for _, message := range []string{`{"jsonrpc":"2.0","method":"notifications/initialized"}`, `{"jsonrpc":"2.0","id":5,"result":{}}`, `{"id":6,"method":"ping"}`, `{"jsonrpc":"2.0","id":7,"method":"nosuch"}`,
			`{"jsonrpc":"2.0","id":8,"method":"resources/subscribe","params":{"uri":"` + strings.Repeat("x", 3000) + `"}}`} {
			require.Eventually(t, func() bool {
				return post(t, of.url+two, message, anna.headers).StatusCode == http.StatusAccepted
			}, soon, time.Millisecond, message)
		}
	}
}
