//go:build linux || darwin

package doctor

import "syscall"

// roomOn is what is free for others than root on the disk of a directory, in bytes.
func roomOn(dir string) (free uint64, known bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
