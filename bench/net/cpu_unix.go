//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpu returns the processor time that this process has taken. Unlike the clock's, it does not
// count what other processes take; like os.clock of the other engines.
func cpu() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
