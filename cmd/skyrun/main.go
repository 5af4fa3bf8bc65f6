// Command skyrun runs Lua under exact limits: a script cannot get out, nor take the process down.
package main

import (
	"io"
	"os"
	"runtime/debug"

	"github.com/skylint/skylint/internal/interrupt"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // what a script allocates is mostly garbage, and its memory is bounded
	}
	ctx, stop := interrupt.Context(0)
	p := &program{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// A program is one call of skyrun.
type program struct {
	in       io.Reader
	out, err io.Writer
	code     int
}

// An interruption is the cause of a context that a signal ended: the exit code.
type interruption = interrupt.Code
