package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const testKey = "sk-nobody-may-see-this"

// fake is an OpenAI-compatible server that says what it is told to, in turn, and
// keeps what it was asked.
type fake struct {
	*httptest.Server
	answers []string
	asked   []request
}

type request struct {
	Model    string
	Messages []message
	Tools    []function
}

func newFake(t *testing.T, answers ...string) *fake {
	f := &fake{answers: answers}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer "+testKey {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var asked request
		if json.NewDecoder(r.Body).Decode(&asked) != nil || len(f.asked) == len(f.answers) {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		f.asked = append(f.asked, asked)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, f.answers[len(f.asked)-1])
	}))
	t.Cleanup(f.Close)
	return f
}

// does has the fake do a job.
func (f *fake) does(t *testing.T, name string, b bounds) outcome {
	c := newChat(f.URL+"/v1", "fake-1", testKey, "KEY", time.Minute)
	o, err := once(t.Context(), named(t, name), byModel(c, b))
	require.NoError(t, err)
	return o
}

var plenty = bounds{turns: 10, tokens: 100_000, time: time.Minute}

// calls is an answer that makes calls: tool, arguments, and so on.
func calls(pairs ...string) string {
	var m message
	for i := 0; i < len(pairs); i += 2 {
		c := toolCall{ID: fmt.Sprint("call_", i), Type: "function"}
		c.Function.Name, c.Function.Arguments = pairs[i], pairs[i+1]
		m.ToolCalls = append(m.ToolCalls, c)
	}
	return answers(m, "tool_calls")
}

func says(text string) string { return answers(message{Content: text}, "stop") }

func answers(m message, reason string) string {
	m.Role = "assistant"
	data, _ := json.Marshal(map[string]any{
		"choices": []any{map[string]any{"index": 0, "message": m, "finish_reason": reason}},
		"usage":   map[string]int{"prompt_tokens": 100, "completion_tokens": 10},
	})
	return string(data)
}

func TestAModelDoesAJob(t *testing.T) {
	f := newFake(t,
		calls("search_contacts", `{"search":"pieter"}`),
		calls("get_contact", `{"id":17}`),
		says("Pieter van Dijk, Fleet Manager, +31 10 568 47 23, looked after by Sofia Lindqvist."))
	o := f.does(t, "find-customer", plenty)
	require.Empty(t, o.Wrong)
	require.True(t, o.Done)
	require.Equal(t, []int{300, 30, 2}, []int{o.In, o.Out, len(o.Calls)})
	require.Equal(t, "fake-1", f.asked[0].Model)
	require.Contains(t, f.asked[0].Messages[0].Content, "Find before you act")
	require.Equal(t, named(t, "find-customer").Ask, f.asked[0].Messages[1].Content)
	last := f.asked[1].Messages[3]
	require.Equal(t, []string{"tool", "call_0"}, []string{last.Role, last.ToolCallID})
	require.Contains(t, last.Content, "Pieter | van Dijk")
}

func TestAModelIsToldOfTheToolsThatAreOffered(t *testing.T) {
	f := newFake(t, says("I can't: only reading is allowed."))
	f.does(t, "refused-delete", plenty)
	names := map[string]json.RawMessage{}
	for _, tool := range f.asked[0].Tools {
		require.Equal(t, "function", tool.Type)
		require.NotEmpty(t, tool.Function.Description)
		names[tool.Function.Name] = tool.Function.Parameters
	}
	require.NotContains(t, names, "delete_contact")
	require.Contains(t, string(names["get_contact"]), `"required":["id"]`)
}

func TestParallelCallsAreAnsweredEachByItsID(t *testing.T) {
	f := newFake(t,
		calls("get_contact", `{"id":4,"include":["notes"]}`, "get_case_replies", `{"identifier":"REF-1007"}`),
		says("The launch went well; he wants one account."))
	o := f.does(t, "orders-in-a-note", plenty)
	require.Empty(t, o.Wrong)
	messages := f.asked[1].Messages
	require.Equal(t, []string{"call_0", "call_2"}, []string{messages[3].ToolCallID, messages[4].ToolCallID})
	require.Contains(t, messages[3].Content, "400 members")
	require.Contains(t, messages[4].Content, "two accounts")
}

