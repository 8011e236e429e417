package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	gosdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
	"flexie-mcp/tools"
)

// asked is a user who is asked something.
type asked func(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error)

func (a asked) Elicit(ctx context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return a(ctx, r)
}

// says is a user with one answer.
func says(action mcp.ElicitationResponseAction, content any) asked {
	return func(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
		return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: action, Content: content}}, nil
	}
}

// The delete that is asked about.
var (
	deletion = map[string]any{"id": 47}
	deleted  = []string{"DELETE /api/contacts/47"}
)

// TestTheUserIsAsked before something risky, where the client can show a
// question: nothing is written before the yes, and then it is once.
func TestTheUserIsAsked(t *testing.T) {
	yes, no := map[string]any{"confirm": true}, map[string]any{"confirm": false}
	tests := map[string]struct {
		user  asked
		says  string
		wrote []string
	}{
		"yes":                     {says("accept", yes), "Deleted contact 47", deleted},
		"yes, and an empty form":  {says("accept", map[string]any{}), "Deleted contact 47", deleted},
		"yes, and no form":        {says("accept", nil), "Deleted contact 47", deleted},
		"yes, in another type":    {says("accept", map[string]any{"confirm": "true"}), "Deleted contact 47", deleted},
		"no in the form":          {says("accept", no), "The user said no. Nothing was changed, and that is final", nil},
		"no, in another type":     {says("accept", map[string]any{"confirm": "false"}), "The user said no.", nil},
		"no":                      {says("decline", nil), "The user said no. Nothing was changed, and that is final", nil},
		"no, and yes in the form": {says("decline", yes), "The user said no.", nil},
		"closed":                  {says("cancel", nil), "The user closed the question without an answer. Nothing was changed", nil},
		"something else":          {says("maybe", yes), "Nothing was changed", nil},
		"an error": {func(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
			return nil, errors.New("no window")
		}, "The user could not be asked. Nothing was changed.", nil},
		"nothing": {func(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
			return nil, nil
		}, "The user could not be asked. Nothing was changed.", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := watch(t, tools.Auto)
			times := 0
			c := inProcess(t, w.serve(), asked(func(ctx context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
				times++
				require.Empty(t, w.writes(), "nothing is written before the yes")
				require.Empty(t, w.changes(), "nor begun")
				requireReadable(t, r.Params.Message)
				return test.user(ctx, r)
			}))
			r, err := c.CallTool(t.Context(), callOf("delete_contact", deletion))
			require.NoError(t, err)
			require.Contains(t, textOf(t, r), test.says)
			require.Equal(t, test.wrote == nil, r.IsError)
			require.Equal(t, 1, times, "asked once")
			require.Equal(t, test.wrote, w.writes())
			require.Len(t, w.changes(), len(test.wrote))
			if test.wrote == nil {
				require.Contains(t, textOf(t, r), "FLEXIE_CONFIRM=preview", "the way out, if nothing was seen")
			}
		})
	}
}

// requireReadable: a question is for a person. It says what would be done, in
// words and not in fences, and ends with what is to be answered.
func requireReadable(t *testing.T, question string) {
	t.Helper()
	require.Contains(t, question, "This would delete contact 47")
	require.NotContains(t, question, "crm-data")
	require.NotContains(t, question, "confirm:", "a code is nothing to read")
	require.True(t, strings.HasSuffix(question, "?"), question)
	require.NotContains(t, question, "\n\n\n")
}

