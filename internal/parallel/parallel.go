// Package parallel runs independent pieces of work on several goroutines.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Jobs returns the number of goroutines for a wish: GOMAXPROCS for 0 or less.
func Jobs(wish int) int {
	if wish <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return wish
}

// For calls work for each number from 0 to n-1, on at most jobs goroutines (see Jobs), and
// returns when all have returned. Once ctx is done it starts no more, and returns its error.
func For(ctx context.Context, n, jobs int, work func(int)) error {
	var next atomic.Int64
	loop := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			work(i)
		}
	}
	var group sync.WaitGroup
	for range min(Jobs(jobs), n) - 1 {
		group.Go(loop)
	}
	loop()
	group.Wait()
	return ctx.Err()
}
