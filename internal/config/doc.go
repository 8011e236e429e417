// Package config reads the settings: flags, then FLEXIE_* environment
// variables, then a TOML file, then defaults.
//
// Settings in settings.go is the only place a setting is declared. Its flag,
// its environment name, its TOML key, its help, its line in
// config.example.toml and its row in docs/settings.md all come from the field
// and its tags, by way of fields.go.
//
// What is guessed of Flexie is set in the same places, but for flags, and is
// declared in flexie.Assumptions: assumptions.go reads it.
//
// It must not know what the settings are for: which toolsets or tools there
// are, or how to reach Flexie, is checked by those who do.
package config
