package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/skylint/skylint/runtime/socket"
)

// idle has clients connect, send one frame, read it, and stay.
func idle(clients int) error {
	limits := socket.Default()
	s, err := serve(clients, limits)
	if err != nil {
		return err
	}
	defer s.node.Close()
	before := memory()
	peer, err := start("idle", s.address(), clients, 0)
	if err != nil {
		return err
	}
	defer peer.end()
	if err := peer.wait("connected"); err != nil {
		return err
	}
	here, _, err := s.state()
	if err != nil {
		return err
	}
	after := memory()
	fmt.Printf("%d idle connections: %.1f KB of resident memory each, of which %.1f KB are live heap and %.1f KB stacks\n",
		here, float64(after.resident-before.resident)/float64(here)/1024, float64(after.heap-before.heap)/float64(here)/1024, float64(after.stacks-before.stacks)/float64(here)/1024)
	return nil
}

type use struct{ resident, heap, stacks int64 }

// memory returns what the process takes once its garbage is gone.
func memory() use {
	for range 3 {
		debug.FreeOSMemory()
		time.Sleep(50 * time.Millisecond)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return use{resident: resident(), heap: int64(m.HeapAlloc), stacks: int64(m.StackInuse)}
}

// resident returns how much memory the process has; where the system does not say, what Go has of it.
func resident() int64 {
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		if _, rest, ok := bytes.Cut(text, []byte("VmRSS:")); ok {
			if kb, err := strconv.Atoi(strings.Fields(string(rest))[0]); err == nil {
				return int64(kb) << 10
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}