func TestBadArgumentsAreSaidToTheModel(t *testing.T) {
	f := newFake(t,
		calls("update_deal", `{"id":2,"fields":{"stage_id":`),
		calls("no_such_tool", `{}`, "update_deal", ``, "update_deal", `[2]`),
		calls("update_deal", `{"id":2,"fields":{"stage_id":3}}`),
		says("Done."))
	o := f.does(t, "move-deal", plenty)
	require.True(t, o.Done, o.Wrong)
	require.Contains(t, f.asked[1].Messages[3].Content, "not a whole JSON object")
	require.Contains(t, f.asked[2].Messages[5].Content, "no_such_tool")
	require.Contains(t, f.asked[2].Messages[6].Content, "fields is missing")
	require.Contains(t, f.asked[2].Messages[7].Content, "not a whole JSON object")
	require.Equal(t, []bool{true, true, true, true, false}, failures(o))
	_, err := json.Marshal(o)
	require.NoError(t, err)
}

func failures(o outcome) (all []bool) {
	for _, c := range o.Calls {
		all = append(all, c.Failed)
	}
	return all
}

func TestTheUserAgreesToAPreviewOnlyOnceItIsShown(t *testing.T) {
	f := newFake(t, calls("send_email", `{"id":4}`), says("This would go to everybody on the list. Shall I?"), says("Nothing more."))
	o := f.does(t, "send-newsletter", plenty)
	require.False(t, o.Done)
	require.Len(t, f.asked, 3)
	require.Equal(t, message{Role: "user", Content: "Yes, send it to all of them."}, f.asked[2].Messages[5])
	require.NotEmpty(t, codeOf(f.asked[1].Messages[3].Content))
}

func TestAModelThatIsDoneIsAskedNothingMore(t *testing.T) {
	f := newFake(t, says("It is sent."))
	require.False(t, f.does(t, "send-newsletter", plenty).Done)
	require.Len(t, f.asked, 1)
}

func TestAModelThatDoesNotEndIsEnded(t *testing.T) {
	search := calls("search_contacts", `{"search":"pieter"}`)
	o := newFake(t, search, search, search).does(t, "find-customer", bounds{turns: 3, tokens: 1000, time: time.Minute})
	require.Equal(t, "it was not done after 3 answers", o.Ended)

	o = newFake(t, search, search, search).does(t, "find-customer", bounds{turns: 9, tokens: 200, time: time.Minute})
	require.Equal(t, "it was not done after 220 tokens", o.Ended)

	hang := hanging(t)
	c := newChat(hang, "m", testKey, "KEY", time.Minute)
	o, err := once(t.Context(), named(t, "find-customer"), byModel(c, bounds{turns: 9, tokens: 200, time: 20 * time.Millisecond}))
	require.NoError(t, err)
	require.Equal(t, "it was not done within 20ms", o.Ended)
	require.False(t, o.Done)
}

// hanging is an address that takes requests and answers none.
func hanging(t *testing.T) string {
	end := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(end) })
	return s.URL
}

func TestAnswersThatEndBadly(t *testing.T) {
	for reason, says := range map[string]string{"length": "was cut", "content_filter": "held the model's answer back"} {
		o := newFake(t, answers(message{Content: "Fleet Manager"}, reason)).does(t, "find-customer", plenty)
		require.Contains(t, o.Ended, says)
		require.False(t, o.Done)
	}
}

func TestTokensThatTheAddressDoesNotTell(t *testing.T) {
	f := newFake(t, `{"choices":[{"message":{"role":"assistant","content":null},"finish_reason":"stop"}]}`)
	o := f.does(t, "find-customer", plenty)
	require.True(t, o.Unknown)
	require.False(t, o.Done)
}

