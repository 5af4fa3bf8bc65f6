// Command versus times skylint against luacheck on the same files, in interleaved rounds of
// one run, and shows how skylint's time grows with the number of copies of the project.
//
//	go run ./bench/versus [-rounds 5] [-copies 1,2,4,8] [-folder] DIR
//
// Both get the same list of files: every .lua file below DIR, vendored ones included, without
// configuration and without a cache; with -folder both get DIR. A file that is named is followed as
// the project's own by skylint, whereas a library that nothing loads in a folder is only checked by
// itself. Only ratios within a round mean anything on a shared machine, and that of processor time
// most.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 5, "how many rounds")
	skylint := flag.String("skylint", "", "the skylint to measure; built from this tree if empty")
	luacheck := flag.String("luacheck", "luacheck", "the luacheck to measure; - for none")
	copies := flag.String("copies", "1,2,4,8", "numbers of copies for the growth of time")
	folder := flag.Bool("folder", false, "give both the folder, as people do, not a list of its files")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*rounds, *skylint, *luacheck, *copies, flag.Arg(0), *folder); err != nil {
		fmt.Fprintln(os.Stderr, "versus:", err)
		os.Exit(1)
	}
}

// sample is one measured run of a program.
type sample struct {
	time time.Duration
	cpu  time.Duration // of all its threads
	rss  int64         // peak, in bytes
}

func run(rounds int, skylint, luacheck, copies, dir string, folder bool) error {
	tmp, err := os.MkdirTemp("", "versus")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if skylint == "" {
		skylint = filepath.Join(tmp, "skylint")
		build := exec.Command("go", "build", "-trimpath", "-o", skylint, "./cmd/skylint")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building skylint: %w", err)
		}
	}
	files, lines, bytes, err := list(dir)
	if err != nil {
		return err
	}
	fmt.Printf("%d files, %d lines, %d bytes\n\n", len(files), lines, bytes)

	checked := files
	if folder {
		checked = []string{dir}
	}
	ours := append([]string{"check", "--no-config", "--include-vendored", "--fail-on", "never", "--format", "json", "-o", filepath.Join(tmp, "report.json")}, checked...)
	if luacheck != "-" {
		theirs := append([]string{"--no-config", "--no-cache", "--std", "lua54", "-q"}, checked...)
		var ratios []float64
		var skylints, luachecks []sample
		for range rounds {
			s, err := measure(skylint, ours)
			if err != nil {
				return err
			}
			l, err := measure(luacheck, theirs)
			if err != nil {
				return err
			}
			skylints, luachecks = append(skylints, s), append(luachecks, l)
			ratios = append(ratios, l.time.Seconds()/s.time.Seconds())
		}
		show("skylint", skylints, lines)
		show("luacheck", luachecks, lines)
		slices.Sort(ratios)
		fmt.Printf("luacheck / skylint: %.0f times, median of %d rounds [%.0f to %.0f]; %.0f times by least processor time\n\n",
			ratios[len(ratios)/2], rounds, ratios[0], ratios[len(ratios)-1], leastCPU(luachecks).Seconds()/leastCPU(skylints).Seconds())
	}
	return growth(rounds, skylint, copies, tmp, files, lines)
}

// growth measures skylint on several copies of the files.
func growth(rounds int, skylint, copies, tmp string, files []string, lines int) error {
	var one float64
	for _, word := range strings.Split(copies, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return fmt.Errorf("-copies: %w", err)
		}
		root := filepath.Join(tmp, "copies"+word)
		if err := duplicate(root, n, files); err != nil {
			return err
		}
		var samples []sample
		for range rounds {
			s, err := measure(skylint, []string{"check", "--no-config", "--include-vendored", "--fail-on", "never", "--format", "json",
				"-o", filepath.Join(tmp, "report.json"), root})
			if err != nil {
				return err
			}
			samples = append(samples, s)
		}
		show(fmt.Sprintf("%d copies", n), samples, lines*n)
		each := median(samples).time.Seconds() / float64(n)
		if one == 0 {
			one = each
		}
		fmt.Printf("  time for each copy: %.2f of the first\n", each/one)
		os.RemoveAll(root)
	}
	return nil
}

func duplicate(root string, n int, files []string) error {
	for i := range n {
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				return err
			}
			name := filepath.Join(root, strconv.Itoa(i), strings.ReplaceAll(filepath.ToSlash(f), "../", ""))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(name, text, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func list(dir string) (files []string, lines, bytes int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".lua") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files = append(files, path)
		lines += strings.Count(string(text), "\n")
		bytes += len(text)
		return nil
	})
	return files, lines, bytes, err
}

// measure runs a program; findings (exit code 1 or 2) are no failure.
func measure(program string, args []string) (sample, error) {
	cmd := exec.Command(program, args...)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	s := sample{time: time.Since(began)}
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() > 3 {
		return s, fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.rss = peak(cmd.ProcessState)
	return s, nil
}

func median(samples []sample) sample {
	sorted := slices.Clone(samples)
	slices.SortFunc(sorted, func(a, b sample) int { return int(a.time - b.time) })
	return sorted[len(sorted)/2]
}

func show(name string, samples []sample, lines int) {
	m := median(samples)
	low, high := samples[0].time, samples[0].time
	var rss int64
	for _, s := range samples {
		low, high, rss = min(low, s.time), max(high, s.time), max(rss, s.rss)
	}
	fmt.Printf("%-10s %7.1f ms [%.1f to %.1f]  %7.1f ms of CPU  %6.2f million lines/s  %4d MB\n", name, ms(m.time), ms(low), ms(high),
		ms(leastCPU(samples)), float64(lines)/m.time.Seconds()/1e6, rss>>20)
}

// leastCPU is what the program needs where nothing else disturbs it most.
func leastCPU(samples []sample) time.Duration {
	least := samples[0].cpu
	for _, s := range samples {
		least = min(least, s.cpu)
	}
	return least
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
