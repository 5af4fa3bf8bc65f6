package observe

import (
	"encoding/json"
	"math/bits"
	"time"
)

// Buckets is the number of buckets of a Histogram. Bucket i holds times below Bound(i), and not below
// Bound(i-1); the last holds all that are longer.
const Buckets = 26

// A Histogram counts how long something took, by powers of two. The zero Histogram is empty.
type Histogram struct {
	Sum    time.Duration   `json:"sum"` // of all, in nanoseconds
	Counts [Buckets]uint64 `json:"counts"`
}

// Bound returns the upper bound of a bucket: 1.024 µs of the first, twice that of the second, about 17 s
// of the last but one.
func Bound(i int) time.Duration { return 1024 << i }

// Add counts a time.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.Sum += d
	h.Counts[min(bits.Len64(uint64(d)>>10), Buckets-1)]++
}

// Count returns how many times were counted.
func (h *Histogram) Count() uint64 {
	var n uint64
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Mean returns the mean; 0 of none.
func (h *Histogram) Mean() time.Duration {
	if n := h.Count(); n > 0 {
		return h.Sum / time.Duration(n)
	}
	return 0
}

// Quantile returns the time below which a part of all are, 0.99 of them say, as far as the buckets tell:
// within a bucket they are taken to be spread evenly.
func (h *Histogram) Quantile(part float64) time.Duration {
	n := h.Count()
	if n == 0 {
		return 0
	}
	rank := part * float64(n)
	seen := 0.0
	for i, c := range h.Counts {
		if c == 0 {
			continue
		}
		if seen+float64(c) >= rank {
			low := time.Duration(0)
			if i > 0 {
				low = Bound(i - 1)
			}
			return low + time.Duration(float64(Bound(i)-low)*max(rank-seen, 0)/float64(c))
		}
		seen += float64(c)
	}
	return Bound(Buckets - 1)
}

// MarshalJSON leaves out the empty buckets at the end, which are most.
func (h Histogram) MarshalJSON() ([]byte, error) {
	n := Buckets
	for n > 0 && h.Counts[n-1] == 0 {
		n--
	}
	return json.Marshal(struct {
		Sum    time.Duration `json:"sum"`
		Counts []uint64      `json:"counts"`
	}{h.Sum, h.Counts[:n]})
}

// Since returns what was counted since an earlier state of the same histogram.
func (h Histogram) Since(before *Histogram) Histogram {
	h.Sum -= before.Sum
	for i := range h.Counts {
		h.Counts[i] -= before.Counts[i]
	}
	return h
}
