package bucket_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/bucket"
)

const hour = int64(time.Hour)

// A bucket lets a burst pass, and then as many as its rate says.
func TestReserve(t *testing.T) {
	b := bucket.New(10)
	now := int64(1000)
	for i := range 10 {
		if d := b.Reserve(now); d != 0 {
			t.Errorf("number %d waits for %v", i, d)
		}
	}
	for i := 1; i <= 3; i++ {
		if d := b.Reserve(now); d != time.Duration(i)*100*time.Millisecond {
			t.Errorf("%d too many: wait for %v", i, d)
		}
	}
	if d := b.Reserve(now + int64(350*time.Millisecond)); d != 50*time.Millisecond {
		t.Errorf("later: wait for %v", d)
	}
	for i := range 10 {
		if d := b.Reserve(now + hour); d != 0 {
			t.Errorf("after an hour number %d waits for %v", i, d)
		}
	}
	if d := b.Reserve(now + hour); d == 0 {
		t.Error("after an hour more pass than in a second")
	}
}

func TestTake(t *testing.T) {
	for _, n := range []int{1, 3, 10, 1000, 1e6, 2e9} {
		b := bucket.New(n)
		count := func(now int64) (passed int) {
			for passed <= 2000 && b.Take(now) {
				passed++
			}
			return passed
		}
		want := min(n, 2001)
		if got := count(0); got != want {
			t.Errorf("%d a second: %d at once", n, got)
		}
		if n <= 1000 {
			if got := count(int64(time.Second) / 2); got != n/2 {
				t.Errorf("%d a second: %d after half of one", n, got)
			}
		}
		if got := count(hour); got != want {
			t.Errorf("%d a second: %d after an hour", n, got)
		}
	}
	for range 10 {
		if b := bucket.New(0); !b.Take(0) || b.Reserve(0) != 0 {
			t.Error("no limit is one")
		}
	}
}

func TestManyTake(t *testing.T) {
	b := bucket.New(1000)
	var passed atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 1000 {
				if b.Take(5) {
					passed.Add(1)
				}
			}
		})
	}
	group.Wait()
	if passed.Load() != 1000 {
		t.Errorf("%d pass", passed.Load())
	}
}
