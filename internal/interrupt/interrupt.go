// Package interrupt lets signals end a command: gently first, then at once.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// A Code is the cause of a context that a signal has ended: the exit code of the command, as a shell
// counts: 128 and the number of the signal.
type Code int

// The exit codes.
const (
	Interrupted Code = 130
	Terminated  Code = 143
)

// Error implements error.
func (Code) Error() string { return "interrupted" }

// Context returns a context that ends with the first interrupt, or request to end, until stop is
// called. The second one ends the process at once, and so does a command that has not called stop
// after patience; 0: it has all the time.
func Context(patience time.Duration) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		code := Interrupted
		select {
		case s := <-signals:
			if s == syscall.SIGTERM {
				code = Terminated
			}
		case <-done:
			return
		}
		cancel(code)
		var late <-chan time.Time
		if patience > 0 {
			late = time.After(patience)
		}
		select {
		case <-signals:
		case <-late:
		case <-done:
			return
		}
		os.Exit(int(code))
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
