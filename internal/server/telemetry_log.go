package server

import (
	"context"
	"log/slog"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

// messageLog has mcp-go log each message at debug, and nothing where no such
// lines are written.
func messageLog(log *slog.Logger) []mcpserver.ServerOption {
	if log == nil || !log.Enabled(context.Background(), slog.LevelDebug) {
		return nil
	}
	return []mcpserver.ServerOption{mcpserver.WithLogger(slog.New(messageLines{log.Handler()}))}
}

// messageLines writes mcp-go's lines, which are at info, at debug, and without the
// ids of sessions and the texts of errors.
type messageLines struct{ slog.Handler }

func (h messageLines) Enabled(ctx context.Context, _ slog.Level) bool {
	return h.Handler.Enabled(ctx, slog.LevelDebug)
}

func (h messageLines) Handle(ctx context.Context, r slog.Record) error {
	line := slog.NewRecord(r.Time, slog.LevelDebug, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != "mcp.session.id" && a.Key != "error" {
			line.AddAttrs(a)
		}
		return true
	})
	return h.Handler.Handle(ctx, line)
}
