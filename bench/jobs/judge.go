package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// judge says all that is wrong with what came of a job; nothing if it is done.
func (j *Job) judge(before, after snapshot, answer string) (wrong []string) {
	left := after.since(before)
	for _, c := range j.Changes {
		if c.SameAs != "" {
			left = slices.DeleteFunc(left, func(d difference) bool { return strings.HasPrefix(d.item, c.Item+"/") })
			wrong = append(wrong, c.judgeMembers(after)...)
			continue
		}
		i, problems := c.among(left)
		wrong = append(wrong, problems...)
		if i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	for _, d := range left {
		wrong = append(wrong, "nobody asked for this: "+d.String())
	}
	return append(wrong, j.Answer.judge(answer)...)
}

// judgeMembers says who is a member and should not be, or the reverse.
func (c Change) judgeMembers(s snapshot) (wrong []string) {
	are, wanted := s.members(c.Item), s.members(c.SameAs)
	for _, id := range are {
		if !slices.Contains(wanted, id) {
			wrong = append(wrong, fmt.Sprintf("nobody asked for this: %s/%s was made", c.Item, id))
		}
	}
	for _, id := range wanted {
		if !slices.Contains(are, id) {
			wrong = append(wrong, fmt.Sprintf("missing: %s/%s made", c.Item, id))
		}
	}
	return wrong
}

func (a Answer) judge(answer string) (wrong []string) {
	for _, p := range a.Holds {
		if !matches(p, answer) {
			wrong = append(wrong, "the answer lacks "+p)
		}
	}
	for _, p := range a.Lacks {
		if matches(p, answer) {
			wrong = append(wrong, "the answer holds "+p)
		}
	}
	return wrong
}

func matches(pattern, text string) bool {
	return regexp.MustCompile("(?is)" + pattern).MatchString(text)
}

// among finds the difference that a change is about, -1 if there is none, and says
// what is wrong with it. Of several that were made, the one with the least wrong.
func (c Change) among(all []difference) (found int, wrong []string) {
	found = -1
	for i, d := range all {
		if !c.isAbout(d) {
			continue
		}
		if problems := c.judge(d); found < 0 || len(problems) < len(wrong) {
			found, wrong = i, problems
		}
	}
	if found < 0 {
		return found, []string{"missing: " + c.String()}
	}
	return found, wrong
}

func (c Change) isAbout(d difference) bool {
	if kind, isNew := strings.CutSuffix(c.Item, "/new"); isNew {
		return d.made && strings.HasPrefix(d.item, kind+"/")
	}
	return c.Item == d.item && c.Gone == d.gone && c.Made == d.made
}

func (c Change) judge(d difference) (wrong []string) {
	for _, alias := range slices.Sorted(maps.Keys(c.Fields)) {
		if is := d.fields[alias]; !holds(c.Fields[alias], is) {
			wrong = append(wrong, fmt.Sprintf("%s: %s should be %v and is %q", d.item, alias, c.Fields[alias], is))
		}
	}
	if d.made {
		return wrong
	}
	for _, alias := range slices.Sorted(maps.Keys(d.fields)) {
		if _, wanted := c.Fields[alias]; !wanted && alias != modified && !slices.Contains(c.May, alias) {
			wrong = append(wrong, fmt.Sprintf("%s: nobody asked for another %s, and it is %q", d.item, alias, d.fields[alias]))
		}
	}
	return wrong
}

// holds reports whether a value of a snapshot is what a job wants.
func holds(wanted any, is string) bool {
	if text, ok := wanted.(string); ok {
		if pattern, ok := strings.CutPrefix(text, "~"); ok {
			return matches(pattern, is)
		}
		return text == is
	}
	data, err := json.Marshal(wanted)
	return err == nil && string(data) == is
}

func (c Change) String() string {
	switch {
	case c.Gone:
		return c.Item + " gone"
	case c.Made:
		return c.Item + " made"
	}
	return fmt.Sprintf("%s with %v", c.Item, c.Fields)
}

func (d difference) String() string {
	switch {
	case d.gone:
		return d.item + " is gone"
	case d.made:
		return d.item + " was made"
	}
	aliases := slices.DeleteFunc(slices.Sorted(maps.Keys(d.fields)), func(a string) bool { return a == modified })
	if len(aliases) == 0 {
		return d.item + " was written as it was"
	}
	return fmt.Sprintf("%s has another %s", d.item, strings.Join(aliases, ", "))
}
