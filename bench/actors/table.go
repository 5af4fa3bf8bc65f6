package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A workload is one of W1 to W8, with its bars: what the ratio of skyrun to a peer should be. A
// ratio is one of speeds, but for memory and for starts, where it is one of what is used; 0 is no bar.
type workload struct {
	name     string
	title    string
	count    int // operations
	skynet   float64
	memory   float64 // resident set, to skynet's
	channels float64
}

var workloads = []workload{
	{name: "W1", title: "a call, one after the other", count: 200_000, skynet: 1.5, channels: 0.15},
	{name: "W2", title: "a call, 64 services call 8", count: 400_000, skynet: 1.5, channels: 0.17},
	{name: "W2c", title: "a call, 64 coroutines of one service call 8", count: 400_000, skynet: 1.5},
	{name: "W3", title: "a message to a service that is flooded", count: 1_000_000, skynet: 2.5, memory: 0.5, channels: 0.12},
	{name: "W4", title: "a call with a table of 50 entries, echoed", count: 100_000, skynet: 0.5},
	{name: "W5", title: "a service is started", count: 2_000, skynet: 4, memory: 0.6},
	{name: "W6", title: "a hop in a ring of 1,000 services", count: 500_000, skynet: 4},
	{name: "W7 fib", title: "a call that runs fib(20)", count: 2_000},
	{name: "W7 loop", title: "a call that fills and reads a table of 10,000", count: 2_000},
	{name: "W8 10", title: "a call whose handler takes 10 turns of a loop", count: 100_000, skynet: 0.7},
	{name: "W8 50", title: "the same with 50 turns", count: 50_000, skynet: 0.3},
	{name: "W8 200", title: "the same with 200 turns", count: 20_000, skynet: 0.12},
}

// chosen returns the workloads that a list names.
func chosen(only string) ([]workload, error) {
	if only == "" {
		return workloads, nil
	}
	var list []workload
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(workloads, func(w workload) bool { return w.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no workload %s", name)
		}
		list = append(list, workloads[i])
	}
	return list, nil
}

// An engine runs workloads.
type engine struct {
	name string
	has  func(workload string) bool // nil: it has all
	run  func(workload string, count int) (result, error)
}

// A result is what one run has given.
type result struct {
	count         int
	elapsed       time.Duration
	before, after int64 // resident set in bytes; 0: not known
}

// String writes a result as the peers do, with memory in pages.
func (r result) String() string {
	page := int64(os.Getpagesize())
	return fmt.Sprintf("result %d %d %d %d", r.count, r.elapsed.Nanoseconds(), r.before/page, r.after/page)
}

// parse finds the result in what a process has written.
func parse(out string) (result, error) {
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) != 5 || f[0] != "result" {
			continue
		}
		var n [4]int64
		for i := range n {
			var err error
			if n[i], err = strconv.ParseInt(f[i+1], 10, 64); err != nil {
				return result{}, err
			}
		}
		page := int64(os.Getpagesize())
		if n[0] <= 0 || n[1] <= 0 {
			return result{}, fmt.Errorf("a result without operations or time: %s", line)
		}
		return result{int(n[0]), time.Duration(n[1]), n[2] * page, n[3] * page}, nil
	}
	return result{}, fmt.Errorf("no result in its output:\n%s", out)
}

