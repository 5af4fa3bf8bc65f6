// Command skylint finds mistakes in the Lua services of actor systems, above all skynet.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	tuneMemory()
	ctx, stop := interruptible()
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
// allocates stays in use to its end. Above the soft limit memory is worth more than time.
// What the environment says (GOGC, GOMEMLIMIT) goes before.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(800)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(1 << 30)
	}
}

// patience is how long a run may take to notice that it was interrupted.
const patience = 2 * time.Second

// interruptible returns a context that ends with the first interrupt, until stop is
// called. The second interrupt, or a run that does not notice the first, ends the process at
// once; files are written whole or not at all, so that is safe at any time.
func interruptible() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		code := exitInterrupted
		select {
		case s := <-signals:
			if s == syscall.SIGTERM {
				code = exitTerminated
			}
		case <-done:
			return
		}
		cancel(interruption(code))
		select {
		case <-signals:
		case <-time.After(patience):
		case <-done:
			return
		}
		os.Exit(code)
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// An interruption is the cause of a context that a signal ended: the exit code.
type interruption int

func (interruption) Error() string { return "interrupted" }
