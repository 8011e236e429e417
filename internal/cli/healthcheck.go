package cli

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
)

// healthTime is how long the server may take to say whether it is ready: longer
// than its own checks may take.
const healthTime = 4 * time.Second

// mostHealth bounds what is shown of an answer, in bytes.
const mostHealth = 200

func (a *app) healthcheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:    "healthcheck [URL]",
		Short:  "Ask whether a server is ready, as containers do",
		Hidden: true, // people have curl
		Long: `healthcheck asks a server that flexie-mcp http runs whether it can be sent work,
says what it answers, and exits with 0 or 1: for containers, which have no curl.
Without an address it asks the port of --listen on this machine, at /readyz. A
certificate is not looked at on an address of this machine.`,
		Example: `  flexie-mcp healthcheck
  flexie-mcp healthcheck --listen 0.0.0.0:9000
  flexie-mcp healthcheck http://flexie-mcp:8080/readyz`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return errors.New("healthcheck takes one address at most: flexie-mcp healthcheck http://127.0.0.1:8080/readyz")
			}
			return nil
		},
	}
	address := listenFlag(cmd, "127.0.0.1:8080")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		at, err := a.healthAddress(cmd, *address, args)
		if err != nil {
			return err
		}
		says, err := askHealth(cmd.Context(), at)
		if err != nil {
			return failed(err)
		}
		fmt.Fprintln(a.Out, says)
		return nil
	}
	return cmd
}

// healthAddress is the one that was given, or else that of a server which was
// started with the same --listen and the same settings.
func (a *app) healthAddress(cmd *cobra.Command, listens string, args []string) (*url.URL, error) {
	if len(args) == 1 {
		at, err := url.Parse(args[0])
		if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
			return nil, errors.New("healthcheck: write the address as http://host:port/readyz")
		}
		at.Path = cmp.Or(at.Path, "/readyz")
		return at, nil
	}
	loaded, err := a.settings(cmd)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(listens)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: write it as host:port, like 127.0.0.1:8080", listens)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost" // every address of this machine
	}
	at := &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port), Path: "/readyz"}
	if loaded.Settings.HTTPTLSCert != "" {
		at.Scheme = "https"
	}
	return at, nil
}

// askHealth is what the server answers; an error if that is not 200.
func askHealth(ctx context.Context, at *url.URL) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return "", err
	}
	answer, err := healthClient(at).Do(r)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "", fmt.Errorf("%s does not answer within %s", at.Redacted(), healthTime)
	case err != nil:
		return "", fmt.Errorf("%s can't be asked: %w", at.Redacted(), cause(err))
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, mostHealth)) // what can't be read is not shown
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %d: %s", at.Redacted(), answer.StatusCode, printable(string(line)))
	}
	return printable(string(line)), nil
}

// healthClient asks directly, follows nothing, and takes any certificate where it
// can only be this machine's own: that names the server as others know it.
func healthClient(at *url.URL) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: flexie.IsLoopback(at.Hostname())},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// cause is why, without the method and the address again.
func cause(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
