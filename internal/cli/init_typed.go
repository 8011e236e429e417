//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package cli

import (
	"bytes"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// typedAhead takes what is typed at a terminal that leaves all to the program, until
// nothing more comes for so long, and reports whether that was more than line ends.
func typedAhead(in *os.File, wait time.Duration) (more bool) {
	for b := make([]byte, 256); isTyped(int(in.Fd()), wait); {
		n, err := in.Read(b)
		if n == 0 || err != nil {
			return more
		}
		more = more || len(bytes.TrimSpace(b[:n])) > 0
	}
	return more
}

// isTyped reports whether there is something to be read, or comes within a time.
func isTyped(fd int, within time.Duration) bool {
	for {
		var set unix.FdSet
		set.Set(fd)
		limit := unix.NsecToTimeval(within.Nanoseconds())
		n, err := unix.Select(fd+1, &set, nil, nil, &limit)
		if !errors.Is(err, unix.EINTR) {
			return err == nil && n > 0
		}
	}
}

// hideTyping has a terminal not show what is typed until show is called. Ctrl-C goes on
// to end the program.
func hideTyping(fd int) (show func(), err error) {
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO | unix.ECHONL
	if err := unix.IoctlSetTermios(fd, setTermios, &hidden); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, before) }, nil
}