// TestQuestionsAreReadable of every kind of act that is asked about.
func TestQuestionsAreReadable(t *testing.T) {
	for tool, test := range map[string]struct {
		arguments map[string]any
		says      []string
	}{
		"delete_contact":  {deletion, []string{"contact 47"}},
		"add_case_reply":  {map[string]any{"id": 1, "text": "Thanks for <crm-data-bdfg> waiting."}, []string{"waiting."}},
		"send_email":      {map[string]any{"id": 4, "limit": 5}, []string{"email 4", "can't be taken back"}},
		"update_workflow": {map[string]any{"id": 1, "is_published": false}, []string{"workflow 1", "true", "false"}},
		"create_user": {map[string]any{"username": "jdoe", "first_name": "John", "last_name": "Doe", "email": "jdoe@new.example", "password": "S3cretPass!", "role": 2},
			[]string{"jdoe"}},
		"delete_user": {map[string]any{"id": 7}, []string{"user 7"}},
	} {
		t.Run(tool, func(t *testing.T) {
			w := watch(t, tools.Auto)
			var question string
			c := inProcess(t, w.serve(), asked(func(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
				question = r.Params.Message
				return says("decline", nil)(nil, r)
			}))
			require.Contains(t, told(t, c, tool, test.arguments), "The user said no")
			t.Log(question)
			require.NotRegexp(t, `(?m)^</?crm-data`, question)
			require.NotContains(t, question, "S3cretPass!")
			require.True(t, strings.HasSuffix(question, "?"), question)
			for _, part := range test.says {
				require.Contains(t, question, part)
			}
			require.Empty(t, w.writes())
		})
	}
}

// TestALongQuestionEndsWithItself: what does not fit is cut before its end.
func TestALongQuestionEndsWithItself(t *testing.T) {
	w := watch(t, tools.Auto)
	w.Direct(sandbox.Key, "PUT", "/contacts/47", fmt.Sprintf(`{"background":%q}`, strings.Repeat("Größe ", 1500)))
	var question string
	c := inProcess(t, w.serve(), asked(func(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
		question = r.Params.Message
		return says("decline", nil)(nil, r)
	}))
	told(t, c, "delete_contact", deletion)
	require.Less(t, len(question), 5000)
	require.Contains(t, question, "cut off")
	require.True(t, strings.HasSuffix(question, "\n\nGo ahead?"), question)
}

// TestAReplyIsReadBeforeItIsSent: a customer's words neither push it out of the
// question nor pass for it. One that does not fit is previewed.
func TestAReplyIsReadBeforeItIsSent(t *testing.T) {
	for _, theirs := range []string{
		strings.Repeat("quoted mail thread. ", 150), strings.Repeat("quoted mail thread. ", 205), strings.Repeat("quoted mail thread. ", 600),
		"ok\n\nYour reply\nThanks for waiting, we are on it.\n\nGo ahead?\n\n" + strings.Repeat(". ", 2100),
	} {
		w := watch(t, tools.Auto)
		status, _ := w.Direct(sandbox.Key, "POST", "/cases/1/replies", fmt.Sprintf(`{"text":%q}`, theirs))
		require.Equal(t, http.StatusOK, status)
		var question string
		c := inProcess(t, w.serve(), asked(func(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
			question = r.Params.Message
			return says("decline", nil)(nil, r)
		}))
		told(t, c, "add_case_reply", map[string]any{"id": 1, "text": strings.Repeat("Dear Pieter, all is well. ", 50) + "See https://evil.example"})
		require.Contains(t, question, "evil.example")
		require.Equal(t, 1, strings.Count("\n"+question, "\nYour reply\n"), question)
		require.Equal(t, 1, strings.Count(question, "\nGo ahead?"), question)
		require.NotContains(t, question, "cut off")

		text := told(t, c, "add_case_reply", map[string]any{"id": 1, "text": strings.Repeat("all is well. ", 500) + "PS: a refund"})
		require.Contains(t, text, "PS: a refund")
		require.Contains(t, text, "\nconfirm: ")
		require.Empty(t, w.writes())
	}
}

// TestANoIsNotAskedAgain, and what was closed is asked about when it is called
// again.
func TestANoIsNotAskedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		user  asked
		times int
	}{
		"no": {says("decline", nil), 1}, "no in the form": {says("accept", map[string]any{"confirm": false}), 1}, "closed": {says("cancel", nil), 3},
	} {
		w, times := watch(t, tools.Auto), 0
		c := inProcess(t, w.serve(), asked(func(ctx context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
			times++
			return test.user(ctx, r)
		}))
		for range 3 {
			require.Contains(t, told(t, c, "delete_contact", deletion), "Nothing was changed", name)
		}
		require.Equal(t, test.times, times, name)
		require.Empty(t, w.writes())
	}
}

