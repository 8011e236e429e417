package cli

import (
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/authserver"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/internal/telemetry"
)

// gates is the gate that is in force, which changes with the settings.
type gates struct{ now atomic.Pointer[auth.Gate] }

// Identify implements auth.Authenticator.
func (g *gates) Identify(r *http.Request) (auth.Identity, error) { return g.now.Load().Identify(r) }

// Trusts is that of auth.Gate.
func (g *gates) Trusts(host string) bool { return g.now.Load().Trusts(host) }

// serverOf is a server over HTTP, in the parts that go by settings that can change.
type serverOf struct {
	app     *app
	address string
	offer   *server.Offer
	front   *server.Front
	members *server.Members
	gates   gates
	gateBy  auth.Options       // but for the settings
	signIn  *authserver.Server // nil where nobody can sign in
}

// reloading has the server go by the settings of a command when they change.
func (s *serverOf) reloading(cmd *cobra.Command, started *config.Loaded, serving server.Serving, traces *telemetry.Tracing) *reloading {
	r := &reloading{
		read:  func() (*config.Loaded, error) { return config.Load(cmd.Flags(), s.app.Environ) },
		check: s.check, apply: s.apply,
		tokens: s.gateBy.Tokens, log: s.app.infoLog(started.Settings, traces),
	}
	if serving.TLS != nil {
		r.renew = func() { _, _ = serving.TLS.GetCertificate(nil) } // which logs what is wrong
	}
	r.begin(started)
	return r
}

// check finds what is wrong with settings that only this server can know.
func (s *serverOf) check(loaded *config.Loaded) error {
	if _, err := chosen(loaded.Settings); err != nil {
		return err
	}
	if _, err := s.gate(loaded.Settings); err != nil {
		return err
	}
	return mayListen(s.address, loaded.Settings)
}

// apply has the server go by settings that were checked.
func (s *serverOf) apply(loaded *config.Loaded) {
	settings := loaded.Settings
	s.app.level.Set(levelOf(settings))
	if gate, err := s.gate(settings); err == nil {
		s.gates.now.Store(gate)
	}
	if picked, err := chosen(settings); err == nil {
		s.offer.Change(func(o *server.Options) {
			offerBy(o, settings, picked)
			o.Observing.Access = s.app.access(loaded, true, o.Observing.Tracing)
		})
	}
	s.front.Change(doorBy(settings))
	s.offerSignIn(settings)
	s.members.LimitRequests(settings.MaxRate, settings.MaxConcurrent)
}

// hangups tells of each SIGHUP, which then does not end the program. But if it has
// lost its terminal, nobody is there to end it any more: then gone is called.
func hangups(in io.Reader, gone func()) <-chan struct{} {
	signals, told := make(chan os.Signal, 1), make(chan struct{}, 1)
	signal.Notify(signals, syscall.SIGHUP) // which not all systems have
	terminal, _ := in.(*os.File)
	if terminal != nil && !isatty.IsTerminal(terminal.Fd()) {
		terminal = nil
	}
	go func() {
		for range signals {
			if terminal != nil && !isatty.IsTerminal(terminal.Fd()) {
				gone()
			}
			select {
			case told <- struct{}{}:
			default: // it is told already
			}
		}
	}()
	return told
}
