// Package bucket limits how often something may happen, by token buckets.
package bucket

import (
	"math"
	"sync/atomic"
	"time"
)

// A Bucket holds a number of tokens: as many as may be taken in a second, and as many at once after a
// pause. It is filled evenly. A nil Bucket lets all pass. It may be used by several goroutines.
//
// It is kept as the generic cell rate algorithm does (ITU-T I.371, virtual scheduling): what is stored is the
// time at which the bucket is full again.
type Bucket struct {
	interval int64 // nanoseconds for a token
	size     int64 // intervals in a full bucket
	full     atomic.Int64
}

// New returns a full bucket of n tokens a second; nil, which lets all pass, if n is not above 0.
func New(n int) *Bucket {
	if n <= 0 {
		return nil
	}
	b := &Bucket{interval: max(int64(time.Second)/int64(n), 1), size: int64(n)}
	b.full.Store(math.MinInt64)
	return b
}

// Take takes a token, if there is one, at a time in nanoseconds from any beginning.
func (b *Bucket) Take(now int64) bool {
	if b == nil {
		return true
	}
	for {
		full := b.full.Load()
		at := max(full, now)
		if at-now > (b.size-1)*b.interval {
			return false
		}
		if b.full.CompareAndSwap(full, at+b.interval) {
			return true
		}
	}
}

// Reserve takes a token at a time, and returns how long it is until there is one to be used.
func (b *Bucket) Reserve(now int64) time.Duration {
	if b == nil {
		return 0
	}
	for {
		full := b.full.Load()
		at := max(full, now) + b.interval
		if b.full.CompareAndSwap(full, at) {
			return time.Duration(max(at-now-b.size*b.interval, 0))
		}
	}
}
