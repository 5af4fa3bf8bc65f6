package actor

import "time"

// A Bucket is a token bucket: as many tokens as fit, filled evenly over a second. It is used by one
// goroutine at a time.
type Bucket struct {
	size, tokens float64
	at           int64
}

// NewBucket returns a full bucket of n tokens.
func NewBucket(n int) *Bucket { return &Bucket{size: float64(n), tokens: float64(n)} }

// Take takes a token, if there is one, at a time of the node in nanoseconds.
func (b *Bucket) Take(now int64) bool {
	b.tokens = min(b.size, b.tokens+float64(now-b.at)/float64(time.Second)*b.size)
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
