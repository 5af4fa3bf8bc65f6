package socket

import "time"

// A bucket lets a number of things a second pass, and as many at once after a pause. It is used by
// one goroutine.
type bucket struct {
	rate   float64
	tokens float64
	last   time.Time
}

// newBucket makes a full bucket; a rate of 0 lets all pass.
func newBucket(rate int) *bucket {
	return &bucket{rate: float64(rate), tokens: float64(rate), last: time.Now()}
}

// wait takes a token at a time, and returns how long it is until there is one.
func (b *bucket) wait(now time.Time) time.Duration {
	if b.rate == 0 {
		return 0
	}
	b.tokens = min(b.tokens+now.Sub(b.last).Seconds()*b.rate, b.rate) - 1
	b.last = now
	return time.Duration(max(-b.tokens, 0) / b.rate * float64(time.Second))
}

// take waits until one may pass. It reports false when done was closed meanwhile.
func (b *bucket) take(done <-chan struct{}) bool {
	d := b.wait(time.Now())
	if d == 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return false
	case <-timer.C:
		return true
	}
}
