package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

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
SIGTERM or Ctrl-C ends it, once calls under way are done or http_grace is over.
SIGHUP has it read settings, tokens and certificates again; that they have changed
it also notices by itself.

With public_url, people's assistants sign in by themselves: a browser opens, where
their person says what they may do, and signs in to Flexie with the credentials
oauth_client_id and oauth_client_secret, or without these pastes a key
(docs/signing-in.md).`,
		Example: `  flexie-mcp http --sandbox
  flexie-mcp http --listen 127.0.0.1:9000
  flexie-mcp http --listen 0.0.0.0:8080 --http-tokens-file tokens.toml
  flexie-mcp http --subdomain acme --public-url https://mcp.example.com`,
		Args: noArguments,
	}
	address := listenFlag(cmd, "127.0.0.1:8080")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.serveHTTP(cmd, *address) }
	return cmd
}

func (a *app) serveHTTP(cmd *cobra.Command, address string) error {
	loaded, err := a.settings(cmd)
	if err == nil {
		err = mayListen(address, loaded.Settings)
	}
	if err != nil {
		return err
	}
	s := loaded.Settings
	serving, err := servingOf(s, newLogAt(a.Err, s, slog.LevelInfo))
	if err != nil {
		return err
	}
	options, workspace, err := a.openServing(cmd.Context(), loaded, true)
	if err != nil {
		return err
	}
	defer a.close(workspace, options)
	served := &serverOf{app: a, address: address}
	if err := served.open(cmd.Context(), s, workspace, options.Log); err != nil {
		return err
	}
	l, err := listen(address)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	hungUp := hangups(a.In, stop)
	draining, end, err := a.operating(ctx, s, options.Observing)
	if err != nil {
		return err
	}
	defer end()
	go workspace.Settle(ctx, options.Log)
	go served.members.Settle(ctx, func() []auth.Identity { return served.gates.now.Load().Issued() })
	go served.askFlexie(ctx, options.Log)
	fmt.Fprintf(a.Err, "flexie-mcp: serving %s://%s/mcp (streamable HTTP) and %[1]s://%[2]s/sse\n", scheme(serving), l.Addr())
	if s.PublicURL != "" {
		fmt.Fprintln(a.Err, "flexie-mcp: the address for people's assistants is "+strings.TrimSuffix(s.PublicURL, "/")+"/mcp")
	}
	if how := howToSignIn(s); how != "" {
		fmt.Fprintln(a.Err, "flexie-mcp: "+how)
	}
	handler := options.Observing.Around(served.begin(options, s))
	go served.reloading(cmd, loaded, serving, options.Observing.Tracing).run(ctx, hungUp)
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt, syscall.SIGTERM) }) // a second one does not wait
	a.servesHTTP.Store(true)
	defer a.servesHTTP.Store(false)
	defer served.endSignIn()
	return failed(serving.HTTP(draining, l, handler, options.Log))
}

// servingOf is how the settings ask to serve.
func servingOf(s config.Settings, log *slog.Logger) (server.Serving, error) {
	serving := server.Serving{Grace: s.HTTPGrace, Drain: s.HTTPDrain, MaxHeader: s.HTTPMaxHeaderKB << 10}
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
	if err != nil || flexie.IsLoopback(host) || s.HTTPTokensFile != "" || len(s.HTTPSubdomains) > 0 || s.PublicURL != "" {
		return nil
	}
	return fmt.Errorf("--listen %s: refused, since others can reach that address and nothing says who may use it: set http_tokens_file (flexie-mcp token new makes it), http_subdomains to let people use their own Flexie keys, or public_url to let them sign in; or listen on 127.0.0.1", address)
}

// open finds who is let in.
func (s *serverOf) open(ctx context.Context, settings config.Settings, w *server.Workspace, log *slog.Logger) error {
	host, _, _ := net.SplitHostPort(s.address)
	root, key := w.Own()
	s.gateBy = auth.Options{
		Root: root, SharedKey: key, BaseURL: settings.BaseURL, Loopback: flexie.IsLoopback(host),
		Names: auth.Names{Toolsets: tools.Toolsets(), Tools: everyName(), Renamed: tools.Renamed.Resolve},
	}
	if settings.HTTPTokensFile != "" {
		tokens, err := auth.OpenTokens(auth.TokensOptions{File: settings.HTTPTokensFile, Environ: s.app.Environ, Names: s.gateBy.Names})
		if err != nil {
			return err
		}
		s.app.warn(settings, tokens.Warnings())
		s.gateBy.Tokens = tokens
	}
	if err := s.letSignIn(ctx, settings, w, log); err != nil {
		return err
	}
	gate, err := s.gate(settings)
	if err != nil {
		return err
	}
	s.gates.now.Store(gate)
	s.members = server.NewMembers(w, settings, &s.gates, s.gates.Trusts, log)
	return nil
}

// gate is who is let in by the settings.
func (s *serverOf) gate(settings config.Settings) (*auth.Gate, error) {
	by := s.gateBy
	by.Subdomains = settings.HTTPSubdomains
	gate, err := auth.New(by)
	if err != nil {
		return nil, errors.New("http_subdomains: " + err.Error())
	}
	return gate, nil
}

// begin makes the handler of all requests.
func (s *serverOf) begin(options server.Options, settings config.Settings) http.Handler {
	s.offer = server.NewOffer(options)
	door := doorBy(settings)
	door.Members = s.members
	s.front = server.Handler(s.offer.MCPServer, door, options.Log)
	return s.over(s.front)
}

// doorBy is what of a door can change with the settings while it is open.
func doorBy(s config.Settings) server.Door {
	return server.Door{
		Host: publicHost(s), Origins: s.HTTPOrigins,
		Limits: server.HTTPLimits{
			Body: int64(s.HTTPMaxBodyMB) << 20, InFlight: s.HTTPMaxInFlight, Streams: s.HTTPMaxStreams,
			Sessions: s.HTTPMaxSessions, SessionsInAll: s.HTTPMaxSessionsInAll,
		},
	}
}
