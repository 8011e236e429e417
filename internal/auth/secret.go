package auth

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a credential that shows itself to nobody by mistake: printed, logged
// or encoded it is only said to be there. It is kept behind a pointer, since %p
// asks nobody before it prints what a struct holds.
type Secret struct{ text *string }

// NewSecret keeps a credential.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal is the credential itself; "" if there is none.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String leaves the credential out.
func (s Secret) String() string {
	if s.Reveal() == "" {
		return "not set"
	}
	return "set, hidden"
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// Format is String for every verb: some, like %d, would else look inside.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText is String, for JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON is String in quotes.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// LogValue is String, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
