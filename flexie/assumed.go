package flexie

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// assumed are whole assumptions, made ready to read and write by. It is not to be
// changed.
type assumed struct {
	Assumptions

	given     Assumptions         // of which it was made
	system    map[string]string   // names of properties here, by those of Flexie
	operators map[string]operator // by their plain names
	types     map[string]string   // types of fields as they are known here, by other names
	zone      *time.Location      // of times without one; nil is UTC
}

// present is what is assumed where nothing else is said.
var present = func() *assumed {
	a, err := newAssumed(Assumptions{})
	if err != nil {
		panic(err)
	}
	return a
}()

// lastAssumed is what the last client assumed that had assumptions of its own. A
// server has many clients, and all assume the same.
var lastAssumed atomic.Pointer[assumed]

// assume makes assumptions ready, or says what is wrong with them.
func assume(given Assumptions) (*assumed, error) {
	if reflect.ValueOf(given).IsZero() {
		return present, nil
	}
	if last := lastAssumed.Load(); last != nil && reflect.DeepEqual(last.given, given) {
		return last, nil
	}
	a, err := newAssumed(given)
	if err == nil {
		lastAssumed.Store(a)
	}
	return a, err
}

func newAssumed(given Assumptions) (*assumed, error) {
	if problems := given.Check(); len(problems) > 0 {
		return nil, errors.New("assumptions: " + strings.Join(problems, "; "))
	}
	a := &assumed{Assumptions: given.whole(), given: given, operators: map[string]operator{}}
	a.system, a.types = inverse(a.SystemNames), inverse(a.FieldTypes)
	for _, o := range operators {
		words, err := readOperator(a.FilterOperators[o.name])
		if err != nil {
			return nil, err
		}
		words.name, words.takes = o.name, o.takes
		a.operators[o.name] = words
	}
	if a.TimesZone != "UTC" {
		a.zone, _ = time.LoadLocation(a.TimesZone) // which Check has done
	}
	return a, nil
}

// inverse finds our names by Flexie's.
func inverse(names map[string][]string) map[string]string {
	ours := map[string]string{}
	for our, theirs := range names {
		for _, name := range theirs {
			ours[name] = our
		}
	}
	return ours
}

// typeKnown is the name by which a type of field is known here, in small letters.
func (a *assumed) typeKnown(t string) string {
	t = strings.ToLower(t)
	if known := a.types[t]; known != "" {
		return known
	}
	return t
}

// memberAt is what stands under a name in an object; a name with dots leads inside,
// where there is no member of that very name.
func memberAt(o *Object, name string) (any, bool) {
	if o.Has(name) {
		return o.Get(name), true
	}
	outer, rest, isPath := strings.Cut(name, ".")
	inner, _ := o.Get(outer).(*Object)
	if !isPath || inner == nil {
		return nil, false
	}
	return memberAt(inner, rest)
}

// firstOf is the first member, by these names, that there is.
func firstOf(o *Object, names []string) any {
	for _, name := range names {
		if v, ok := memberAt(o, name); ok {
			return v
		}
	}
	return nil
}

// textOf is the first of these members that is a text or a number, as text.
func textOf(o *Object, names []string) string {
	for _, name := range names {
		v, _ := memberAt(o, name)
		if text := stringOf(v); text != "" {
			return text
		}
	}
	return ""
}

// saysAny reports whether any of these members says yes.
func saysAny(o *Object, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		v, _ := memberAt(o, name)
		return truthy(v)
	})
}

// renamed sets the properties of an answer by the names that they are known by
// here, where this workspace has others. Those stay beside them.
func (a *assumed) renamed(endpoint string, values *Object) {
	if a == present {
		return
	}
	var names map[string][]string
	switch group, call, _ := strings.Cut(endpoint, "."); {
	case strings.HasPrefix(endpoint, "cases.repl"):
		names = a.ReplyNames
	case group == "notes" || call == "notes":
		names = a.NoteNames
	case group == "emails":
		names = a.EmailNames
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		for _, other := range names[name] {
			if v, ok := memberAt(values, other); ok {
				values.Set(name, v)
				break
			}
		}
	}
}

// refusal is the error of a search. Where Flexie refused it for what it was asked,
// it names what the settings say of filters, which may be why.
func (a *assumed) refusal(q Query, err error) error {
	var e *Error
	if len(a.given.FilterOperators) == 0 || len(q.Filters) == 0 || !refusedByFlexie(err) || !errors.As(err, &e) {
		return err
	}
	noted := *e
	noted.note = "The settings set filter_operators under [assumptions]"
	return &noted
}
