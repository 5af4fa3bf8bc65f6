// Command solve times the analysis of the whole system over a folder: its files are read once,
// then values and messages are solved several times. With -copies it does so for several
// copies of the folder side by side, to show how time grows. It is what to profile:
//
//	go run ./bench/solve [-rounds 10] [-copies 1,2,4,8] [-cpuprofile FILE] DIR
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
)

func main() {
	rounds := flag.Int("rounds", 10, "how many rounds")
	copies := flag.String("copies", "1", "how many copies of the folder, several numbers with commas")
	profile := flag.String("cpuprofile", "", "write a CPU profile here")
	memory := flag.String("memprofile", "", "write a profile of allocations here")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	debug.SetGCPercent(400)
	for _, n := range strings.Split(*copies, ",") {
		count, err := strconv.Atoi(n)
		check(err)
		dir, remove, err := copied(flag.Arg(0), count)
		check(err)
		prog, terms, err := load(dir)
		check(err)
		if *profile != "" {
			f, err := os.Create(*profile)
			check(err)
			check(pprof.StartCPUProfile(f))
		}
		measure(count, *rounds, prog, terms)
		pprof.StopCPUProfile()
		if *memory != "" {
			f, err := os.Create(*memory)
			check(err)
			check(pprof.Lookup("allocs").WriteTo(f, 0))
			check(f.Close())
		}
		remove()
	}
}

// load reads the files of a folder and makes their terms.
func load(dir string) (*program.Program, []*ir.File, error) {
	p, err := project.Load(context.Background(), project.Options{Paths: []string{dir}})
	if err != nil {
		return nil, nil, err
	}
	var files []*program.File
	var terms []*ir.File
	for _, f := range p.Files {
		if f.Tree == nil {
			continue
		}
		a := program.Analyse(f, p.Config.For(f.Path), models.Builtin())
		files = append(files, a)
		if a.Vendored != "" && !a.InService() {
			terms = append(terms, ir.Empty(f.Scope, f.API))
		} else {
			terms = append(terms, ir.Build(f.Scope, f.API))
		}
	}
	return program.New(p, files, models.Builtin()), terms, nil
}

func measure(copies, rounds int, prog *program.Program, terms []*ir.File) {
	var solves, effects, graphs []time.Duration
	var before, after runtime.MemStats
	var g *graph.Graph
	for i := range rounds {
		runtime.GC()
		if i == 0 {
			runtime.ReadMemStats(&before)
		}
		began := time.Now()
		values := solve.Solve(prog, terms)
		solved := time.Now()
		sys := effect.Analyse(values, 0)
		analysed := time.Now()
		g = graph.Build(sys)
		solves, effects, graphs = append(solves, solved.Sub(began)), append(effects, analysed.Sub(solved)), append(graphs, time.Since(analysed))
		if i == 0 {
			runtime.ReadMemStats(&after)
		}
	}
	fmt.Printf("%d copies, %d files: solve %s, effect %s, graph %s; %d MB allocated; %d services, %d edges, %d unresolved\n",
		copies, len(prog.Files), best(solves), best(effects), best(graphs), (after.TotalAlloc-before.TotalAlloc)>>20,
		len(g.Services), len(g.Edges), len(g.Unresolved))
}

// best prints the best and the median of some times.
func best(ts []time.Duration) string {
	slices.Sort(ts)
	return fmt.Sprintf("%.1f (%.1f) ms", ms(ts[0]), ms(ts[len(ts)/2]))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// copied returns a folder with some copies of another one, and what removes it again.
func copied(dir string, n int) (string, func(), error) {
	if n == 1 {
		return dir, func() {}, nil
	}
	to, err := os.MkdirTemp("", "copies")
	if err != nil {
		return "", nil, err
	}
	for i := range n {
		if err := os.CopyFS(filepath.Join(to, fmt.Sprint("copy", i)), os.DirFS(dir)); err != nil {
			return "", nil, err
		}
	}
	return to, func() { os.RemoveAll(to) }, nil
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "solve:", err)
		os.Exit(1)
	}
}
