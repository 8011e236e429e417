package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// bounds end a job that would not end.
type bounds struct {
	turns, tokens int
	time          time.Duration
}

// situation is what the model is told beside what the server says of itself.
const situation = `You are the assistant of Elena Marković, operations lead, who is in Belgrade. It is Monday, 22 June 2026, 11:00 there. ` +
	`Do what she asks with the tools. Ask her only what you can't find out. When it is done, or can't be done, tell her so in a few words, with the facts that she asked for.`

// conversation is a job as a model does it.
type conversation struct {
	chat      *chat
	bounds    bounds
	session   *session
	job       *Job
	outcome   *outcome
	functions []function
	messages  []message
	said      []string // to the user
	replies   int      // how often the user was asked back
	preview   bool     // the last call ended in one
}

// byModel does jobs by a model.
func byModel(c *chat, b bounds) doer {
	return func(ctx context.Context, s *session, j *Job, o *outcome) error {
		within, cancel := context.WithTimeout(ctx, b.time)
		defer cancel()
		v := &conversation{chat: c, bounds: b, session: s, job: j, outcome: o, functions: functionsOf(s), messages: []message{
			{Role: "system", Content: s.instructions + "\n\n" + situation},
			{Role: "user", Content: j.Ask},
		}}
		err := v.run(within)
		o.Answer = c.clean(strings.Join(v.said, "\n\n"))
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			o.Ended, err = fmt.Sprintf("it was not done within %s", b.time), nil
		}
		return err
	}
}

// functionsOf are the tools of a session as a model is told of them.
func functionsOf(s *session) (all []function) {
	for _, t := range s.tools {
		f := function{Type: "function"}
		f.Function.Name, f.Function.Description, f.Function.Parameters = t.Name, t.Description, t.RawInputSchema
		if f.Function.Parameters == nil {
			f.Function.Parameters, _ = json.Marshal(t.InputSchema)
		}
		all = append(all, f)
	}
	return all
}

// run goes on until the model makes no more calls and asks nothing.
func (v *conversation) run(ctx context.Context) error {
	for turn := 0; ; turn++ {
		if v.outcome.Ended = v.over(turn); v.outcome.Ended != "" {
			return nil
		}
		answer, err := v.chat.answer(ctx, v.messages, v.functions)
		if err != nil {
			return err
		}
		v.count(answer)
		choice := answer.Choices[0]
		choice.Message.Role = "assistant"
		v.messages = append(v.messages, choice.Message)
		if text := strings.TrimSpace(choice.Message.Content); text != "" {
			v.said = append(v.said, text)
		}
		if len(choice.Message.ToolCalls) > 0 {
			v.call(ctx, choice.Message.ToolCalls)
			continue
		}
		if v.outcome.Ended = ending(choice.FinishReason); v.outcome.Ended != "" || !v.reply(choice.Message.Content) {
			return nil
		}
	}
}

func (v *conversation) over(turn int) string {
	switch {
	case turn >= v.bounds.turns:
		return fmt.Sprintf("it was not done after %d answers", turn)
	case v.outcome.In+v.outcome.Out > v.bounds.tokens:
		return fmt.Sprintf("it was not done after %d tokens", v.outcome.In+v.outcome.Out)
	}
	return ""
}

func (v *conversation) count(answer *completion) {
	if answer.Usage == nil {
		v.outcome.Unknown = true
		return
	}
	v.outcome.In += answer.Usage.In
	v.outcome.Out += answer.Usage.Out
}

// ending says what is wrong with the way in which an answer ended.
func ending(reason string) string {
	switch reason {
	case "length":
		return "the model's answer was cut: it reached the most tokens that its address lets it write"
	case "content_filter":
		return "the address held the model's answer back (content_filter)"
	}
	return ""
}

// call makes the calls of one answer, in their order, and adds what they say.
func (v *conversation) call(ctx context.Context, calls []toolCall) {
	for _, c := range calls {
		text := v.callOne(ctx, c)
		v.preview = codeOf(text) != ""
		v.messages = append(v.messages, message{Role: "tool", ToolCallID: c.ID, Content: text})
	}
}

func (v *conversation) callOne(ctx context.Context, c toolCall) string {
	arguments := json.RawMessage(strings.TrimSpace(c.Function.Arguments))
	if len(arguments) == 0 {
		arguments = json.RawMessage("{}")
	}
	var object map[string]any
	if err := json.Unmarshal(arguments, &object); err != nil {
		written, _ := json.Marshal(c.Function.Arguments)
		v.session.calls = append(v.session.calls, call{c.Function.Name, written, true})
		return fmt.Sprintf("Nothing was called: the arguments are not a whole JSON object (%v). Make the call again.", err)
	}
	text, _ := v.session.call(ctx, c.Function.Name, arguments)
	return text
}

// reply is the user's, if the model has asked something, and the job says what the
// user says to that. A model that is done is left alone.
func (v *conversation) reply(text string) bool {
	asks := v.preview || strings.Contains(text, "?")
	if !asks || v.replies >= len(v.job.Replies) {
		return false
	}
	v.messages = append(v.messages, message{Role: "user", Content: v.job.Replies[v.replies]})
	v.replies++
	v.preview = false
	return true
}
