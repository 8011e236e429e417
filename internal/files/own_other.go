//go:build !unix

package files

import (
	"io/fs"
	"os"
)

// own does nothing: here a file is of its directory's owner.
func own(*os.File, fs.FileInfo) error { return nil }
