package cli

import (
	"io"
	"runtime"
	"strings"

	"github.com/cli/browser"
)

// openBrowser opens an address where there is likely a browser that a person
// sees. It does not wait, and its failure is no news: the address is printed too.
func openBrowser(environ []string, address string) {
	if !hasScreen(runtime.GOOS, environ) {
		return
	}
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	go func() { _ = browser.OpenURL(address) }()
}

// hasScreen reports whether a person sits at this machine. Over SSH a browser
// would open where nobody is, or take over the terminal.
func hasScreen(system string, environ []string) bool {
	set := func(name string) bool {
		for _, v := range environ {
			if rest, ok := strings.CutPrefix(v, name+"="); ok && rest != "" {
				return true
			}
		}
		return false
	}
	if set("SSH_CONNECTION") || set("SSH_TTY") {
		return false
	}
	return system == "windows" || system == "darwin" || set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WSL_DISTRO_NAME")
}
