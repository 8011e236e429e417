package sandbox

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fill puts a request's values into an item, and finds everything that is
// wrong with them at once.
func (c *call) fill(it *item, body values, creating bool) error {
	bad := problems{}
	for _, alias := range slices.Sorted(maps.Keys(body)) {
		c.set(it, alias, body[alias], bad)
	}
	if creating {
		setInitial(it, body)
	}
	checkRequired(it, body, creating, bad)
	for _, alias := range slices.Sorted(maps.Keys(body)) {
		if err := c.checkOthers(it, alias, bad); err != nil {
			return err
		}
	}
	if it.kind.finish != nil {
		if err := it.kind.finish(c, it, bad); err != nil {
			return err
		}
	}
	return bad.err()
}

// set takes one value of a request.
func (c *call) set(it *item, alias string, v any, bad problems) {
	f := it.kind.field(alias)
	switch {
	case f == nil:
		bad.add(alias, "Unknown field.")
		return
	case f.readOnly:
		bad.add(alias, "This field is read-only.")
		return
	}
	clean, err := f.accept(v)
	switch {
	case err != nil:
		bad.add(alias, "%v", err)
	case !f.secret:
		it.data[alias] = clean
	}
}

// setInitial fills what a new item was not given.
func setInitial(it *item, body values) {
	for _, f := range it.kind.fields {
		if _, given := body[f.alias]; !given && f.initial != nil {
			it.data[f.alias] = f.initial
		}
	}
}

func checkRequired(it *item, body values, creating bool, bad problems) {
	for _, f := range it.kind.fields {
		v := it.data[f.alias]
		if f.secret {
			v = body[f.alias]
		}
		_, given := body[f.alias]
		if f.required && (creating || given) && isEmpty(v) && bad[f.alias] == nil {
			bad.add(f.alias, "A value is required.")
		}
	}
}

// checkOthers checks a value against the rest of the workspace: what it points
// at must exist, what is unique must not be taken.
func (c *call) checkOthers(it *item, alias string, bad problems) error {
	f, v := it.kind.field(alias), it.data[alias]
	if f == nil || isEmpty(v) || bad[alias] != nil {
		return nil
	}
	if f.target != "" {
		ok, err := c.exists(f.target, integer(v))
		if err != nil {
			return err
		}
		if !ok {
			bad.add(alias, "No %s has the id %s.", f.target, shown(v))
		}
	}
	if text, ok := v.(string); ok && f.unique {
		other, err := c.holder(it.kind, f, text, it.id)
		if err != nil {
			return err
		}
		if other != 0 {
			bad.add(alias, "%q is already taken by %s %d.", text, it.kind.name, other)
		}
	}
	return nil
}

