package cli

import (
	"cmp"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

// look is what an answer may look like where it goes.
type look struct {
	screen        bool // somebody sees it at once
	colour        bool
	width, height int // of the screen, 0 if not known
}

// lookOf follows what people set about colours: NO_COLOR (no-color.org) wins, then
// CLICOLOR_FORCE or FORCE_COLOR, which hold for a pipe as well.
func lookOf(to io.Writer, environ []string) look {
	var l look
	if file := terminalOf(to); file != nil {
		l.screen = true
		l.width, l.height, _ = term.GetSize(int(file.Fd()))
	}
	forced := cmp.Or(variable(environ, "CLICOLOR_FORCE"), variable(environ, "FORCE_COLOR"))
	switch {
	case variable(environ, "NO_COLOR") != "":
	case forced != "" && forced != "0":
		l.colour = true
	default:
		l.colour = l.screen && variable(environ, "TERM") != "dumb"
	}
	return l
}

// plain reports whether nothing is to be added to what an assistant would read.
func (l look) plain() bool { return !l.screen && !l.colour }

// terminalOf is the terminal that is written to, nil if it is none.
func terminalOf(to io.Writer) *os.File {
	if o, ok := to.(*output); ok {
		to = o.to
	}
	if file, ok := to.(*os.File); ok && isatty.IsTerminal(file.Fd()) {
		return file
	}
	return nil
}

// variable is the last value of a variable, as the system takes it.
func variable(environ []string, name string) (value string) {
	for _, entry := range environ {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}

// show writes a text, a page at a time if it is longer than the screen. Without a
// pager that works it is written as it is.
func (a *app) show(l look, text string) {
	if l.screen && l.height > 0 && strings.Count(text, "\n") >= l.height && a.page(text) {
		return
	}
	_, _ = io.WriteString(a.Out, text)
}

// page gives a text to the user's pager, and reports whether it took it: one that ends
// with an error, and by no signal, may have shown nothing.
func (a *app) page(text string) bool {
	command := strings.Fields(pagerOf(a.Environ))
	if len(command) == 0 {
		return false
	}
	pager := exec.Command(command[0], command[1:]...)
	pager.Stdin, pager.Stdout, pager.Stderr = strings.NewReader(text), a.Out, a.Err
	if o, ok := a.Out.(*output); ok {
		pager.Stdout = o.to // itself, not by a pipe: a pager asks it for its size
	}
	pager.Env = a.Environ
	if variable(a.Environ, "LESS") == "" {
		pager.Env = append(a.Environ[:len(a.Environ):len(a.Environ)], "LESS=FRX")
	}
	if err := pager.Start(); err != nil {
		return false
	}
	var ended *exec.ExitError
	err := pager.Wait() // a user who has seen enough leaves it, which is no error
	return !errors.As(err, &ended) || ended.ExitCode() < 0
}

// pagerOf is the user's pager: less, unless they set another one, or none.
func pagerOf(environ []string) string {
	for _, entry := range environ {
		if strings.HasPrefix(entry, "PAGER=") {
			return variable(environ, "PAGER")
		}
	}
	return "less"
}
