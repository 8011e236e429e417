package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// kind is a kind of thing to ask for.
type kind struct {
	name, endpoint string

	// ask makes one; look finds it, as the answer that it is not known says to.
	ask, look func(lane, i int) call

	// there reports whether the answer to look shows it, beside those alike that
	// were made before.
	there func(answer string, lane, i, before int) bool

	// count is how many there are, by asking the workspace itself.
	count func(get func(path string) string) int
}

// call is a call of a tool.
type call struct{ tool, arguments string }

// kinds are those asked for in turn. Deals and tasks have the same few names
// again and again: what was made is known by what was not there before alone.
var kinds = []kind{
	{
		"contact", "contacts.create",
		func(l, i int) call {
			return call{"create_contact", fmt.Sprintf(`{"fields":{"email":%q,"last_name":"Lost"}}`, email(l, i))}
		},
		func(l, i int) call {
			return call{"search_contacts", fmt.Sprintf(`{"filters":[{"field":"email","op":"is","value":%q}]}`, email(l, i))}
		},
		counted, totalOf("/contacts"),
	},
	{
		"deal", "deals.create",
		func(_, i int) call { return call{"create_deal", fmt.Sprintf(`{"fields":{"name":%q}}`, alike(i))} },
		func(_, i int) call {
			return call{"search_deals", fmt.Sprintf(`{"filters":[{"field":"name","op":"is","value":%q}]}`, alike(i))}
		},
		counted, totalOf("/deals"),
	},
	{
		"task", "tasks.create",
		func(_, i int) call { return call{"create_task", fmt.Sprintf(`{"task":%q}`, alike(i))} },
		func(_, i int) call {
			return call{"search_tasks", fmt.Sprintf(`{"filters":[{"field":"task","op":"is","value":%q}]}`, alike(i))}
		},
		counted, totalOf("/tasks"),
	},
	{
		"note", "notes.create",
		func(l, i int) call {
			return call{"add_note", fmt.Sprintf(`{"entity_type":"contact","entity_id":%d,"text":%q}`, onRecord, text(l, i))}
		},
		func(_, i int) call {
			return call{"get_contact", fmt.Sprintf(`{"id":%d,"include":["notes"]}`, onRecord)}
		},
		shown, textsIn("/contacts/%d/notes?limit=1000"),
	},
	{
		"case reply", "cases.reply",
		func(l, i int) call {
			return call{"add_case_reply", fmt.Sprintf(`{"id":%d,"text":%q}`, onRecord, text(l, i))}
		},
		func(_, _ int) call { return call{"get_case_replies", fmt.Sprintf(`{"id":%d}`, onRecord)} },
		shown, textsIn("/cases/%d/replies?limit=1000"),
	},
}

func email(lane, i int) string { return fmt.Sprintf("lost-%d-%d@example.com", lane, i) }
func text(lane, i int) string  { return fmt.Sprintf("Photograph %d-%d was sent.", lane, i) }

// alike is one of three names.
func alike(i int) string { return fmt.Sprintf("Renewal %c", 'A'+i/inTurn%3) }

// onRecord is the contact or case that all are about, so that there are soon more
// on it than stand on a page.
const onRecord = 1

// inTurn is how many kinds there are.
const inTurn = 5

var total = regexp.MustCompile(`^(?:\d+–\d+ of )?(\d+) `)

// counted goes by how many there are, which the first line says.
func counted(answer string, _, _, before int) bool {
	m := total.FindStringSubmatch(answer)
	if m == nil {
		return false // "No deals found."
	}
	n, err := strconv.Atoi(m[1])
	return err == nil && n > before
}

// shown goes by its text.
func shown(answer string, lane, i, _ int) bool { return strings.Contains(answer, text(lane, i)) }

var inAll = regexp.MustCompile(`"total":"(\d+)"`)

// totalOf is the total of a list.
func totalOf(path string) func(func(string) string) int {
	return func(get func(string) string) int {
		m := inAll.FindStringSubmatch(get(path + "?limit=1"))
		if m == nil {
			return -1
		}
		n, _ := strconv.Atoi(m[1])
		return n
	}
}

// textsIn is how many of our texts there are.
func textsIn(path string) func(func(string) string) int {
	return func(get func(string) string) int {
		return strings.Count(get(fmt.Sprintf(path, onRecord)), `"text":"Photograph `)
	}
}
