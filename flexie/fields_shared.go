package flexie

import (
	"hash/maphash"
	"reflect"
	"runtime"
	"sync"
	"weak"
)

// fieldList is a list of fields that everybody has who was told the same. It is
// not to be changed.
type fieldList struct{ fields []Field }

// fieldLists find the lists that somebody has. They hold none themselves: the last
// client to let go of a list takes it along.
type fieldLists struct {
	seed maphash.Seed
	mu   sync.Mutex
	had  map[uint64]weak.Pointer[fieldList]
}

// toldFields are those of all clients of this process. Most users of a workspace
// see the same fields, and a list takes some 15 KiB.
var toldFields = &fieldLists{seed: maphash.MakeSeed(), had: map[uint64]weak.Pointer[fieldList]{}}

// one is the list of these fields: one that is had already and says exactly the
// same, or else a new one.
func (all *fieldLists) one(fields []Field) *fieldList {
	if len(fields) == 0 {
		return &fieldList{}
	}
	key := all.hash(fields)
	all.mu.Lock()
	defer all.mu.Unlock()
	if had := all.had[key].Value(); had != nil && reflect.DeepEqual(had.fields, fields) {
		return had
	}
	list := &fieldList{fields}
	all.had[key] = weak.Make(list)
	runtime.AddCleanup(list, all.forget, key)
	return list
}

func (all *fieldLists) forget(key uint64) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.had[key].Value() == nil {
		delete(all.had, key)
	}
}

func (all *fieldLists) hash(fields []Field) uint64 {
	var h maphash.Hash
	h.SetSeed(all.seed)
	for _, f := range fields {
		maphash.WriteComparable(&h, [...]string{f.Alias, f.Label, f.Type, f.Category, f.Default})
		maphash.WriteComparable(&h, [...]bool{f.Required, f.Unique})
		for _, o := range f.Options {
			maphash.WriteComparable(&h, o)
		}
	}
	return h.Sum64()
}
