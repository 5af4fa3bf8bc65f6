// Command latency measures how soon skyrun turns a wait that would never end into an error: the time
// from the moment when the wait became hopeless to the error in the caller, for each pattern in which
// skynet hangs.
//
//	go run ./bench/latency [-runs 200] [-only D4]
//
// Each run has a node of its own, which starts at a random moment of the sweep for cycles. The exit
// code is 1 if a pattern gives another error than it should or none, or if its p99 is over its bar.
package main

import (
	"flag"
	"fmt"
	"os"
	"text/tabwriter"
	"time"
)

func main() {
	runs := flag.Int("runs", 200, "how often each pattern runs")
	only := flag.String("only", "", "one pattern")
	flag.Parse()
	if *runs < 1 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ok, err := table(*runs, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}

// table measures and prints. It returns whether all is within its bar.
func table(runs int, only string) (bool, error) {
	files, err := load()
	if err != nil {
		return false, err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "pattern\truns\tp50 ms\tp99 ms\tmax ms\tbar ms\t")
	good, found := true, false
	for i := range patterns {
		p := &patterns[i]
		if only != "" && p.name != only {
			continue
		}
		found = true
		times, err := measure(p, files, runs)
		if err != nil {
			w.Flush()
			return false, fmt.Errorf("%s: %w", p.name, err)
		}
		mark := ""
		if quantile(times, 0.99) > p.bar {
			mark, good = "over", false
		}
		ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
		fmt.Fprintf(w, "%s: %s\t%d\t%.2f\t%.2f\t%.2f\t%.0f\t%s\n",
			p.name, p.title, len(times), ms(quantile(times, 0.5)), ms(quantile(times, 0.99)), ms(times[len(times)-1]), ms(p.bar), mark)
	}
	if !found {
		return false, fmt.Errorf("there is no pattern %s", only)
	}
	return good, w.Flush()
}

// quantile returns the least of the sorted times that a share q of them does not exceed.
func quantile(times []time.Duration, q float64) time.Duration {
	return times[max(0, min(len(times)-1, int(q*float64(len(times))+0.999999)-1))]
}
