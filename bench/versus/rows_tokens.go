package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tiktoken-go/tokenizer"

	"flexie-mcp/bench/internal/measure"
	"flexie-mcp/flexie"
)

// counter counts o200k tokens.
type counter struct{ tokenizer.Codec }

func (c counter) of(text string) float64 {
	n, err := c.Count(text)
	if err != nil {
		return 0
	}
	return float64(n)
}

// noContact is a contact that there isn't.
const noContact = 99_999_999

// measureTokens counts what a model is shown. Only tools/list of the same breadth is
// compared: the bare server has no groups.
func measureTokens(ctx context.Context, b *bench) ([]finding, error) {
	o200k, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		return nil, err
	}
	t := tokens{bench: b, counter: counter{o200k}}
	found, err := t.lists(ctx)
	if err != nil {
		return nil, err
	}
	answers, err := t.answers(ctx)
	return append(found, answers...), err
}

type tokens struct {
	*bench
	counter
}

// lists counts tools/list as it goes over the wire, by toolset.
func (t tokens) lists(ctx context.Context) (found []finding, err error) {
	most := map[string]float64{"discover": 1000, "core": 6000, "all": 13_000}
	for _, toolset := range append([]string{"discover", "core", "all"}, flexie.Groups...) {
		cells := map[string]cell{}
		for _, r := range t.rivals {
			if r.name == oursName { // whose descriptions name fields, once it knows some
				if r, err = t.ours(); err != nil {
					return nil, err
				}
			}
			as, offers := t.offering(r, toolset)
			if !offers {
				continue
			}
			if cells[r.name], err = t.list(ctx, as); err != nil {
				return nil, err
			}
		}
		f := finding{Key: "list " + toolset, What: "tokens of tools/list, " + toolset, Cells: cells}
		if goal, ok := most[toolset]; ok {
			f.Goal, f.Met = "at most "+thousands(int(goal)), cells[oursName].Median <= goal
		}
		found = append(found, f)
	}
	return found, nil
}

// offering is a rival that offers a toolset, if it can be told to.
func (t tokens) offering(r rival, toolset string) (rival, bool) {
	tell := func(environ []string, arguments ...string) (rival, bool) {
		r.command = append(slices.Clone(r.command), arguments...)
		before := r.environ
		r.environ = func(root string) []string { return append(before(root), environ...) }
		return r, true
	}
	switch {
	case r.name == oursName:
		return tell([]string{"FLEXIE_TOOLSETS=" + toolset})
	case toolset == "all":
		return r, true
	case r.name == gatewayName && toolset == "discover":
		return tell([]string{"TOOLS_MODE=dynamic"})
	case r.name == gatewayName:
		for _, o := range t.page {
			if e, ok := endpointOf(o.Method, o.path()); ok && e.Group == toolset {
				return tell(nil, "--tag", o.Group)
			}
		}
	}
	return r, false
}

func (t tokens) list(ctx context.Context, r rival) (cell, error) {
	s, err := t.open(ctx, r, t.root(""))
	if err != nil {
		return cell{}, err
	}
	defer s.end()
	all, err := s.tools(ctx)
	if err != nil {
		return cell{}, err
	}
	list, err := json.Marshal(all)
	c := single(t.of(string(list)), "%.0f")
	c.Shown += fmt.Sprintf(" for %d tools", len(all))
	return c, err
}

// answers counts those of the same question.
func (t tokens) answers(ctx context.Context) (found []finding, err error) {
	all, end, err := t.sessions(ctx, "")
	if err != nil {
		return nil, err
	}
	defer end()
	for _, ask := range []struct {
		key, what, path string
		most            float64
		call            func(rival) call
	}{
		{"thirty", "tokens of an answer of 30 contacts", "/contacts?limit=30", 2500, func(r rival) call { return r.thirty }},
		{"one", "tokens of one contact", "/contacts/42", 1200, func(r rival) call { return r.contact(42) }},
		{"error", "tokens of an error: no such contact", fmt.Sprintf("/contacts/%d", noContact), 0, func(r rival) call { return r.contact(noContact) }},
	} {
		cells := map[string]cell{}
		for i, r := range t.rivals {
			answer, err := all[i].do(ctx, ask.call(r))
			if err != nil {
				return nil, err
			}
			if cells[r.name], err = t.halves(answer); err != nil {
				return nil, err
			}
		}
		plain, err := fetch(ctx, t.root("")+ask.path)
		if err != nil {
			return nil, err
		}
		f := finding{Key: ask.key, What: fmt.Sprintf("%s (raw JSON: %.0f)", ask.what, t.of(plain)), Cells: cells}
		if ask.most > 0 {
			f.Goal, f.Met = "at most "+thousands(int(ask.most)), cells[oursName].Median <= ask.most
		}
		found = append(found, f)
	}
	return found, nil
}

// halves counts text and data of an answer, since clients show either or both.
func (t tokens) halves(answer json.RawMessage) (cell, error) {
	var a struct {
		Content []struct{ Text string }
		Data    json.RawMessage `json:"structuredContent"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return cell{}, err
	}
	text, data := 0.0, 0.0
	for _, c := range a.Content {
		text += t.of(c.Text)
	}
	if data = t.of(string(a.Data)); len(a.Data) == 0 {
		return single(text, "%.0f"), nil
	}
	return cell{Shown: fmt.Sprintf("%.0f: text %.0f, data %.0f", text+data, text, data), Median: text + data, Rounds: measure.Rounds{text, data}}, nil
}

// thousands writes a number as people do.
func thousands(n int) string {
	if n < 10_000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
