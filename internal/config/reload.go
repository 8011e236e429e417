package config

import (
	"maps"
	"os"
	"reflect"
)

// Equal reports whether both are the same settings, set in the same places.
func (l *Loaded) Equal(other *Loaded) bool {
	return reflect.DeepEqual(l.Settings, other.Settings) && maps.Equal(l.origins, other.origins)
}

// Rereadable reports whether the files that settings name can be read again: a
// pipe can't, as a shell makes of <(pass flexie).
func (s Settings) Rereadable() bool {
	for _, f := range fields {
		if f.kind.name != "path" {
			continue
		}
		if info, err := os.Stat(f.of(s)); err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket|os.ModeCharDevice) != 0 {
			return false
		}
	}
	return true
}

// Reloaded are the settings of a server that was started with l and goes by next
// while it runs: what can't change then stays.
func (l *Loaded) Reloaded(next *Loaded) *Loaded {
	now := &Loaded{Settings: l.Settings, Warnings: next.Warnings, origins: maps.Clone(l.origins)}
	for _, f := range fields {
		if f.reloads {
			reflect.ValueOf(&now.Settings).Elem().Field(f.index).Set(reflect.ValueOf(next.Settings).Field(f.index))
			now.origins[f.key] = next.origins[f.key]
		}
	}
	return now
}

// Changed are the keys of the settings that have another value in next. A file
// that holds another API key than before counts, under api_key_file.
func (l *Loaded) Changed(next *Loaded) (keys []string) {
	for _, f := range fields {
		if f.changed(l.Settings, next.Settings) {
			keys = append(keys, f.key)
		}
	}
	return append(keys, changedAssumptions(l.Assumptions, next.Assumptions)...)
}

func (f field) changed(before, now Settings) bool {
	value := func(s Settings) any { return reflect.ValueOf(s).Field(f.index).Interface() }
	if f.key == "api_key_file" && before.Key() != now.Key() && before.APIKey == now.APIKey {
		return true
	}
	return !reflect.DeepEqual(value(before), value(now))
}
