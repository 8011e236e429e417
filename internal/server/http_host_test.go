package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/server"
)

// TestAnAreaThatWasLeftOut: the answer says that the person can choose it, and not so
// where it is the address that leaves it out.
func TestAnAreaThatWasLeftOut(t *testing.T) {
	a, flexie := &assistants{grants: grants{}, key: "annas-key"}, newWorkplace(t)
	a.urls[0] = a.serves(t, "", flexie)
	cases := a.at(0, "cases")
	require.Contains(t, cases.call(t, "get_contact", `{"id":42}`), "get_contact is not allowed here: whoever connected this assistant left the area contacts out; they can connect it again")
	require.Contains(t, a.at(0, "desk").at("/mcp/x/cases").call(t, "get_contact", `{"id":42}`), "this connection is limited to other tools")
}

// TestTheNameThatAProxyPassesOn: a proxy on this machine passes on the name that
// people use. It is let through to the answer, on each transport, and no other is.
func TestTheNameThatAProxyPassesOn(t *testing.T) {
	of := openOffice(t, func(d *server.Door) { d.Host = "mcp.example.com" })
	for host, refused := range map[string]bool{
		"mcp.example.com": false, "MCP.example.com:8443": false, "localhost:8080": false, "127.0.0.1": false,
		"evil.example": true, "mcp.example.com.evil.example": true, "evil.example:8443": true,
	} {
		t.Run(host, func(t *testing.T) {
			anna := of.withKey("anna-key")
			anna.headers["Host"] = host
			if refused {
				for _, path := range []string{"/mcp", "/message?sessionId=x"} {
					require.Equal(t, http.StatusForbidden, post(t, of.url+path, hello, anna.headers).StatusCode, path)
				}
				response, _ := anna.open(t, http.MethodGet, "/sse", "", anna.headers)
				require.Equal(t, http.StatusForbidden, response.StatusCode)
				return
			}
			require.Contains(t, anna.tools(t), `"search_contacts"`)
			events, messages := anna.sse(t)
			response := post(t, of.url+messages, hello, anna.headers)
			require.Equal(t, http.StatusAccepted, response.StatusCode, strings.TrimSpace(bodyOf(t, response)))
			require.Contains(t, await(t, events, "the answer"), "serverInfo")
		})
	}
}
