package parallel

import (
	"context"
	"sync/atomic"
	"testing"
)

func TestForDoesEachOnce(t *testing.T) {
	for _, jobs := range []int{0, 1, 2, 7} {
		for _, n := range []int{0, 1, 5, 1000} {
			done := make([]atomic.Int32, n)
			if err := For(context.Background(), n, jobs, func(i int) { done[i].Add(1) }); err != nil {
				t.Fatal(err)
			}
			for i := range done {
				if done[i].Load() != 1 {
					t.Fatalf("jobs %d: number %d of %d was done %d times", jobs, i, n, done[i].Load())
				}
			}
		}
	}
}

func TestForStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var done atomic.Int32
	err := For(ctx, 1000, 2, func(i int) {
		if done.Add(1) == 10 {
			cancel()
		}
	})
	if err == nil || done.Load() > 20 {
		t.Errorf("went on after the end: %d done, error %v", done.Load(), err)
	}
}