// resident returns the resident set of this process in bytes; 0 where the system does not tell.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	f := strings.Fields(string(text))
	if len(f) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(f[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// speed is operations in a second.
func (r result) speed() float64 { return float64(r.count) / r.elapsed.Seconds() }

// memory is the resident set at the end; of starts what one has added, in bytes.
func (r result) memory(w *workload) float64 {
	if w.name == "W5" {
		return float64(r.after-r.before) / float64(r.count)
	}
	return float64(r.after)
}

// table collects results by workload and engine, a round behind the other.
type table struct {
	engines []engine
	results map[[2]string][]result
}

func newTable(engines []engine) *table {
	return &table{engines, make(map[[2]string][]result)}
}

func (t *table) add(workload, engine string, r result) {
	key := [2]string{workload, engine}
	t.results[key] = append(t.results[key], r)
}

// spread is a median with the lowest and the highest value.
type spread struct{ low, median, high float64 }

func spreadOf(values []float64) spread {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return spread{v[0], (v[(n-1)/2] + v[n/2]) / 2, v[n-1]}
}

// print writes the table in Markdown: speeds, then ratios, which are medians of those of the rounds.
func (t *table) print(w io.Writer, list []workload) error {
	var b strings.Builder
	head := func(columns ...string) {
		fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
	}
	columns := []string{"thousands a second"}
	for _, e := range t.engines {
		columns = append(columns, e.name)
	}
	head(columns...)
	for i := range list {
		fmt.Fprintf(&b, "| %s: %s", list[i].name, list[i].title)
		for _, e := range t.engines {
			b.WriteString(" | " + t.cell(&list[i], e.name, func(r result) float64 { return r.speed() / 1000 }))
		}
		b.WriteString(" |\n")
	}
	b.WriteString("\n")
	columns[0] = "MB resident; W5: KB a service"
	head(columns...)
	for i := range list {
		unit := float64(1 << 20)
		if list[i].name == "W5" {
			unit = 1 << 10
		}
		fmt.Fprintf(&b, "| %s", list[i].name)
		for _, e := range t.engines {
			b.WriteString(" | " + t.cell(&list[i], e.name, func(r result) float64 { return r.memory(&list[i]) / unit }))
		}
		b.WriteString(" |\n")
	}
	b.WriteString("\n")
	head("skyrun to", "speed", "bar", "memory", "bar")
	for i := range list {
		for _, e := range t.engines[1:] {
			t.ratios(&b, &list[i], e.name)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell writes the spread of what a function takes from the results.
func (t *table) cell(w *workload, engine string, of func(result) float64) string {
	results := t.results[[2]string{w.name, engine}]
	if len(results) == 0 {
		return ""
	}
	var values []float64
	for _, r := range results {
		values = append(values, of(r))
	}
	s := spreadOf(values)
	return fmt.Sprintf("%.4g [%.4g-%.4g]", s.median, s.low, s.high)
}

// ratios writes how skyrun compares with another engine.
func (t *table) ratios(b *strings.Builder, w *workload, other string) {
	ours, theirs := t.results[[2]string{w.name, t.engines[0].name}], t.results[[2]string{w.name, other}]
	if len(ours) == 0 || len(theirs) != len(ours) {
		return
	}
	var speeds, memories []float64
	for i := range ours {
		speeds = append(speeds, ours[i].speed()/theirs[i].speed())
		if m := theirs[i].memory(w); m > 0 {
			memories = append(memories, ours[i].memory(w)/m)
		}
	}
	s := spreadOf(speeds)
	fmt.Fprintf(b, "| %s, %s | %.3g [%.3g-%.3g] | ", w.name, other, s.median, s.low, s.high)
	bar, memory := 0.0, 0.0
	switch other {
	case "skynet":
		bar, memory = w.skynet, w.memory
	case "channels":
		bar = w.channels
	}
	if bar > 0 {
		fmt.Fprintf(b, "≥ %.3g%s", bar, missed(s.median < bar))
	}
	b.WriteString(" | ")
	over := false
	if len(memories) > 0 {
		m := spreadOf(memories)
		fmt.Fprintf(b, "%.3g [%.3g-%.3g]", m.median, m.low, m.high)
		over = m.median > memory
	}
	b.WriteString(" | ")
	if memory > 0 {
		fmt.Fprintf(b, "≤ %.3g%s", memory, missed(over))
	}
	b.WriteString(" |\n")
}

func missed(yes bool) string {
	if yes {
		return ": missed"
	}
	return ""
}
