package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

func (a *app) httpCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "http",
		Short: "Serve over HTTP, to one person or many",
		Long: `http serves the same tools over HTTP, to clients that connect by an address:
streamable HTTP on /mcp, and the older SSE transport on /sse.

Who asks brings a credential: a token that "flexie-mcp token new" made, as
"Authorization: Bearer TOKEN", or their own Flexie key as "X-Flexie-Api-Key",
with "X-Flexie-Subdomain" for another workspace than the server's own. On an
address of this machine, and where there are no tokens, whoever sends none works
with the server's own key. Requests from web pages are refused unless
http_origins lists them. X-Flexie-Toolsets, X-Flexie-Tools and X-Flexie-Read-Only,
or an address like /mcp/x/cases,tasks/readonly, leave a connection fewer tools.
SIGTERM or Ctrl-C ends it, once calls under way are done or http_grace is over.`,
		Example: `  flexie-mcp http --sandbox
  flexie-mcp http --listen 127.0.0.1:9000
  flexie-mcp http --listen 0.0.0.0:8080 --http-tokens-file tokens.toml`,
		Args: noArguments,
	}
	address := listenFlag(cmd, "127.0.0.1:8080")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.serveHTTP(cmd, *address) }
	return cmd
}

func (a *app) serveHTTP(cmd *cobra.Command, address string) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	s := loaded.Settings
	if err := mayListen(address, s); err != nil {
		return err
	}
	serving, err := servingOf(s, newLog(a.Err, s))
	if err != nil {
		return err
	}
	options, workspace, err := a.openServing(cmd.Context(), loaded, true)
	if err != nil {
		return err
	}
	defer a.close(workspace, options)
	door, err := a.door(cmd.Context(), address, s, workspace, options.Log)
	if err != nil {
		return err
	}
	l, err := listen(address)
	if err != nil {
		return err
	}
	draining, end, err := a.operating(cmd.Context(), s, options.Observing)
	if err != nil {
		return err
	}
	defer end()
	go workspace.Settle(cmd.Context(), options.Log)
	fmt.Fprintf(a.Err, "flexie-mcp: serving %s://%s/mcp (streamable HTTP) and %[1]s://%[2]s/sse\n", scheme(serving), l.Addr())
	handler := options.Observing.Around(server.Handler(server.New(options), door, options.Log))
	context.AfterFunc(cmd.Context(), func() { signal.Reset(os.Interrupt) }) // a second Ctrl-C does not wait
	a.servesHTTP.Store(true)
	defer a.servesHTTP.Store(false)
	return failed(serving.HTTP(draining, l, handler, options.Log))
}

// servingOf is how the settings ask to serve.
func servingOf(s config.Settings, log *slog.Logger) (server.Serving, error) {
	serving := server.Serving{Grace: s.HTTPGrace, MaxHeader: s.HTTPMaxHeaderKB << 10}
	var err error
	switch {
	case s.HTTPTLSCert == "" && s.HTTPTLSKey == "":
	case s.HTTPTLSCert == "":
		err = errors.New("http_tls_key is set, and http_tls_cert is not: HTTPS needs both")
	case s.HTTPTLSKey == "":
		err = errors.New("http_tls_cert is set, and http_tls_key is not: HTTPS needs both")
	default:
		serving.TLS, err = server.Certificate(s.HTTPTLSCert, s.HTTPTLSKey, log)
	}
	return serving, err
}

func scheme(s server.Serving) string {
	if s.TLS != nil {
		return "https"
	}
	return "http"
}

// mayListen refuses an address that others can reach where nobody would have to
// say who they are, or nobody could.
func mayListen(address string, s config.Settings) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil || flexie.IsLoopback(host) || s.HTTPTokensFile != "" || len(s.HTTPSubdomains) > 0 {
		return nil
	}
	return fmt.Errorf("--listen %s: refused, since others can reach that address and nothing says who may use it: set http_tokens_file (flexie-mcp token new makes it), or http_subdomains to let people use their own Flexie keys; or listen on 127.0.0.1", address)
}

// tokensWatch is how often the tokens file is looked at for changes.
const tokensWatch = 5 * time.Second

// door is who is let in.
func (a *app) door(ctx context.Context, address string, s config.Settings, w *server.Workspace, log *slog.Logger) (server.Door, error) {
	host, _, _ := net.SplitHostPort(address)
	root, key := w.Own()
	o := auth.Options{
		Root: root, SharedKey: key, BaseURL: s.BaseURL, Subdomains: s.HTTPSubdomains, Loopback: flexie.IsLoopback(host),
		Names: auth.Names{Toolsets: tools.Toolsets(), Tools: everyName(), Renamed: tools.Renamed.Resolve},
	}
	if s.HTTPTokensFile != "" {
		tokens, err := auth.OpenTokens(auth.TokensOptions{File: s.HTTPTokensFile, Environ: a.Environ, Names: o.Names})
		if err != nil {
			return server.Door{}, err
		}
		for _, warning := range tokens.Warnings() {
			fmt.Fprintln(a.Err, "flexie-mcp: warning: "+warning)
		}
		o.Tokens = tokens
		go tokens.Watch(ctx, tokensWatch, log)
	}
	gate, err := auth.New(o)
	if err != nil {
		return server.Door{}, errors.New("http_subdomains: " + err.Error())
	}
	return server.Door{
		Members: server.NewMembers(w, s, gate, gate.Trusts, log), Origins: s.HTTPOrigins,
		Limits: server.HTTPLimits{
			Body: int64(s.HTTPMaxBodyMB) << 20, InFlight: s.HTTPMaxInFlight, Streams: s.HTTPMaxStreams,
			Sessions: s.HTTPMaxSessions, SessionsInAll: s.HTTPMaxSessionsInAll,
		},
	}, nil
}
