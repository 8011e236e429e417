package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// chat asks a model at an OpenAI-compatible address. It is our own, since of that
// API one request is needed, and its answers differ from one server to the next:
// they are read as leniently as they come.
type chat struct {
	url, model, key, keyEnv string
	http                    *http.Client
	wait                    func(context.Context, time.Duration) error // injected, so that tests don't wait
}

// mostTries is how often a busy address is asked, and mostWait how long at most is
// waited in between.
const (
	mostTries  = 5
	mostWait   = time.Minute
	mostAnswer = 10 << 20 // bytes
)

func newChat(url, model, key, keyEnv string, timeout time.Duration) *chat {
	return &chat{
		url: strings.TrimRight(url, "/") + "/chat/completions", model: model, key: key, keyEnv: keyEnv, wait: wait,
		http: &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// message is one of a conversation.
type message struct {
	Role       string     `json:"role"`
	Content    string     `json:"content"`
	ToolCalls  []toolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

type toolCall struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"` // JSON, if the model wrote it well
	} `json:"function"`
}

// function is a tool as the model is told of it.
type function struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	} `json:"function"`
}

// completion is an answer of the model.
type completion struct {
	Choices []struct {
		Message      message `json:"message"`
		FinishReason string  `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		In  int `json:"prompt_tokens"`
		Out int `json:"completion_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"` // of servers that answer 200 with one
}

// answer asks for the next message of a conversation.
func (c *chat) answer(ctx context.Context, messages []message, functions []function) (*completion, error) {
	request := map[string]any{"model": c.model, "messages": messages}
	if len(functions) > 0 {
		request["tools"] = functions
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		status, header, data, err := c.post(ctx, body)
		if err != nil {
			return nil, err
		}
		if busy := status == http.StatusTooManyRequests || status >= 500; busy && try < mostTries {
			if err := c.wait(ctx, pause(header, try)); err != nil {
				return nil, err
			}
			continue
		}
		return c.read(status, header, data)
	}
}

// pause is how long to wait: what Retry-After says, else longer each time.
func pause(header http.Header, try int) time.Duration {
	told := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(told, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, mostWait.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(told); err == nil {
		return min(max(time.Until(at), 0), mostWait)
	}
	return min(time.Second<<try, mostWait)
}

func (c *chat) post(ctx context.Context, body []byte) (int, http.Header, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return 0, nil, nil, c.unreached(ctx, err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err != nil {
		return 0, nil, nil, c.unreached(ctx, err)
	}
	return answer.StatusCode, answer.Header, data, nil
}

func (c *chat) unreached(ctx context.Context, err error) error {
	var timed interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &timed) && timed.Timeout():
		return fmt.Errorf("%s did not answer within %s: is the model loaded? --timeout waits longer", c.url, c.http.Timeout)
	}
	return errors.New(c.clean("the model can't be reached: " + err.Error() + ". Is its server running, and --url right?"))
}

// read reads an answer, or says what is wrong with it and what to do.
func (c *chat) read(status int, header http.Header, data []byte) (*completion, error) {
	if status != http.StatusOK {
		return nil, errors.New(c.clean(c.refused(status, data)))
	}
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	var answer completion
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, errors.New(c.clean(fmt.Sprintf("%s answered with %s that is no completion: is --url the address of the API, mostly one that ends in /v1? It begins: %s", c.url, kind, begin(data))))
	}
	switch {
	case len(answer.Error) > 0 && string(answer.Error) != "null":
		return nil, errors.New(c.clean(fmt.Sprintf("%s answered with an error: %s", c.url, begin(answer.Error))))
	case len(answer.Choices) == 0:
		return nil, errors.New(c.clean(fmt.Sprintf("%s answered without a message: %s", c.url, begin(data))))
	}
	return &answer, nil
}

// refused says what a status means here.
func (c *chat) refused(status int, data []byte) string {
	said := fmt.Sprintf("%s answered %d %s", c.url, status, http.StatusText(status))
	text := begin(data)
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		said += ": it does not take the key" + c.keyFrom()
	case status == http.StatusNotFound:
		said += fmt.Sprintf(": either --url is not the address of the API, or it has no model %q", c.model)
	case status == http.StatusTooManyRequests:
		said += fmt.Sprintf(", %d times: the address allows less than this; wait, or do fewer jobs with --job", mostTries)
	case status >= 300 && status < 400:
		said += ": it points elsewhere, and the key is not sent there; give --url as it is in the end"
	case status == http.StatusBadRequest && matches("tool|function", text):
		said += ": this model, or its server, may not take tools; the jobs need one that does"
	}
	return said + ". It says: " + text
}

func (c *chat) keyFrom() string {
	if c.keyEnv == "" {
		return ", since there is none: --key-env names the variable that holds it"
	}
	return " of the variable " + c.keyEnv
}

// clean takes the key out of a text: some addresses repeat it.
func (c *chat) clean(text string) string {
	if c.key == "" {
		return text
	}
	return strings.ReplaceAll(text, c.key, "(the key)")
}

// begin is the beginning of an answer, on one line.
func begin(data []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(data), "?")), " ")
	if text == "" {
		return "nothing"
	}
	if r := []rune(text); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return text
}
