package main

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // reads the sandbox's database
)

// snapshot is everything in a workspace: the fields of each item, by a name like
// deal/2. It is read from the sandbox's database, by no code of the server's.
type snapshot map[string]map[string]string

// modified is the field of a snapshot that changes with every write.
const modified = "modified"

func takeSnapshot(file string) (snapshot, error) {
	at := url.URL{Scheme: "file", OmitHost: true, Path: file, RawQuery: "mode=ro&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", at.String())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	s := snapshot{}
	return s, cmp.Or(s.readItems(db), s.readLinks(db))
}

func (s snapshot) readItems(db *sql.DB) error {
	rows, err := db.Query(`SELECT kind || '/' || id, created, coalesce(created_by, 0), coalesce(modified, ''), coalesce(modified_by, 0), data FROM item`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, created, by, at, atBy, data string
		if err := rows.Scan(&name, &created, &by, &at, &atBy, &data); err != nil {
			return err
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(data), &fields); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s[name] = map[string]string{"created": created, "created_by": by, modified: at + " by " + atBy}
		for alias, value := range fields {
			if v := textOf(value); v != "" {
				s[name][alias] = v
			}
		}
	}
	return rows.Err()
}

func (s snapshot) readLinks(db *sql.DB) error {
	rows, err := db.Query(`SELECT relation || '/' || parent || '/' || child FROM link`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		s[name] = map[string]string{}
	}
	return rows.Err()
}

// members are the children in a relation, named RELATION/PARENT, in order.
func (s snapshot) members(of string) (ids []string) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if id, is := strings.CutPrefix(name, of+"/"); is {
			ids = append(ids, id)
		}
	}
	return ids
}

// textOf is a value as it is compared: a text without its quotes, else its JSON;
// null is the same as no value.
func textOf(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// difference is what became of an item.
type difference struct {
	item       string
	made, gone bool
	fields     map[string]string // what changed, as it is now
}

// since are the differences to an earlier snapshot, ordered by name.
func (s snapshot) since(before snapshot) (all []difference) {
	for name, fields := range s {
		was, there := before[name]
		if !there {
			all = append(all, difference{item: name, made: true, fields: fields})
		} else if changed := changedFields(was, fields); len(changed) > 0 {
			all = append(all, difference{item: name, fields: changed})
		}
	}
	for name := range before {
		if _, there := s[name]; !there {
			all = append(all, difference{item: name, gone: true})
		}
	}
	slices.SortFunc(all, func(a, b difference) int { return strings.Compare(a.item, b.item) })
	return all
}

func changedFields(was, is map[string]string) map[string]string {
	changed := map[string]string{}
	for alias, value := range is {
		if was[alias] != value {
			changed[alias] = value
		}
	}
	for alias := range was {
		if _, there := is[alias]; !there {
			changed[alias] = ""
		}
	}
	return changed
}
