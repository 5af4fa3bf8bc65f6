package main

import (
	"testing"
	"time"
)

// Each pattern ends with the error that it is listed with, from a wait that was hopeless.
func TestPatterns(t *testing.T) {
	files, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for i := range patterns {
		p := &patterns[i]
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			times, err := measure(p, files, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(times) != 2 || times[0] < 0 {
				t.Errorf("times are %v", times)
			}
		})
	}
}

// A system that does not hang, or has another error, is no measurement.
func TestNoError(t *testing.T) {
	files, err := load()
	if err != nil {
		t.Fatal(err)
	}
	p := pattern{name: "W3", want: "deadlock", bar: soon}
	if times, err := measure(&p, files, 1); err == nil {
		t.Errorf("measured %v of an error that is another one", times)
	}
}

func TestQuantile(t *testing.T) {
	var times []time.Duration
	for i := range 200 {
		times = append(times, time.Duration(i+1))
	}
	for _, c := range []struct {
		q    float64
		want time.Duration
	}{{0.5, 100}, {0.99, 198}, {1, 200}, {0, 1}} {
		if got := quantile(times, c.q); got != c.want {
			t.Errorf("quantile %v is %d, not %d", c.q, got, c.want)
		}
	}
}
