// Command stages runs skylint's driver over a folder several times in one process and prints
// how long each stage took: the best and the median round. It is what to profile:
//
//	go run ./bench/stages [-rounds 20] [-jobs 0] [-cpuprofile FILE] DIR
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
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
	flag.Parse()
	if flag.NArg() != 1 {
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
	for _, name := range names {
		ts := times[name]
		slices.Sort(ts)
		fmt.Printf("%-16s best %7.2f ms  median %7.2f ms\n", name, ms(ts[0]), ms(ts[len(ts)/2]))
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "stages:", err)
	os.Exit(1)
}