func TestWhatIsWrongWithAnAddress(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		kind   string
		body   string
		says   []string
	}{
		"wrong key":   {401, "application/json", `{"error":{"message":"Incorrect API key provided: ` + testKey + `"}}`, []string{"does not take the key of the variable KEY", "(the key)"}},
		"no model":    {404, "application/json", `{"error":"model 'm' not found"}`, []string{`no model "m"`}},
		"no tools":    {400, "application/json", `{"error":"m does not support tools"}`, []string{"the jobs need one", "does not support tools"}},
		"other":       {400, "application/json", `{"error":"context length"}`, []string{"400 Bad Request", "context length"}},
		"redirect":    {308, "text/plain", ``, []string{"points elsewhere", "It says: nothing"}},
		"HTML":        {200, "text/html", `<!DOCTYPE html><title>Welcome</title>`, []string{"text/html that is no completion", "/v1"}},
		"no message":  {200, "application/json", `{"choices":[]}`, []string{"without a message"}},
		"error as OK": {200, "application/json", `{"error":{"message":"overloaded"}}`, []string{"overloaded"}},
		"always busy": {429, "application/json", `{"error":"slow down"}`, []string{"429 Too Many Requests, 5 times", "slow down"}},
		"broken":      {502, "text/html", `<h1>Bad gateway</h1>`, []string{"502 Bad Gateway"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.Header().Set("Location", "https://elsewhere.invalid/")
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))
			defer s.Close()
			chat := newChat(s.URL+"/v1/", "m", testKey, "KEY", time.Minute)
			chat.wait = func(context.Context, time.Duration) error { return nil }
			_, err := once(t.Context(), named(t, "find-customer"), byModel(chat, plenty))
			for _, says := range append(c.says, "find-customer: ", s.URL) {
				require.ErrorContains(t, err, says)
			}
			require.NotContains(t, err.Error(), testKey)
		})
	}
}

func TestABusyAddressIsAskedAgainWhenItSays(t *testing.T) {
	var waited []time.Duration
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		switch asked {
		case 1:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		case 2:
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3:
			w.WriteHeader(http.StatusBadGateway)
		default:
			io.WriteString(w, says("Hello."))
		}
	}))
	defer s.Close()
	c := newChat(s.URL, "m", "", "", time.Minute)
	c.wait = func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }
	answer, err := c.answer(t.Context(), nil, nil)
	require.NoError(t, err)
	require.Equal(t, "Hello.", answer.Choices[0].Message.Content)
	require.Equal(t, []time.Duration{7 * time.Second, time.Minute, 8 * time.Second}, waited)
}

func TestAnAddressThatDoesNotAnswer(t *testing.T) {
	_, err := newChat(hanging(t), "m", testKey, "KEY", 20*time.Millisecond).answer(t.Context(), nil, nil)
	require.ErrorContains(t, err, "did not answer within 20ms")

	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, err = newChat(closed.URL, "m", testKey, "KEY", time.Minute).answer(t.Context(), nil, nil)
	require.ErrorContains(t, err, "can't be reached")
	require.ErrorContains(t, err, "Is its server running")
}

func TestTheWholeCommandByAModel(t *testing.T) {
	f := newFake(t, calls("update_deal", `{"id":2,"fields":{"stage_id":3}}`), says("Done. "+testKey),
		calls("update_deal", `{"id":2,"fields":{"stage_id":4}}`), says("Done."))
	var out strings.Builder
	err := run(t.Context(), []string{"--model", "fake-1", "--url", f.URL + "/v1", "--key-env", "KEY", "--job", "move-deal", "--runs", "2"},
		func(string) string { return testKey + "\n" }, &out)
	require.EqualError(t, err, "not every job was done")
	for _, line := range []string{"1 of 2", "By fake-1, 2 run(s): 0 to 1 of 1 jobs done in a run, 0 in every one", "move-deal, run 2:", "stage_id should be 3"} {
		require.Contains(t, out.String(), line)
	}
	require.NotContains(t, out.String(), testKey)
}

func TestWhatWasJudgedBeforeAnErrorIsPrinted(t *testing.T) {
	f := newFake(t, calls("update_deal", `{"id":2,"fields":{"stage_id":3}}`), says("Done.")) // and then it is a teapot
	var out strings.Builder
	err := run(t.Context(), []string{"--model", "fake-1", "--url", f.URL + "/v1", "--key-env", "KEY", "--job", "move-deal,two-alike"},
		func(string) string { return testKey }, &out)
	require.ErrorContains(t, err, "two-alike: ")
	require.ErrorContains(t, err, "418")
	require.ErrorContains(t, err, "Only 1 of 2 jobs were judged (all of these were done)")
	require.Contains(t, out.String(), "1 to 1 of 1 jobs done")
}