// holder is the id of the item, other than one, that has a value; 0 is none.
func (c *call) holder(k *kind, f *field, text string, not int64) (id int64, err error) {
	col, _ := k.column(f.alias)
	err = c.QueryRow(`SELECT id FROM item WHERE kind = ? AND id <> ? AND sandbox_fold(`+col.expr+`) = ? ORDER BY id`,
		k.table, not, fold(text)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// accept is a value as it is kept, or what is wrong with it. Empty is always
// a value: whether one is required is another question.
func (f *field) accept(v any) (any, error) {
	if v == nil || v == "" {
		return nil, nil
	}
	if len(f.choices) > 0 {
		return f.acceptChoice(v)
	}
	if accept := acceptors[f.typ]; accept != nil {
		return accept(f, v)
	}
	return acceptText(f, v)
}

// acceptors check and clean values by a field's type; the rest are text.
var acceptors = map[string]func(*field, any) (any, error){
	"email":       matching(regexp.MustCompile(`^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]+$`), "is not an email address"),
	"phone":       matching(regexp.MustCompile(`^\+?[0-9][0-9 ()./x-]{2,}$`), "is not a phone number"),
	"number":      acceptNumber,
	"currency":    acceptNumber,
	"lookup":      acceptID,
	"owner":       acceptID,
	"date":        acceptTime(dateLayout),
	"datetime":    acceptTime(timeLayout),
	"boolean":     acceptTruth,
	"select":      acceptOption,
	"multiselect": acceptOptions,
	"url":         acceptURL,
	"country":     acceptCountry,
}

func acceptText(_ *field, v any) (any, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return nil, fmt.Errorf("a text is expected")
}

func matching(pattern *regexp.Regexp, complaint string) func(*field, any) (any, error) {
	return func(_ *field, v any) (any, error) {
		if text, ok := v.(string); ok && pattern.MatchString(text) {
			return text, nil
		}
		return nil, fmt.Errorf("%s %s", shown(v), complaint)
	}
}

var numberPattern = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// acceptNumber keeps a number's digits as they came.
func acceptNumber(_ *field, v any) (any, error) {
	if text, ok := plain(v); ok && numberPattern.MatchString(text) {
		return json.Number(strings.TrimSpace(text)), nil
	}
	return nil, fmt.Errorf("%s is not a number", shown(v))
}

func acceptID(_ *field, v any) (any, error) {
	text, _ := plain(v)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
		return json.Number(text), nil
	}
	return nil, fmt.Errorf("%s is not an id", shown(v))
}

func acceptTime(layout string) func(*field, any) (any, error) {
	return func(_ *field, v any) (any, error) {
		text, _ := v.(string)
		t, _, err := parseTime(text)
		if err != nil {
			return nil, fmt.Errorf("%s is not a date like %s", shown(v), Today.Format(layout))
		}
		return t.Format(layout), nil
	}
}

// parseTime reads the ways Flexie's page writes dates. wholeDay says that the
// text has no time of day.
func parseTime(text string) (t time.Time, wholeDay bool, err error) {
	for _, layout := range []string{dateLayout, timeLayout, "2006-01-02 15:04", time.RFC3339} {
		if t, err = time.Parse(layout, text); err == nil {
			return t.UTC(), layout == dateLayout, nil
		}
	}
	return t, false, fmt.Errorf("%q is not a date like 2026-06-25 or 2026-06-25 14:00", text)
}

// truths are the ways to say yes and no.
var truths = map[string]bool{"true": true, "1": true, "yes": true, "false": false, "0": false, "no": false}

func acceptTruth(_ *field, v any) (any, error) {
	text, _ := plain(v)
	b, ok := truths[fold(text)]
	if !ok {
		return nil, fmt.Errorf("%s is neither true nor false", shown(v))
	}
	return b, nil
}

func acceptOption(f *field, v any) (any, error) {
	if text, ok := v.(string); ok && slices.Contains(f.options, text) {
		return text, nil
	}
	return nil, fmt.Errorf("%s is not one of: %s", shown(v), strings.Join(f.options, ", "))
}

// acceptOptions takes a list, or "a|b" as Mautic's forms send it.
func acceptOptions(f *field, v any) (any, error) {
	if text, ok := v.(string); ok {
		v = anySlice(strings.Split(text, "|"))
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("a list is expected")
	}
	chosen := []string{}
	for _, e := range list {
		option, err := acceptOption(f, e)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, option.(string))
	}
	return chosen, nil
}

// shown is a value as an error may quote it: text as it is, the rest as the JSON
// that was sent.
func shown(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "the value"
	}
	return string(text)
}

func anySlice(texts []string) []any {
	var list []any
	for _, t := range texts {
		list = append(list, t)
	}
	return list
}

func (f *field) acceptChoice(v any) (any, error) {
	text, _ := plain(v)
	var known []string
	for _, ch := range f.choices {
		if strconv.FormatInt(ch.value, 10) == text {
			return json.Number(text), nil
		}
		known = append(known, fmt.Sprintf("%d (%s)", ch.value, ch.label))
	}
	return nil, fmt.Errorf("%s is not one of: %s", shown(v), strings.Join(known, ", "))
}

func acceptURL(_ *field, v any) (any, error) {
	text, _ := v.(string)
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("%s is not a web address like https://www.example.com", shown(v))
	}
	return text, nil
}

func acceptCountry(_ *field, v any) (any, error) {
	if text, ok := v.(string); ok && slices.Contains(countries, text) {
		return text, nil
	}
	return nil, fmt.Errorf("%s is not the English name of a country", shown(v))
}
