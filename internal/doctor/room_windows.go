package doctor

import "golang.org/x/sys/windows"

// roomOn is what is free for this user on the disk of a directory, in bytes.
func roomOn(dir string) (free uint64, known bool) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var all, unused uint64
	return free, windows.GetDiskFreeSpaceEx(path, &free, &all, &unused) == nil
}
