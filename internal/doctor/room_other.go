//go:build !linux && !darwin && !windows

package doctor

// roomOn is not known.
func roomOn(string) (free uint64, known bool) { return 0, false }
