//go:build linux && !race

package luarun

import "golang.org/x/sys/unix"

// limitMemory limits the address space of this process.
func limitMemory(bytes uint64) {
	if err := unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: bytes, Max: bytes}); err != nil {
		panic(err)
	}
}
