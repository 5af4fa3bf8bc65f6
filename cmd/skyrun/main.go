// Command skyrun runs Lua under exact limits: a script cannot get out, nor take the process down.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // what a script allocates is mostly garbage, and its memory is bounded
	}
	ctx, stop := interruptible()
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

// interruptible returns a context that ends with the first interrupt, and whose cause is the
// exit code then. The second interrupt ends the process.
func interruptible() (context.Context, func()) {
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
			os.Exit(code)
		case <-done:
		}
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
