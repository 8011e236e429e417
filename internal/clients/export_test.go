package clients

import (
	"io/fs"
	"testing"
)

// With is the text of a client with a server in it.
func With(c Client, text []byte, s Server) ([]byte, error) { return c.with(text, s) }

// Without is that less the entry; was may be nil.
func Without(c Client, text []byte, name string, was []byte) ([]byte, bool, error) {
	return c.without(text, name, was)
}

// FailToWrite has one file fail to be written, until the test ends.
func FailToWrite(t *testing.T, path string, err error) {
	before := replaceFile
	replaceFile = func(at string, text []byte, mode fs.FileMode, like fs.FileInfo) error {
		if at == path {
			return err
		}
		return before(at, text, mode, like)
	}
	t.Cleanup(func() { replaceFile = before })
}
