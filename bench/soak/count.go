package main

import (
	"fmt"
	"io"
	"os"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
)

// counts are what the services report while they run.
type counts struct {
	accepted, refused, handled atomic.Int64

	mutex sync.Mutex
	asked time.Time
	all   []time.Duration // of the critical actor
	seen  int             // how many of all were in the last line
}

func (c *counts) module() actor.Module {
	return runtime.Module("soak", map[string]func([]any) ([]any, error){
		"sent": func(args []any) ([]any, error) {
			c.accepted.Add(int64(args[0].(float64)))
			c.refused.Add(int64(args[1].(float64)))
			return nil, nil
		},
		"handled": func(args []any) ([]any, error) {
			c.handled.Add(int64(args[0].(float64)))
			return nil, nil
		},
		"asked": func([]any) ([]any, error) {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			c.asked = time.Now()
			return nil, nil
		},
		"answered": func([]any) ([]any, error) {
			now := time.Now()
			c.mutex.Lock()
			defer c.mutex.Unlock()
			c.all = append(c.all, now.Sub(c.asked))
			return nil, nil
		},
	})
}

// times returns how long all answers of the critical actor took, in order.
func (c *counts) times() []time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return slices.Sorted(slices.Values(c.all))
}

// lastTimes is times since the last call.
func (c *counts) lastTimes() []time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	last := c.all[c.seen:]
	c.seen = len(c.all)
	return slices.Sorted(slices.Values(last))
}

// quantile returns the least of the sorted times that a share q of them does not exceed.
func quantile(times []time.Duration, q float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	return times[max(0, min(len(times)-1, int(q*float64(len(times))+0.999999)-1))].Round(10 * time.Microsecond)
}

// A sample is what the process holds, in bytes.
type sample struct {
	heap int64 // what the last collection has found alive
	rss  int64 // 0 where the system does not say
}

func take() sample {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	s := sample{heap: int64(live[0].Value.Uint64())}
	if data, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, resident int64
		if _, err := fmt.Sscan(string(data), &size, &resident); err == nil {
			s.rss = resident * int64(os.Getpagesize())
		}
	}
	return s
}

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }

// A result is what has come of a soak.
type result struct {
	actors                            int
	accepted, refused, received, gaps int64
	samples, storm                    []sample        // of the flood, and of the storm
	times                             []time.Duration // of the critical actor in the flood
	kills, exits, restarts            int64
	asked, answers, errors, late      int64
	silent                            int // callers that never end
	before, after                     int // goroutines
}

// problems says what must never be.
func (r *result) problems() []string {
	var list []string
	bad := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if r.accepted != r.received || r.gaps != 0 {
		bad("%d messages were accepted, %d came, with %d gaps", r.accepted, r.received, r.gaps)
	}
	if r.asked != r.answers+r.errors || r.silent > 0 {
		bad("%d calls, but %d answers and %d errors; %d callers wait still", r.asked, r.answers, r.errors, r.silent)
	}
	if r.late > 0 {
		bad("%d calls were ended by nothing but their deadline", r.late)
	}
	if r.after > r.before {
		bad("%d goroutines before, %d after", r.before, r.after)
	}
	return list
}

// growth says whether memory grew from the second quarter of the flood, or the storm, to its last one, by
// more than a quarter and 8 MB.
func (r *result) growth() []string {
	var list []string
	for _, phase := range []struct {
		name    string
		samples []sample
	}{{"flood", r.samples}, {"storm", r.storm}} {
		early, late := quarters(phase.samples)
		for _, m := range []struct {
			what        string
			early, late int64
		}{{"heap", early.heap, late.heap}, {"RSS", early.rss, late.rss}} {
			if m.late > m.early+m.early/4+8e6 {
				list = append(list, fmt.Sprintf("%s of the %s grows: %.1f MB, then %.1f MB", m.what, phase.name, mb(m.early), mb(m.late)))
			}
		}
	}
	return list
}

// quarters returns the means of the second and of the last quarter.
func quarters(samples []sample) (early, late sample) {
	n := len(samples) / 4
	if n == 0 {
		return sample{}, sample{}
	}
	return mean(samples[n : 2*n]), mean(samples[len(samples)-n:])
}

func mean(samples []sample) sample {
	var sum sample
	for _, s := range samples {
		sum.heap += s.heap
		sum.rss += s.rss
	}
	n := int64(len(samples))
	return sample{sum.heap / n, sum.rss / n}
}

func (r *result) print(w io.Writer) {
	sent := r.accepted + r.refused
	fmt.Fprintln(w, strings.Repeat("-", 72))
	fmt.Fprintf(w, "messages: %d sent, %d accepted, %d refused, %d handled, %d lost; %.1f times what was handled was sent\n",
		sent, r.accepted, r.refused, r.received, r.accepted-r.received, float64(sent)/float64(max(r.received, 1)))
	for _, phase := range []struct {
		name    string
		samples []sample
	}{{"flood", r.samples}, {"storm", r.storm}} {
		early, late := quarters(phase.samples)
		fmt.Fprintf(w, "memory, second and last quarter of the %s: heap %.1f and %.1f MB, RSS %.1f and %.1f MB\n",
			phase.name, mb(early.heap), mb(late.heap), mb(early.rss), mb(late.rss))
	}
	fmt.Fprintf(w, "critical actor: %d answers, p50 %v, p99 %v, longest %v (bar: p99 50ms)\n",
		len(r.times), quantile(r.times, 0.5), quantile(r.times, 0.99), quantile(r.times, 1))
	fmt.Fprintf(w, "storm: %d kills, %d exits, %d restarts; %d calls, %d answers, %d errors, %d without either, %d by their deadline\n",
		r.kills, r.exits, r.restarts, r.asked, r.answers, r.errors, r.asked-r.answers-r.errors, r.late)
	fmt.Fprintf(w, "goroutines: %d before, %d after\n", r.before, r.after)
}
