//go:build unix

package auth

import (
	"os"
	"syscall"
)

// keepOwner gives a new file to the owner and group of the one that it is to
// replace, as far as this user may.
func keepOwner(file *os.File, before os.FileInfo) {
	if stat, ok := before.Sys().(*syscall.Stat_t); ok {
		_ = file.Chown(int(stat.Uid), int(stat.Gid))
	}
}
