package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/sandbox"
)

// write is a call that changes one thing.
type write struct{ tool, arguments string }

// writer makes up changes. Each has a mark, in what it writes or by the record
// that it is about, by which its request and its entry in the journal are known.
type writer struct {
	w    *chaos.Workspace
	draw *rand.Rand
	n    int
}

// next is the next change.
func (x *writer) next() write {
	x.n++
	mark := fmt.Sprintf("mark-%d-", x.n)
	some := 1 + x.draw.IntN(40) // any record of the seed
	switch x.draw.IntN(10) {
	case 0, 1:
		return write{"create_contact", fmt.Sprintf(`{"fields":{"email":"%s@example.com","last_name":"Kill"}}`, mark)}
	case 2, 3:
		return write{"update_contact", fmt.Sprintf(`{"id":%d,"fields":{"city":%q}}`, some, mark)}
	case 4:
		return write{"delete_contact", fmt.Sprintf(`{"id":%s}`, x.fresh("contact", "/contacts/new", `{"email":"gone-%d@example.com"}`))}
	case 5:
		return write{"add_contact_to_list", fmt.Sprintf(`{"list_id":42,"id":%s}`, x.fresh("contact", "/contacts/new", `{"email":"list-%d@example.com"}`))}
	case 6:
		return write{"complete_task", fmt.Sprintf(`{"id":%s}`, x.fresh("task", "/tasks/new", `{"task":"To be done %d"}`))}
	case 7:
		return write{"create_task", fmt.Sprintf(`{"task":%q}`, mark)}
	case 8:
		return write{"add_note", fmt.Sprintf(`{"entity_type":"contact","entity_id":%d,"text":%q}`, some, mark)}
	}
	return write{"add_case_reply", fmt.Sprintf(`{"id":%d,"text":%q}`, some, mark)}
}

// fresh makes a record that no other change is about, and gives its id.
func (x *writer) fresh(name, path, body string) string {
	status, answer := x.w.Direct(sandbox.Key, "POST", path, fmt.Sprintf(body, x.n))
	var made map[string]struct{ ID json.Number }
	if err := json.Unmarshal([]byte(answer), &made); err != nil || status >= 300 {
		panic(fmt.Sprintf("kill: no %s could be made: %d %s", name, status, answer))
	}
	return made[name].ID.String()
}
