// Command vm compares the speed of Lua programs under bare gopher-lua, under skyrun with all
// limits on, and under real lua5.4 and luajit. All run the same programs in interleaved
// rounds of one run, since only ratios within a round are worth anything.
//
//	go run ./bench/vm [-rounds 9] [-only patterns,sort] [-states]
package main

import (
	"embed"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

//go:embed programs/*.lua
var programs embed.FS

// sizes says how much each program does: some tens of milliseconds under lua5.4.
var sizes = []struct {
	program string
	size    int
}{
	{"arithmetic", 2_000_000},
	{"array", 500_000},
	{"patterns", 8_000},
	{"methods", 300_000},
	{"tables", 150_000},
	{"fib", 29},
	{"concat", 60_000},
	{"coroutines", 100_000},
	{"sort", 30_000},
	{"closures", 250_000},
	{"build", 20_000},
	{"queens", 10},
	{"nbody", 15_000},
	{"json", 3_000},
}

// An engine runs a program and says how long its function took, in seconds of processor time, the
// collector's included, and what it returned.
type engine struct {
	name string
	run  func(program, text string, size int) (seconds float64, result string, err error)
}

func main() {
	rounds := flag.Int("rounds", 7, "rounds; medians are printed")
	only := flag.String("only", "", "comma-separated names of programs; all if empty")
	alone := flag.Bool("states", false, "measure what a new state costs, and nothing else")
	flag.Parse()
	debug.SetGCPercent(400) // as skyrun does, for all that run in this process
	if *alone {
		if err := states(); err != nil {
			fmt.Fprintln(os.Stderr, "vm:", err)
			os.Exit(1)
		}
		return
	}
	if err := bench(*rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "vm:", err)
		os.Exit(1)
	}
}

func bench(rounds int, only string) error {
	engines := available()
	type cell struct{ seconds []float64 }
	cells := make(map[string]*cell) // program + "\x00" + engine
	var names []string
	for _, s := range sizes {
		if only == "" || slices.Contains(strings.Split(only, ","), s.program) {
			names = append(names, s.program)
		}
	}
	for round := range rounds {
		for _, s := range sizes {
			if !slices.Contains(names, s.program) {
				continue
			}
			text, err := programs.ReadFile("programs/" + s.program + ".lua")
			if err != nil {
				return err
			}
			first := ""
			for k := range engines {
				e := engines[(k+round)%len(engines)] // nobody is always first
				runtime.GC()
				seconds, result, err := e.run(s.program, string(text), s.size)
				if err != nil {
					return fmt.Errorf("%s under %s: %w", s.program, e.name, err)
				}
				if first == "" {
					first = result
				} else if first != result {
					return fmt.Errorf("%s under %s returns %q, and another engine %q", s.program, e.name, result, first)
				}
				key := s.program + "\x00" + e.name
				if cells[key] == nil {
					cells[key] = &cell{}
				}
				cells[key].seconds = append(cells[key].seconds, seconds)
			}
		}
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
	}

	fmt.Printf("%s, %d CPUs, median of %d rounds; processor time relative to bare gopher-lua in the same round\n\n", runtime.Version(), runtime.NumCPU(), rounds)
	fmt.Print("| program | gopher-lua, ms |")
	for _, e := range engines[1:] {
		fmt.Printf(" %s |", e.name)
	}
	fmt.Print("\n| --- | --- |" + strings.Repeat(" --- |", len(engines)-1) + "\n")
	logs := make([]float64, len(engines))
	for _, name := range names {
		base := cells[name+"\x00"+engines[0].name].seconds
		fmt.Printf("| %s | %.1f |", name, median(base)*1000)
		for i, e := range engines[1:] {
			ratios := slices.Clone(cells[name+"\x00"+e.name].seconds)
			for r := range ratios {
				ratios[r] /= base[r]
			}
			logs[i+1] += math.Log(median(ratios))
			fmt.Printf(" %.2f [%.2f-%.2f] |", median(ratios), slices.Min(ratios), slices.Max(ratios))
		}
		fmt.Println()
	}
	fmt.Print("| geometric mean | 1 |")
	for i := range engines[1:] {
		fmt.Printf(" **%.2f** |", math.Exp(logs[i+1]/float64(len(names))))
	}
	fmt.Println()
	if only == "" {
		fmt.Println()
		return states()
	}
	return nil
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}