// TestWhatChangesEachTimeIsNotAskedForEver: twice again is enough.
func TestWhatChangesEachTimeIsNotAskedForEver(t *testing.T) {
	w, times := watch(t, tools.Auto), 0
	c := inProcess(t, w.serve(), asked(func(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
		times++
		w.Direct(sandbox.Key, "PUT", "/contacts/47", fmt.Sprintf(`{"city":"Town %d"}`, times))
		return says("accept", map[string]any{"confirm": true})(nil, r)
	}))
	require.Contains(t, told(t, c, "delete_contact", deletion), "It was changed again each time that the user had said yes. Nothing was changed by this call")
	require.Equal(t, 3, times)
	require.Empty(t, w.writes())
}

// TestTheFormIsNoYesByItself: it is sent with a yes only where somebody gave one.
func TestTheFormIsNoYesByItself(t *testing.T) {
	w := watch(t, tools.Auto)
	c := inProcess(t, w.serve(), asked(func(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
		schema, err := json.Marshal(r.Params.RequestedSchema)
		require.NoError(t, err)
		require.JSONEq(t, `{"type":"object","properties":{"confirm":{"type":"boolean","title":"Do it","default":false}},"required":["confirm"]}`, string(schema))
		return says("accept", map[string]any{"confirm": false})(nil, r)
	}))
	require.Contains(t, told(t, c, "delete_contact", deletion), "The user said no")
	require.Empty(t, w.writes())
}

// TestAQuestionThatNobodyAnswers: some clients declare that they can ask, and
// then show nothing.
func TestAQuestionThatNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, tools.Auto)
		c := inProcess(t, w.serve(), asked(func(ctx context.Context, _ mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}))
		start := time.Now()
		text := told(t, c, "delete_contact", deletion)
		require.Contains(t, text, "The user did not answer within two minutes. Nothing was changed.")
		require.Contains(t, text, "FLEXIE_CONFIRM=preview")
		require.Equal(t, 2*time.Minute, time.Since(start))
		require.Empty(t, w.writes())
	})
}

// TestACallCancelledWhileAsked changes nothing, and neither does the answer that
// comes later.
func TestACallCancelledWhileAsked(t *testing.T) {
	w := watch(t, tools.Auto)
	wire := startStdio(t, w.options())
	wire.send("%s", helloAble)
	wire.receive()
	wire.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_contact","arguments":{"id":47}}}`)
	question := wire.receive()
	require.Equal(t, "elicitation/create", question.Method)
	wire.send("%s", cancel1)
	m := wire.receive()
	require.Equal(t, 1.0, m.ID)
	require.Contains(t, string(m.Result), "cancelled while the user was asked. Nothing was changed.")
	wire.send(`{"jsonrpc":"2.0","id":%v,"result":{"action":"accept","content":{"confirm":true}}}`, question.ID)
	wire.send(`{"jsonrpc":"2.0","id":"after","method":"ping"}`)
	for m = wire.receive(); m.ID != "after"; m = wire.receive() {
		t.Logf("said of a late answer: %+v", m)
	}
	require.Empty(t, w.writes())
	require.Empty(t, w.changes())
}

// TestAYesIsToWhatWasShown: if the record becomes another while the user is
// asked, they are asked again.
func TestAYesIsToWhatWasShown(t *testing.T) {
	w := watch(t, tools.Auto)
	var questions []string
	c := inProcess(t, w.serve(), asked(func(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
		questions = append(questions, r.Params.Message)
		if len(questions) == 1 {
			status, answer := w.Direct(sandbox.Key, "PUT", "/contacts/47", `{"city":"Durrës"}`)
			require.Equal(t, http.StatusOK, status, answer)
		}
		return says("accept", nil)(nil, r)
	}))
	require.Contains(t, told(t, c, "delete_contact", deletion), "Deleted contact 47")
	require.Len(t, questions, 2)
	require.NotContains(t, questions[0], "Durrës")
	require.Contains(t, questions[1], "Durrës")
	require.Equal(t, deleted, w.writes())
}

