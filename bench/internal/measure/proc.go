package measure

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Memory is a figure of /proc/PID/status that is in kB, in bytes: VmRSS for the
// memory that the process has now, VmHWM for the most that it ever had.
func Memory(pid int, name string) (int, error) {
	all, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(all)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == name+":" {
			kb, err := strconv.Atoi(f[1])
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("/proc has no %s", name)
}

// tick is the unit of /proc/PID/stat, which Linux has had at this for ever.
const tick = 10 * time.Millisecond

// CPU is how much time of a processor a process has used so far.
func CPU(pid int) (time.Duration, error) {
	all, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(all), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0, errors.New("/proc/PID/stat is not as it should be")
	}
	user, err := strconv.Atoi(f[11])
	system, err2 := strconv.Atoi(f[12])
	return time.Duration(user+system) * tick, errors.Join(err, err2)
}

// LoadNow is how many processes of the whole machine wanted a processor during the
// last minute.
func LoadNow() (load float64) {
	if all, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(all), &load)
	}
	return load
}
