package oauth

import "flexie-mcp/internal/private"

// kind is what is said of what others could read.
func (l *Logins) kind() private.Kind {
	return private.Kind{Name: "sign-ins", Undo: "end the sign-in in Flexie and log in again", Warn: l.Warn}
}

// private takes what is kept of a login from all others, and says so. Where that
// can't be done, it may not be used, as ssh does it with a key.
func (l *Logins) private(one Login) error {
	err := l.kind().Directory(l.dir)
	for _, end := range []string{publicEnd, tokensEnd} {
		if err == nil {
			err = l.kind().File(l.path(one.Root, end))
		}
	}
	return err
}

// Mode is the mode of the file with the tokens of a login, in octal; "" where there
// is none.
func (l *Logins) Mode(one Login) string { return private.Mode(l.path(one.Root, tokensEnd)) }
