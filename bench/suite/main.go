// Command suite runs the official test suite of Lua 5.4, from a folder, under a real lua5.4
// and under skyrun, and says which share of it passes.
//
//	go run ./bench/suite [-v] DIR
//
// The suite stops at the first failure of a file, which tells little. So each file is
// changed before it runs: a failed assert is noted and not raised, and each statement of the
// main chunk is protected. What is counted are the asserts (each place in the text is one,
// however often it runs, and passes if it never fails) and the statements of the main chunk.
// What does not pass under the real lua5.4 is left out: it needs more than a script.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/skylint/skylint/internal/luarun"
	"github.com/skylint/skylint/runtime/limit"
)

// left are the files that test what a script under skyrun does not have: the standalone
// interpreter, the C API, files, the collector, the debug library, modules in C.
var left = []string{"all.lua", "main.lua", "api.lua", "code.lua", "files.lua", "gc.lua", "gengc.lua", "tracegc.lua", "heavy.lua", "memerr.lua", "db.lua", "cstack.lua", "attrib.lua", "big.lua", "verybig.lua", "bwcoercion.lua"}

func main() {
	verbose := flag.Bool("v", false, "print what fails")
	only := flag.String("only", "", "one file")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := suite(flag.Arg(0), *only, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
		os.Exit(1)
	}
}

func suite(folder, only string, verbose bool) error {
	paths, err := filepath.Glob(filepath.Join(folder, "*.lua"))
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return fmt.Errorf("%s: no Lua files", folder)
	}
	real, err := luarun.FindReal()
	if err != nil {
		return err
	}
	defer real.Close()
	limits := limit.Default()
	if err := limits.Set("time=30s"); err != nil {
		return err
	}
	ours := luarun.Skyrun{Limits: limits}

	fmt.Println("| file | asserts | pass | statements | pass |")
	fmt.Println("| --- | --- | --- | --- | --- |")
	var sum [4]int
	for _, path := range paths {
		name := filepath.Base(path)
		if only == "" && slices.Contains(left, name) || only != "" && only != name {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		program := &luarun.Program{Name: name, Text: instrument(name, string(text))}
		wanted, err := real.Run(program)
		if err != nil {
			return err
		}
		got, err := ours.Run(program)
		if err != nil {
			return err
		}
		want, have := read(wanted.Output), read(got.Output)
		var row [4]int
		for _, unit := range slices.Sorted(maps.Keys(want)) {
			if want[unit] != "" {
				continue
			}
			k := 0
			if unit[0] == 's' {
				k = 2
			}
			row[k]++
			if problem, ran := have[unit]; ran && problem == "" {
				row[k+1]++
			} else if verbose {
				if !ran {
					problem = "did not run"
				}
				fmt.Fprintf(os.Stderr, "%s:%s: %s\n", name, unit[1:], problem)
			}
		}
		if verbose && got.Message != "" {
			fmt.Fprintf(os.Stderr, "%s ends with exit %d: %s\n", name, got.Exit, got.Message)
		}
		for i := range row {
			sum[i] += row[i]
		}
		fmt.Printf("| %s | %d | %s | %d | %s |\n", name, row[0], share(row[1], row[0]), row[2], share(row[3], row[2]))
	}
	fmt.Printf("| all | %d | **%s** | %d | **%s** |\n", sum[0], share(sum[1], sum[0]), sum[2], share(sum[3], sum[2]))
	return nil
}

func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%d, %.1f %%", part, 100*float64(part)/float64(whole))
}

// read returns for each unit that ran "", or the problem that it had.
func read(output string) map[string]string {
	units := make(map[string]string)
	for line := range strings.Lines(output) {
		// The suite's own prints may have left a line open.
		at := strings.Index(line, mark)
		if at < 0 {
			continue
		}
		unit, problem, failed := strings.Cut(strings.TrimSuffix(line[at+len(mark):], "\n"), " ")
		if failed && problem == "" {
			problem = "fails"
		}
		if failed || units[unit] == "" {
			units[unit] = problem
		}
	}
	return units
}
