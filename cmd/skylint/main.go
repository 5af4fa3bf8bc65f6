// Command skylint finds mistakes in the Lua services of actor systems, above all skynet.
package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/skylint/skylint/internal/interrupt"
)

func main() {
	tuneMemory()
	ctx, stop := interrupt.Context(patience)
	p := &program{
		in:     os.Stdin,
		out:    newStream(os.Stdout),
		err:    newStream(os.Stderr),
		getenv: os.Getenv,
	}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// tuneMemory makes the garbage collector wait longer: a run is short, and most of what it
// allocates stays in use to its end. A project of some hundred files is done before the first
// collection; after that one the collector minds how much there is. Above the soft limit memory is
// worth more than time. What the environment says (GOGC, GOMEMLIMIT) goes before.
func tuneMemory() {
	runtime.MemProfileRate = 0 // nobody asks for the profile of a command
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(firstPercent)
		runtime.AddCleanup(new([64]byte), func(percent int) { debug.SetGCPercent(percent) }, laterPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(1 << 30)
	}
}

// Percents as GOGC takes them. Before the first collection they are of 4 MiB.
const (
	firstPercent = 3600
	laterPercent = 400
)

// patience is how long a run may take to notice that it was interrupted. Files are written whole or
// not at all, so the process may be ended at any time.
const patience = 2 * time.Second

// An interruption is the cause of a context that a signal ended: the exit code.
type interruption = interrupt.Code
