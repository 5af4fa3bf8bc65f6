package limit

import (
	"runtime/metrics"
	"sync"
	"time"
)

// The budgets that are not closed, for the watchdog.
//
//baton:ok the watchdog reads the atomic fields of budgets alone
var registry struct {
	sync.Mutex
	budgets map[*Budget]struct{}
}

func register(b *Budget) {
	registry.Lock()
	if registry.budgets == nil {
		registry.budgets = make(map[*Budget]struct{})
	}
	registry.budgets[b] = struct{}{}
	registry.Unlock()
}

func unregister(b *Budget) {
	registry.Lock()
	delete(registry.budgets, b)
	registry.Unlock()
}

// poll is how often the watchdog looks: a single instruction that allocates the most it can
// takes longer.
const poll = 2 * time.Millisecond

// Watch starts a watchdog, the second line behind the audits that the budgets make by
// themselves. When the heap of the process has grown by a step, every budget measures its
// memory at its next instruction. When the heap is above hard, the largest budget is stopped
// at once; hard 0 leaves that out. The returned function ends the watchdog and waits for it.
func Watch(step, hard uint64) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(poll)
		defer ticker.Stop()
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		var mark uint64
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
			}
			metrics.Read(sample)
			heap := sample[0].Value.Uint64()
			switch {
			case hard > 0 && heap > hard:
				stopLargest()
				mark = heap
			case heap > mark+max(step, mark/4):
				mark = heap
				eachBudget((*Budget).RequestAudit)
			case heap < mark:
				mark = heap
			}
		}
	}()
	return func() { close(quit); <-done }
}

func eachBudget(f func(*Budget)) {
	registry.Lock()
	defer registry.Unlock()
	for b := range registry.budgets {
		f(b)
	}
}

// stopLargest stops the budget that was largest when it was last measured.
func stopLargest() {
	var largest *Budget
	var size int64 = -1
	eachBudget(func(b *Budget) {
		if s := b.measured.Load(); s > size && !b.Stopping() {
			largest, size = b, s
		}
	})
	if largest != nil {
		largest.Stop("the process is short of memory, and this is its largest script")
	}
}
