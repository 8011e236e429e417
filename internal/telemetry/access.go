package telemetry

import (
	"context"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"
)

// Access writes one line a call. Its logger should be made with LogHandler,
// which adds the ids of request and trace.
type Access struct {
	Log *slog.Logger

	// Arguments has what was called with in the line, after Mask has taken out
	// what is secret. Without a Mask there are none.
	Arguments bool
	Mask      func(arguments []byte) []byte
}

// Call is a call of a tool that has ended.
type Call struct {
	Caller    string // the name of whoever asked, for people; never a key
	Client    string // the program that asked, as it calls itself
	Tool      string
	Outcome   string // OK or the kind of its error
	Took      time.Duration
	Arguments []byte // as they came, JSON
}

// The most of each that a line has, in bytes: a client may call itself anything.
const (
	mostName      = 100
	mostArguments = 4096
)

// Line writes the line of a call, at info.
func (a *Access) Line(ctx context.Context, c Call) {
	if a == nil || a.Log == nil || !a.Log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	line := []slog.Attr{
		slog.String("caller", cut(c.Caller, mostName)), slog.String("tool", cut(c.Tool, mostName)),
		slog.String("outcome", cut(c.Outcome, mostName)), slog.Float64("duration_s", c.Took.Seconds()),
		slog.String("client", cut(c.Client, mostName)),
	}
	if a.Arguments && a.Mask != nil {
		line = append(line, slog.String("arguments", cut(string(a.Mask(c.Arguments)), mostArguments)))
	}
	a.Log.LogAttrs(ctx, slog.LevelInfo, "call", line...)
}

// cut is the beginning of a text, of so many bytes at most, and that it is not
// all.
func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
