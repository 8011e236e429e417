package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/server"
)

// TestSubscribersAreTold what a write through this server has changed, and
// nothing else.
func TestSubscribersAreTold(t *testing.T) {
	trusted := inSandbox
	trusted.Confirm = "never"
	s := httptest.NewServer(server.Handler(serving(t, trusted), server.Door{}, quiet))
	t.Cleanup(s.Close)
	c, err := client.NewSSEMCPClient(s.URL + "/sse")
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.Start(t.Context()))
	_, err = c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: "2025-06-18"}})
	require.NoError(t, err)
	told := make(chan string, 10)
	c.OnNotification(func(n mcp.JSONRPCNotification) {
		if uri, ok := n.Params.AdditionalFields["uri"].(string); ok {
			told <- uri
		}
	})
	call := func(tool, arguments string) {
		r, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)}})
		require.NoError(t, err)
		require.False(t, r.IsError, "%v", r.Content)
	}
	next := func() string {
		select {
		case uri := <-told:
			return uri
		case <-time.After(soon):
			return "nothing"
		}
	}
	for _, uri := range []string{"flexie://contacts/42", "flexie://cases/1/replies", "flexie://deals/3.json", "flexie://custom_records/equipment/2", "flexie://leads/1"} {
		//lint:ignore SA1019 clients of the older protocol revisions subscribe so
		require.NoError(t, c.Subscribe(t.Context(), mcp.SubscribeRequest{Params: mcp.SubscribeParams{URI: uri}}))
	}
	//lint:ignore SA1019 and so they unsubscribe
	require.NoError(t, c.Unsubscribe(t.Context(), mcp.UnsubscribeRequest{Params: mcp.UnsubscribeParams{URI: "flexie://leads/1"}}))

	call("get_contact", `{"id":42}`)
	call("update_contact", `{"id":41,"fields":{"city":"Leeds"}}`)
	call("update_lead", `{"id":1,"fields":{"city":"Leeds"}}`)
	call("update_contact", `{"id":42,"fields":{"city":"Leeds"}}`)
	require.Equal(t, "flexie://contacts/42", next(), "the first that is told of: a read, another record and one no longer subscribed to were not")
	call("add_case_reply", `{"id":1,"text":"Hi"}`)
	require.Equal(t, "flexie://cases/1/replies", next())
	call("update_deal", `{"id":3,"fields":{"amount":50000}}`)
	require.Equal(t, "flexie://deals/3.json", next())
	call("delete_custom_record", `{"table":"equipment","id":2}`)
	require.Equal(t, "flexie://custom_records/equipment/2", next())
}

// TestListenersAreTold the same in the newer protocol, where a client listens to
// a stream instead.
func TestListenersAreTold(t *testing.T) {
	s := httptest.NewServer(server.Handler(serving(t, inSandbox), server.Door{}, quiet))
	t.Cleanup(s.Close)
	c, err := client.NewStreamableHttpClient(s.URL + "/mcp")
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.Start(t.Context()))
	_, err = c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: mcp.LATEST_PROTOCOL_VERSION}})
	require.NoError(t, err)
	listening, told := make(chan struct{}), make(chan string, 10)
	c.OnNotification(func(n mcp.JSONRPCNotification) {
		if n.Method == mcp.MethodNotificationSubscriptionsAcknowledged {
			close(listening)
		}
		if uri, ok := n.Params.AdditionalFields["uri"].(string); ok {
			told <- uri
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	ended := make(chan error, 1)
	go func() {
		ended <- c.Listen(ctx, mcp.SubscriptionFilter{ResourceSubscriptions: []string{"flexie://contacts/42"}})
	}()
	await(t, listening, "the acknowledgement")
	for _, id := range []string{"41", "42"} {
		r, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: "update_contact", Arguments: json.RawMessage(`{"id":` + id + `,"fields":{"city":"Leeds"}}`)}})
		require.NoError(t, err)
		require.False(t, r.IsError)
	}
	select {
	case uri := <-told:
		require.Equal(t, "flexie://contacts/42", uri)
	case <-time.After(soon):
		require.Fail(t, "nothing was told")
	}
}

// TestANarrowedConnectionWatchesNoMoreThanItReads, in either era.
func TestANarrowedConnectionWatchesNoMoreThanItReads(t *testing.T) {
	of := openOffice(t, nil)
	anna := of.withKey("anna-key")
	narrowed := anna
	narrowed.headers = anna.with(auth.ToolsetsHeader, "tasks")
	session := narrowed.session(t, `{}`)
	said := bodyOf(t, post(t, of.url+"/mcp", subscribe("flexie://contacts/22"), session))
	require.Contains(t, said, "get_contact is not allowed here: this connection is limited to other tools")
	require.NotContains(t, bodyOf(t, post(t, of.url+"/mcp", subscribe("flexie://tasks/12"), session)), "error")

	_, stream := narrowed.open(t, http.MethodGet, "/mcp", "", session)
	listening := narrowed.listen(t, `{"resourceSubscriptions":["flexie://contacts/22","flexie://tasks/12"]}`)
	anna.call(t, "update_contact", `{"id":22,"fields":{"city":"Town of Anna"}}`)
	anna.call(t, "update_task", `{"id":12,"task":"Task of Anna"}`)
	for _, events := range []<-chan string{stream, listening} {
		require.Contains(t, nextUpdate(t, events), "flexie://tasks/12", "which is the first that is told of")
	}
}
