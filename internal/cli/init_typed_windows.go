package cli

import (
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// typedAhead drops what is typed. Windows tells of every key that is let go, so that
// it can't be said whether it was more than Enter.
func typedAhead(in *os.File, wait time.Duration) (more bool) {
	time.Sleep(wait)
	_ = windows.FlushConsoleInputBuffer(windows.Handle(in.Fd()))
	return false
}

// hideTyping has a terminal not show what is typed until show is called.
func hideTyping(fd int) (show func(), err error) {
	var before uint32
	console := windows.Handle(fd)
	if err := windows.GetConsoleMode(console, &before); err != nil {
		return nil, err
	}
	if err := windows.SetConsoleMode(console, before&^windows.ENABLE_ECHO_INPUT); err != nil {
		return nil, err
	}
	return func() { _ = windows.SetConsoleMode(console, before) }, nil
}
