// Command corpus compares package syntax with the real Luas on every .lua file of folders:
// both must accept a file, or both reject it at the same line.
//
//	go run ./bench/corpus [-dialects 5.1,5.4] [-mutations 10] DIR...
//
// It prints a line for each dialect and the first differences. It exits with 1 if there is
// a difference that is not one of the listed ones, and with 2 if it cannot do its work.
package main

import (
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/skylint/skylint/bench/internal/luafiles"
	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/luagen"
	"github.com/skylint/skylint/syntax"
)

func main() {
	dialects := flag.String("dialects", "", "compare these dialects, separated by commas (default: all that have an interpreter)")
	show := flag.Int("show", 5, "how many differences to show for each dialect")
	mutations := flag.Int("mutations", 0, "how many random mutations of each file to compare as well")
	seed := flag.Uint64("seed", 1, "seed of the mutations")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: corpus [flags] DIR...\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	differences, err := run(*dialects, *show, *mutations, *seed, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(2)
	}
	if differences > 0 {
		os.Exit(1)
	}
}

// text is a file or a mutation of one.
type text struct{ name, content string }

func run(names string, show, mutations int, seed uint64, dirs []string) (differences int, err error) {
	dialects, err := choose(names)
	if err != nil {
		return 0, err
	}
	var texts []text
	for _, dir := range dirs {
		files, err := luafiles.Read(dir)
		if err != nil {
			return 0, err
		}
		for i, f := range files {
			texts = append(texts, text{f.Path, f.Text})
			r := luagen.Rand(seed + uint64(i))
			for m := range mutations {
				other := files[r.IntN(len(files))].Text
				texts = append(texts, text{fmt.Sprintf("%s, mutation %d", f.Path, m+1), luagen.Mutate(r, f.Text, other)})
			}
		}
	}
	fmt.Printf("%-8s %8s %8s %8s %8s %8s\n", "dialect", "texts", "accepted", "agree", "listed", "differ")
	for _, d := range dialects {
		n, err := compare(d, texts, show)
		if err != nil {
			return 0, err
		}
		differences += n
	}
	return differences, nil
}

// choose returns the dialects to compare.
func choose(names string) ([]syntax.Dialect, error) {
	if names == "" {
		all := luadiff.Required()
		for _, d := range luadiff.Optional() {
			if os.Getenv(luadiff.Variable(d)) != "" {
				all = append(all, d)
			}
		}
		return all, nil
	}
	var chosen []syntax.Dialect
	for _, name := range strings.Split(names, ",") {
		d, err := syntax.ParseDialect(name)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, d)
	}
	return chosen, nil
}

// compare prints the line of a dialect and returns the number of unlisted differences.
func compare(d syntax.Dialect, texts []text, show int) (differ int, err error) {
	it, err := luadiff.Start(d)
	if err != nil {
		return 0, err
	}
	defer it.Close()
	contents := make([]string, len(texts))
	for i, t := range texts {
		contents[i] = t.content
	}
	verdicts, err := it.Judge(contents...)
	if err != nil {
		return 0, err
	}
	accepted, agree := 0, 0
	listed := make(map[string]int)
	var shown []string
	for i, t := range texts {
		if verdicts[i].OK {
			accepted++
		}
		c := luadiff.Compare(t.content, d, verdicts[i])
		switch c.Outcome {
		case luadiff.Agree:
			agree++
		case luadiff.Listed:
			listed[c.Listed.Name]++
		default:
			if differ++; differ <= show {
				shown = append(shown, fmt.Sprintf("%s: %s:\n  %s", d.Title(), t.name, strings.ReplaceAll(c.String(), "\n", "\n  ")))
			}
		}
	}
	limits := 0
	for _, n := range listed {
		limits += n
	}
	fmt.Printf("%-8s %8d %8d %8d %8d %8d\n", d, len(texts), accepted, agree, limits, differ)
	names := make([]string, 0, len(listed))
	for name := range listed {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("  listed: %s: %d\n", name, listed[name])
	}
	for _, s := range shown {
		fmt.Println(s)
	}
	return differ, nil
}