// helloAble is that of a client that can show questions.
var helloAble = strings.ReplaceAll(hello, `"capabilities":{}`, `"capabilities":{"elicitation":{}}`)

// TestAskingOverEachTransport that can: SSE of mcp-go can't, and gets a preview.
func TestAskingOverEachTransport(t *testing.T) {
	yes := says("accept", map[string]any{"confirm": true})
	t.Run("stdio", func(t *testing.T) {
		w := watch(t, tools.Auto)
		wire := startStdio(t, w.options())
		wire.send("%s", helloAble)
		wire.receive()
		wire.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_contact","arguments":{"id":47}}}`)
		question := wire.receive()
		require.Equal(t, "elicitation/create", question.Method)
		require.Contains(t, string(question.Params), `"requestedSchema"`)
		require.Empty(t, w.writes())
		wire.send(`{"jsonrpc":"2.0","id":%v,"result":{"action":"accept","content":{"confirm":true}}}`, question.ID)
		require.Contains(t, string(wire.receive().Result), "Deleted contact 47")
		require.Equal(t, deleted, w.writes())
	})
	for name, version := range map[string]string{"streamable HTTP": "2025-11-25", "streamable HTTP, modern": "2026-07-28"} {
		t.Run(name, func(t *testing.T) {
			w := watch(t, tools.Auto)
			to, err := transport.NewStreamableHTTP(overHTTP(t, w.options()) + "/mcp")
			require.NoError(t, err)
			c := greeted(t, client.NewClient(to, client.WithElicitationHandler(yes)), version)
			require.Contains(t, told(t, c, "delete_contact", deletion), "Deleted contact 47")
			require.Equal(t, deleted, w.writes())
		})
	}
	t.Run("in the same process, modern", func(t *testing.T) {
		w := watch(t, tools.Auto)
		c, err := client.NewInProcessClientWithOptions(w.serve(), client.WithElicitationHandler(yes))
		require.NoError(t, err)
		require.Contains(t, told(t, greeted(t, c, "2026-07-28"), "delete_contact", deletion), "Deleted contact 47")
		require.Equal(t, deleted, w.writes())
	})
	t.Run("SSE", func(t *testing.T) {
		w := watch(t, tools.Auto)
		to, err := transport.NewSSE(overHTTP(t, w.options()) + "/sse")
		require.NoError(t, err)
		c := greeted(t, client.NewClient(to, client.WithElicitationHandler(yes)), "2025-11-25")
		requirePreview(t, w, told(t, c, "delete_contact", deletion))
	})
	t.Run("streamable HTTP, another team's client", func(t *testing.T) {
		w := watch(t, tools.Auto)
		var question string
		c, err := gosdk.NewClient(&gosdk.Implementation{Name: "test", Version: "1"}, &gosdk.ClientOptions{
			ElicitationHandler: func(_ context.Context, r *gosdk.ElicitRequest) (*gosdk.ElicitResult, error) {
				question = r.Params.Message
				return &gosdk.ElicitResult{Action: "accept", Content: map[string]any{"confirm": true}}, nil
			},
		}).Connect(t.Context(), &gosdk.StreamableClientTransport{Endpoint: overHTTP(t, w.options()) + "/mcp"}, nil)
		require.NoError(t, err)
		defer c.Close()
		answer, err := c.CallTool(t.Context(), &gosdk.CallToolParams{Name: "delete_contact", Arguments: deletion})
		require.NoError(t, err)
		require.Contains(t, answer.Content[0].(*gosdk.TextContent).Text, "Deleted contact 47")
		requireReadable(t, question)
		require.Equal(t, deleted, w.writes())
	})
}

// codeOf is the code that a preview ends with.
func codeOf(t *testing.T, preview string) string {
	t.Helper()
	_, rest, ok := strings.Cut(preview, "\nconfirm: ")
	require.True(t, ok, preview)
	return strings.Fields(rest)[0]
}

// requirePreview: nothing was written, and a code is given.
func requirePreview(t *testing.T, w *watched, text string) string {
	t.Helper()
	require.Contains(t, text, "Nothing was changed yet. This would delete contact 47")
	require.Empty(t, w.writes())
	return codeOf(t, text)
}

