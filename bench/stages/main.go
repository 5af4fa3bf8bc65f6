// Command stages runs skylint's driver over a folder several times in one process and prints
// how long each stage took: the best and the median round. It is what to profile:
//
//	go run ./bench/stages [-rounds 20] [-jobs 0] [-cpuprofile FILE] [-memprofile FILE] PATH...
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
)

func main() {
	rounds := flag.Int("rounds", 20, "how many rounds")
	jobs := flag.Int("jobs", 0, "goroutines; 0 for all cores")
	profile := flag.String("cpuprofile", "", "write a CPU profile here")
	memory := flag.String("memprofile", "", "write a profile of allocations here")
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	debug.SetGCPercent(400)
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			fatal(err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	times := map[string][]time.Duration{}
	var names []string
	for range *rounds {
		began := time.Now()
		result, err := lint.Run(context.Background(), lint.Options{Project: project.Options{Paths: flag.Args(), Jobs: *jobs}, Vendored: true})
		if err != nil {
			fatal(err)
		}
		names = names[:0]
		for _, s := range append(result.Stages, lint.Stage{Name: "total", Time: time.Since(began)}) {
			names = append(names, s.Name)
			times[s.Name] = append(times[s.Name], s.Time)
		}
	}
	runtime.ReadMemStats(&after)
	for _, name := range names {
		ts := times[name]
		slices.Sort(ts)
		fmt.Printf("%-16s best %7.2f ms  median %7.2f ms\n", name, ms(ts[0]), ms(ts[len(ts)/2]))
	}
	n := uint64(*rounds)
	fmt.Printf("%d MB in %d allocations each round\n", (after.TotalAlloc-before.TotalAlloc)/n>>20, (after.Mallocs-before.Mallocs)/n)
	if *memory != "" {
		f, err := os.Create(*memory)
		if err != nil {
			fatal(err)
		}
		defer f.Close()
		runtime.GC() // the profile has what was allocated up to the last collection
		if err := pprof.Lookup("allocs").WriteTo(f, 0); err != nil {
			fatal(err)
		}
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "stages:", err)
	os.Exit(1)
}
