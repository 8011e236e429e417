package cli

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
)

// listenFlag is where a command that serves HTTP listens.
func listenFlag(cmd *cobra.Command, initial string) *string {
	return cmd.Flags().String("listen", initial, "the `host:port` to listen on, "+initial+" unless set; port 0 is any free one")
}

// listenHere opens an address of this machine, for what anyone who reaches it may
// use.
func listenHere(address string) (net.Listener, error) {
	if host, _, err := net.SplitHostPort(address); err == nil && !flexie.IsLoopback(host) {
		return nil, fmt.Errorf("--listen %s: refused, since whoever can reach that address could use it without a password; listen on 127.0.0.1", address)
	}
	return listen(address)
}

// listen opens an address.
func listen(address string) (net.Listener, error) {
	_, port, err := net.SplitHostPort(address)
	if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil {
		return nil, fmt.Errorf("--listen %s: write it as host:port, like 127.0.0.1:8080", address)
	}
	l, err := net.Listen("tcp", address)
	var op *net.OpError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, failed(fmt.Errorf("--listen %s: another program listens there; choose another port, or 0 for any free one", address))
	case errors.As(err, &op):
		return nil, failed(fmt.Errorf("--listen %s: %w", address, op.Err))
	}
	return l, failed(err)
}