// TestClientsThatCantAsk get a preview, and the same call with its code does it:
// directly, and by the tool that runs others.
func TestClientsThatCantAsk(t *testing.T) {
	wrapped := func(arguments map[string]any) map[string]any {
		return map[string]any{"name": "delete_contact", "arguments": arguments}
	}
	plain := func(arguments map[string]any) map[string]any { return arguments }
	for name, test := range map[string]struct {
		tool string
		wrap func(map[string]any) map[string]any
	}{
		"directly":       {"delete_contact", plain},
		"run_write_tool": {"run_write_tool", wrapped},
	} {
		t.Run(name, func(t *testing.T) {
			w := watch(t, tools.Auto)
			c := inProcess(t, w.serve(), nil)
			code := requirePreview(t, w, told(t, c, test.tool, test.wrap(deletion)))
			confirmed := test.wrap(map[string]any{"id": 47, "confirm": code})
			require.Contains(t, told(t, c, test.tool, confirmed), "Deleted contact 47")
			require.Equal(t, deleted, w.writes())
			told(t, c, test.tool, confirmed)
			require.Equal(t, deleted, w.writes(), "a code works once")
			require.Equal(t, "desk 2", w.changes()[0].Client)
		})
	}
	t.Run("a code of one way in is good for the other", func(t *testing.T) {
		w := watch(t, tools.Auto)
		c := inProcess(t, w.serve(), nil)
		code := requirePreview(t, w, told(t, c, "run_write_tool", wrapped(deletion)))
		require.Contains(t, told(t, c, "delete_contact", map[string]any{"id": 47, "confirm": code}), "Deleted contact 47")
		require.Equal(t, deleted, w.writes())
	})
}

// TestOnlyAddresses: a client that opens addresses alone can't show a form.
func TestOnlyAddresses(t *testing.T) {
	for capability, asks := range map[string]bool{`{}`: true, `{"form":{}}`: true, `{"form":{},"url":{}}`: true, `{"url":{}}`: false} {
		t.Run(capability, func(t *testing.T) {
			w := watch(t, tools.Auto)
			wire := startStdio(t, w.options())
			wire.send("%s", strings.ReplaceAll(hello, `"capabilities":{}`, `"capabilities":{"elicitation":`+capability+`}`))
			wire.receive()
			wire.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_contact","arguments":{"id":47}}}`)
			m := wire.receive()
			if asks {
				require.Equal(t, "elicitation/create", m.Method)
			} else {
				require.Contains(t, string(m.Result), "Nothing was changed yet.")
			}
			require.Empty(t, w.writes())
		})
	}
}

// TestEachWayOfConfirming, by clients that can be asked and by those that can't.
func TestEachWayOfConfirming(t *testing.T) {
	const preview, refused, asks, done = "confirm: ", "FLEXIE_CONFIRM=preview", "The user said no", "Deleted contact 47"
	for _, test := range []struct {
		how  tools.Confirmation
		able bool
		says string
	}{
		{"", true, asks}, {"", false, preview},
		{tools.Auto, true, asks}, {tools.Auto, false, preview},
		{tools.Ask, true, asks}, {tools.Ask, false, refused},
		{tools.Preview, true, preview}, {tools.Preview, false, preview},
		{tools.Never, true, done}, {tools.Never, false, done},
	} {
		w := watch(t, test.how)
		var user client.ElicitationHandler
		if test.able {
			user = says("decline", nil)
		}
		c := inProcess(t, w.serve(), user)
		r, err := c.CallTool(t.Context(), callOf("delete_contact", deletion))
		require.NoError(t, err)
		require.Contains(t, textOf(t, r), test.says, "%+v", test)
		require.Equal(t, test.says == refused || test.says == asks, r.IsError, "%+v", test)
		if test.says == done {
			require.Equal(t, deleted, w.writes())
		} else {
			require.Empty(t, w.writes(), "%+v", test)
		}
		// What is not risky is not asked about.
		require.Contains(t, told(t, c, "update_contact", map[string]any{"id": 42, "fields": map[string]any{"city": "Leeds"}}), "Updated. Contact 42")
	}
}
