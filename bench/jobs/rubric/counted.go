package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// tool is one as a client sees it.
type tool struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Description string `json:"description"`
	InputSchema struct {
		Properties map[string]struct {
			Description string   `json:"description"`
			Enum        []string `json:"enum"`
		} `json:"properties"`
	} `json:"inputSchema"`
	Annotations struct {
		ReadOnly    bool `json:"readOnlyHint"`
		Destructive bool `json:"destructiveHint"`
	} `json:"annotations"`
}

// described are all tools there are, as they go out.
func described() (all []tool, err error) {
	for _, t := range append(tools.All(), tools.Discover(nil)...) {
		data, err := json.Marshal(server.Describe(t))
		if err != nil {
			return nil, err
		}
		var d tool
		if err := json.Unmarshal(data, &d); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// reads and writes are the verbs that a description may begin with.
var (
	reads  = []string{"Ask", "Find", "List", "Read", "Run", "Say", "Tell"}
	writes = []string{"Change", "Create", "Delete", "Mark", "Put", "Reply", "Run", "Send", "Take", "Write"}
)

// mostWords is how long a description may be: what is longer is read less.
const mostWords = 50

// problems are what a program can find wrong with a description.
func (t tool) problems(all []tool) (found []string) {
	verb, _, _ := strings.Cut(t.Description, " ")
	verbs := writes
	if t.Annotations.ReadOnly {
		verbs = reads
	}
	add := func(is bool, problem string) {
		if is {
			found = append(found, problem)
		}
	}
	add(t.Description == "", "it has no description")
	add(strings.EqualFold(strings.Trim(t.Description, ". "), t.Title), "the description is its title")
	add(!slices.Contains(verbs, verb), "the description does not begin with a verb of what its annotations say it does: "+verb)
	add(len(strings.Fields(t.Description)) > mostWords, "the description is long")
	add(strings.HasPrefix(t.Name, "delete_") && !strings.Contains(t.Description, "for good"), "the description does not say that it is for good")
	add(isSent(t.Name) && !strings.Contains(t.Description, "can't be taken back"), "the description does not say that it can't be taken back")
	for _, name := range mentioned(t.Description) {
		add(!slices.Contains(names(all), name) && !t.takes(name), "the description names what there is not: "+name)
	}
	return found
}

func isSent(name string) bool { return name == "send_email" || name == "add_case_reply" }

func (t tool) takes(name string) bool {
	_, takes := t.InputSchema.Properties[name]
	return takes
}

var snake = regexp.MustCompile(`\b[a-z]+(?:_[a-z]+)+\b`)

// mentioned are the names in a description that are written as tools and arguments are,
// apart from those of fields and of the values of an argument.
func mentioned(text string) (names []string) {
	for _, name := range snake.FindAllString(text, -1) {
		if !slices.Contains([]string{"due_date", "is_completed", "owner_id", "is_published"}, name) {
			names = append(names, name)
		}
	}
	return names
}

// when are words by which a description says when to use a tool.
var when = regexp.MustCompile(`(?i)\be\.g\.|\b(?:instead|before|first|unless|if|to answer|use|only with|for)\b`)

// saysWhen reports whether a description says when to use the tool, or names another
// one to use.
func (t tool) saysWhen(all []tool) bool {
	text := strings.ReplaceAll(t.Description, "for good", "")
	return when.MatchString(text) || slices.ContainsFunc(mentioned(text), func(name string) bool { return name != t.Name && slices.Contains(names(all), name) })
}

// coverageOf is the share of arguments with a description or a list of values, in
// percent, as the rubric counts it; 100 if there are none.
func coverageOf(all []tool) int {
	of, with := 0, 0
	for _, t := range all {
		for _, p := range t.InputSchema.Properties {
			of++
			if p.Description != "" {
				with++
			}
		}
	}
	if of == 0 {
		return 100
	}
	return (with*100 + of/2) / of
}
