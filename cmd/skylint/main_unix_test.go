//go:build !windows

package main

import (
	"context"
	"os"
	"syscall"
	"testing"
)

func TestSignalsEndTheContext(t *testing.T) {
	for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		ctx, stop := interruptible()
		if err := syscall.Kill(os.Getpid(), signal); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		if got := context.Cause(ctx); got != interruption(code) {
			t.Errorf("%v: the cause is %v", signal, got)
		}
		stop()
	}
}
