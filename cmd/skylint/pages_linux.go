package main

import (
	"bytes"
	"os"
	"runtime"
	"sync"
	"syscall"
)

// hugePages lets the heap grow into memory that the kernel hands out in huge pages (2 MiB), where
// it does so for those who ask. A run touches all of its memory for the first time, and a fault
// for each 4 KiB took a quarter of its time. Go's runtime has no setting for it, so a block is
// taken from the heap, marked, and given back: what is allocated from then on lies there. The
// block is addresses, not memory, until it is used.
var hugePages = sync.OnceFunc(func() {
	if !mayAdvise() {
		return
	}
	func() {
		block := make([]byte, 256<<20)
		_ = syscall.Madvise(block, syscall.MADV_HUGEPAGE) // else all is as it was
	}()
	runtime.GC()
})

// mayAdvise reports whether the kernel listens to such advice, and the block can be had whatever
// else is used: a process whose addresses are limited ends when it asks for too many.
func mayAdvise() bool {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &limit) != nil || limit.Cur < 1<<36 {
		return false
	}
	if strict, err := os.ReadFile("/proc/sys/vm/overcommit_memory"); err != nil || bytes.HasPrefix(strict, []byte("2")) {
		return false
	}
	modes, err := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	return err == nil && bytes.Contains(modes, []byte("[madvise]"))
}
