// Command syntax measures how fast package syntax parses a folder's .lua files on one core,
// and, over the same files in the same rounds, gopher-lua's parser.
//
//	go run ./bench/syntax [-rounds 20] [-dialect 5.4] [-cpuprofile FILE] DIR...
//
// The files are in memory before the clock starts. gopher-lua reads Lua 5.1 only, knows no
// columns and no comments and stops at the first error: it is measured over the files that it
// accepts, and so is package syntax beside it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/yuin/gopher-lua/parse"

	"github.com/skylint/skylint/bench/internal/luafiles"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

func main() {
	rounds := flag.Int("rounds", 20, "how many rounds")
	name := flag.String("dialect", "5.4", "the dialect to parse")
	profile := flag.String("cpuprofile", "", "write a CPU profile of package syntax to this file")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: syntax [flags] DIR...\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 || *rounds < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*rounds, *name, *profile, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "syntax:", err)
		os.Exit(1)
	}
}

// load is a list of files with its size.
type load struct {
	files        []*source.File
	lines, bytes int
}

func (l *load) add(f *source.File) {
	l.files = append(l.files, f)
	l.lines += strings.Count(f.Text, "\n")
	l.bytes += len(f.Text)
}

func run(rounds int, name, profile string, dirs []string) error {
	dialect, err := syntax.ParseDialect(name)
	if err != nil {
		return err
	}
	var all, common load
	rejected := 0
	for _, dir := range dirs {
		files, err := luafiles.Read(dir)
		if err != nil {
			return err
		}
		for _, f := range files {
			all.add(f)
			if len(syntax.Parse(f, dialect).Errors) > 0 {
				rejected++
			}
			if _, err := parse.Parse(strings.NewReader(f.Text), f.Path); err == nil {
				common.add(f)
			}
		}
	}
	if len(common.files) == 0 {
		return errors.New("gopher-lua accepts none of the files: nothing to compare with")
	}
	runtime.GOMAXPROCS(1)
	fmt.Printf("%d files, %d lines, %.1f MB; %s rejects %d of them, gopher-lua %d\n",
		len(all.files), all.lines, float64(all.bytes)/1e6, dialect.Title(), rejected, len(all.files)-len(common.files))

	ours := func(l *load) func() {
		return func() {
			for _, f := range l.files {
				syntax.Parse(source.New(f.Path, f.Text), dialect)
			}
		}
	}
	theirs := func() {
		for _, f := range common.files {
			parse.Parse(strings.NewReader(f.Text), f.Path)
		}
	}
	measured := []*measurement{
		{name: "skylint, all files", load: &all, work: ours(&all)},
		{name: "skylint, those files", load: &common, work: ours(&common)},
		{name: "gopher-lua", load: &common, work: theirs},
	}
	for range rounds { // in turn, so that a disturbance meets all
		for _, m := range measured {
			m.round()
		}
	}
	fmt.Printf("%-22s %12s %12s %10s %14s\n", "", "best", "median", "best", "allocated")
	for _, m := range measured {
		m.print()
	}
	fmt.Printf("skylint parses the files that both accept %.1f times as fast as gopher-lua (best rounds)\n",
		float64(measured[2].best())/float64(measured[1].best()))
	if profile == "" {
		return nil
	}
	out, err := os.Create(profile)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	for range rounds {
		measured[0].work()
	}
	pprof.StopCPUProfile()
	return out.Close()
}

// measurement is a piece of work with the times it took.
type measurement struct {
	name      string
	load      *load
	work      func()
	times     []time.Duration
	allocated uint64 // by the last round
}

func (m *measurement) round() {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	m.work()
	m.times = append(m.times, time.Since(began))
	runtime.ReadMemStats(&after)
	m.allocated = after.TotalAlloc - before.TotalAlloc
}

func (m *measurement) best() time.Duration { return slices.Min(m.times) }

func (m *measurement) print() {
	sorted := slices.Sorted(slices.Values(m.times))
	median := sorted[len(sorted)/2]
	rate := func(d time.Duration) float64 { return float64(m.load.lines) / d.Seconds() / 1e6 }
	fmt.Printf("%-22s %8.2f M/s %8.2f M/s %5.0f MB/s %8.0f B/line\n", m.name, rate(m.best()), rate(median),
		float64(m.load.bytes)/m.best().Seconds()/1e6, float64(m.allocated)/float64(m.load.lines))
}
