package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// asker asks a person at a terminal, a line at a time: that works over SSH, on
// Windows, by a screen reader and however narrow the terminal is, as nothing is drawn
// that has to be redrawn.
type asker struct {
	in      *os.File
	to      io.Writer
	width   int             // of the terminal, in columns
	pending chan typed      // a line that is being read
	ctx     context.Context // ends with Ctrl-C
}

// typed is a line that was typed, without its end.
type typed struct {
	text string
	err  error
}

// errStopped is what is said when a person ends it in the middle.
var errStopped = errors.New("interrupted: nothing was written")

var errNoMore = errors.New("standard input has ended: nothing was written")

// next is the next line that is typed. One that nobody waits for any more is the next
// one's who asks.
func (q *asker) next(ctx context.Context) (string, error) {
	if q.pending == nil {
		q.pending = make(chan typed, 1)
		go func(to chan<- typed) {
			text, err := readLine(q.in)
			to <- typed{text, err}
		}(q.pending)
	}
	select {
	case line := <-q.pending:
		q.pending = nil
		if line.err != nil {
			fmt.Fprintln(q.to)
			return "", failed(errNoMore)
		}
		return line.text, nil
	case <-ctx.Done():
		return "", failed(errStopped)
	}
}

// readLine reads no further than the end of a line, since passwords are read by
// others. What was typed of a line that does not end is none.
func readLine(from io.Reader) (string, error) {
	var line strings.Builder
	for b := make([]byte, 1); ; {
		n, err := from.Read(b)
		switch {
		case n == 0 && err == nil:
			continue
		case n == 0:
			return "", err
		case b[0] == '\n':
			return strings.TrimSuffix(line.String(), "\r"), nil
		}
		line.WriteByte(b[0])
	}
}

// line asks for one; Enter alone is the default, which is shown.
func (q *asker) line(question, byDefault string) (string, error) {
	if byDefault != "" {
		question += " [" + byDefault + "]"
	}
	q.say(question + ":")
	fmt.Fprint(q.to, "> ")
	text, err := q.next(q.ctx)
	if text = strings.TrimSpace(text); text == "" {
		text = byDefault
	}
	return text, q.stopped(err)
}

// yes asks for one or the other, until it is one of them.
func (q *asker) yes(question string, byDefault bool) (bool, error) {
	hint := "Y/n"
	if !byDefault {
		hint = "y/N"
	}
	for {
		text, err := q.line(question+" "+hint, "")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(text) {
		case "":
			return byDefault, nil
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		q.say("y for yes, or n for no.")
	}
}

// secret asks for a line that is not shown as it is typed. However it ends, the
// terminal shows again what is typed. term.ReadPassword would not end with Ctrl-D, and
// never with a terminal that is gone.
func (q *asker) secret(question string) (string, error) {
	q.say(question + ":")
	fd := int(q.in.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", failed(fmt.Errorf("this terminal can't hide what is typed: %w; give the key with --key-file", err))
	}
	_ = typedAhead(q.in, 0) // it was no answer to this
	fmt.Fprint(q.to, "> ")
	more := false
	done := make(chan typed, 1)
	go func() {
		text, err := readHidden(q.in)
		more = err == nil && typedAhead(q.in, pasteTime)
		done <- typed{text, err}
	}()
	line := typed{err: errStopped}
	select {
	case line = <-done:
	case <-q.ctx.Done():
	}
	_ = term.Restore(fd, before)
	fmt.Fprintln(q.to)
	if line.err != nil {
		return "", failed(line.err)
	}
	if more {
		q.say("Only the first line was taken.")
	}
	return line.text, nil
}

// pasteTime is how long the next line of what was pasted may take to come.
const pasteTime = 50 * time.Millisecond

// unasked hides what is typed while nothing is asked, such as a key that is pasted too
// early, until shown is called: then it is gone.
func (q *asker) unasked() (shown func()) {
	if q == nil || q.pending != nil { // somebody reads on
		return func() {}
	}
	fd := int(q.in.Fd())
	show, err := hideTyping(fd)
	if err != nil {
		return func() {}
	}
	return func() {
		more := false
		if before, err := term.MakeRaw(fd); err == nil { // so that also half a line can be read
			more = typedAhead(q.in, 0)
			_ = term.Restore(fd, before)
		}
		show()
		if more {
			q.say("What you typed meanwhile was not taken.")
		}
	}
}

// The keys that mean something in a line, as a terminal sends them that leaves all to
// the program.
const (
	ctrlC, ctrlD, ctrlH, ctrlU, ctrlW = 3, 4, 8, 21, 23
	deletes                           = 127
)

// readHidden reads a line from such a terminal.
func readHidden(from io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := from.Read(b)
		if n == 0 && err != nil {
			return "", errNoMore
		}
		if n == 0 {
			continue
		}
		switch b[0] {
		case '\r', '\n':
			return string(line), nil
		case ctrlC:
			return "", errStopped
		case ctrlD:
			if len(line) == 0 {
				return "", errNoMore
			}
		case ctrlH, deletes:
			_, size := utf8.DecodeLastRune(line)
			line = line[:len(line)-size]
		case ctrlU, ctrlW:
			line = nil
		default:
			line = append(line, b[0])
		}
	}
}

// stopped leaves the line that Ctrl-C was typed in.
func (q *asker) stopped(err error) error {
	if errors.Is(err, errStopped) {
		fmt.Fprintln(q.to)
	}
	return err
}

// say writes a text in lines that fit the terminal.
func (q *asker) say(text string) { fmt.Fprint(q.to, fitted(text, "", q.width)) }

// item writes a name and, in a column beside it, what is said of it.
func (q *asker) item(name, text string) {
	const room = 20
	if q.width < 3*room || len(name) > room-3 {
		fmt.Fprintf(q.to, "  %s\n", name)
		fmt.Fprint(q.to, fitted(text, "    ", q.width))
		return
	}
	lines := fitted(text, strings.Repeat(" ", room), q.width)
	fmt.Fprintf(q.to, "  %-*s%s", room-2, name, strings.TrimLeft(lines, " "))
}

// widest is how long lines become at most, where the terminal is wider or does not say.
const widest = 80

// fitted breaks a text between words, into lines of a width with an indent.
func fitted(text, indent string, width int) string {
	if width <= 0 || width > widest {
		width = widest
	}
	var b strings.Builder
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(indent)+len([]rune(line))+1+len([]rune(word)) > width {
			b.WriteString(indent + line + "\n")
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	b.WriteString(indent + line + "\n")
	return b.String()
}

// reader is the terminal for what reads lines by itself, until ctx ends: then it
// leaves the next line to others.
func (q *asker) reader(ctx context.Context) io.Reader { return &lines{asker: q, ctx: ctx} }

type lines struct {
	*asker
	ctx  context.Context
	rest string
}

func (l *lines) Read(b []byte) (int, error) {
	if l.rest == "" {
		text, err := l.next(l.ctx)
		if err != nil {
			return 0, io.EOF
		}
		l.rest = text + "\n"
	}
	n := copy(b, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}
