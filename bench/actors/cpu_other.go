//go:build !unix

package actors

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
