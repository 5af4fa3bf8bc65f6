//go:build !windows

package interrupt

import (
	"context"
	"os"
	"syscall"
	"testing"
)

func TestSignalsEndTheContext(t *testing.T) {
	for signal, code := range map[syscall.Signal]Code{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		ctx, stop := Context(0)
		if err := syscall.Kill(os.Getpid(), signal); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		if got := context.Cause(ctx); got != code {
			t.Errorf("%v: the cause is %v", signal, got)
		}
		stop()
	}
}
