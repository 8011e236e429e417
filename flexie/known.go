package flexie

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Known is what has been learnt of a workspace so far. Nobody changes it: what
// is learnt later makes another. A nil one knows nothing.
type Known struct {
	fields map[string]*fieldList
	tables []string
}

// Fields are those of a kind, or of a custom table, as they were when they were
// last read; none if they never were. They are shared: not to be changed.
func (k *Known) Fields(kind Kind, table string) []Field {
	if k == nil {
		return nil
	}
	if list := k.fields[fieldsKey(kind, table)]; list != nil {
		return list.fields
	}
	return nil
}

// Tables are the custom tables known by name: those that the settings name,
// then those that something was found in, by name.
func (k *Known) Tables() []string {
	if k == nil {
		return nil
	}
	return k.tables
}

func fieldsKey(kind Kind, table string) string { return kind.Name + "/" + table }

// FieldStore keeps what was learnt between runs, for one caller in one
// workspace. It never fails: what can't be kept is read again. Keys mean
// nothing to it.
type FieldStore interface {
	Load() map[string]KeptFields
	Save(key string, kept KeptFields)
}

// KeptFields are the fields of a kind or table, and when they were read: at no
// time, for a table that was used without a need for its fields.
type KeptFields struct {
	Fields []Field
	Read   time.Time
}

// recent reports whether the fields are still believed.
func (k KeptFields) recent() bool {
	age := time.Since(k.Read)
	return age >= 0 && age < fieldsLifetime
}

// Knowledge gathers what calls learn of a workspace. It asks nothing itself:
// fields become known when a call needs them. A nil one learns nothing. It is
// safe for concurrent use.
type Knowledge struct {
	o       KnowledgeOptions
	loading sync.Once

	mu       sync.Mutex
	kept     map[string]KeptFields
	known    *Known
	watchers []func()
}

// KnowledgeOptions say what to begin with, and where to keep the rest.
type KnowledgeOptions struct {
	// Tables are custom tables known by name.
	Tables []string

	// Store keeps it between runs; nil keeps it in memory alone.
	Store FieldStore

	// Closed learns nothing that is not in these options.
	Closed bool
}

// NewKnowledge reads nothing yet.
func NewKnowledge(o KnowledgeOptions) *Knowledge { return &Knowledge{o: o} }

// Known is what is known now. The first use reads the store.
func (k *Knowledge) Known() *Known {
	if k == nil {
		return nil
	}
	k.load()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.known
}

// Watch has changed called after each change. It must not take long: a call
// waits for it.
func (k *Knowledge) Watch(changed func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.watchers = append(k.watchers, changed)
}

func (k *Knowledge) load() {
	k.loading.Do(func() {
		kept := map[string]KeptFields{}
		if k.o.Store != nil && !k.o.Closed {
			maps.Copy(kept, k.o.Store.Load())
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.kept, k.known = kept, k.gather(kept)
	})
}

// gather makes what is known of what is kept, which then shares its fields.
func (k *Knowledge) gather(kept map[string]KeptFields) *Known {
	known := &Known{fields: map[string]*fieldList{}}
	for key, of := range kept {
		if len(of.Fields) > 0 {
			known.fields[key] = toldFields.one(of.Fields)
			of.Fields = known.fields[key].fields
			kept[key] = of
		}
		if table, ok := strings.CutPrefix(key, fieldsKey(CustomRecord, "")); ok && table != "" {
			known.tables = append(known.tables, table)
		}
	}
	slices.Sort(known.tables)
	known.tables = firstOfEach(slices.Concat(k.o.Tables, known.tables))
	return known
}

func firstOfEach(names []string) []string {
	var unique []string
	for _, n := range names {
		if !slices.Contains(unique, n) {
			unique = append(unique, n)
		}
	}
	return unique
}

// recall gives fields that were read a short while ago, be it by another run.
func (k *Knowledge) recall(key string) ([]Field, time.Time, bool) {
	if k == nil {
		return nil, time.Time{}, false
	}
	k.load()
	k.mu.Lock()
	defer k.mu.Unlock()
	kept := k.kept[key]
	return kept.Fields, kept.Read.Add(fieldsLifetime), kept.recent() && len(kept.Fields) > 0
}

// learn takes in fields that Flexie has just told. None are not kept: a kind or
// a table without a field is one that does not exist, or may not be seen.
func (k *Knowledge) learn(key string, fields []Field) {
	if len(fields) > 0 {
		k.take(key, KeptFields{fields, time.Now()})
	}
}

// used takes in that something was found in a custom table.
func (k *Knowledge) used(kind Kind, table string) {
	if k == nil || !kind.Custom() || slices.Contains(k.Known().Tables(), table) {
		return
	}
	k.take(fieldsKey(kind, table), KeptFields{})
}

func (k *Knowledge) take(key string, kept KeptFields) {
	if k == nil || k.o.Closed {
		return
	}
	taken, watchers := k.replace(key, kept)
	if taken && k.o.Store != nil {
		k.o.Store.Save(key, kept)
	}
	for _, changed := range watchers {
		changed()
	}
}

// replace gives those who watch, if what is known has changed. That a table was
// used does not replace what is known of its fields.
func (k *Knowledge) replace(key string, kept KeptFields) (taken bool, watchers []func()) {
	k.load()
	k.mu.Lock()
	defer k.mu.Unlock()
	old, was := k.kept[key]
	if was && kept.Read.IsZero() {
		return false, nil
	}
	k.kept[key] = kept
	if was && reflect.DeepEqual(old.Fields, kept.Fields) {
		return true, nil
	}
	k.known = k.gather(k.kept)
	return true, slices.Clone(k.watchers)
}
