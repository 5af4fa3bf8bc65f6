// Command actors measures the engine of skyrun: the workloads W1 to W8 of docs/PERFORMANCE.md, beside
// plain goroutines and channels, which is the most that Go could do, and beside peers: skynet, which runs
// the same services, and Erlang.
//
//	go run ./bench/actors [-rounds 5] [-only W1,W3] [-scale 0.1] [-skynet DIR] [-erlang]
//
// DIR is a skynet that is built. Each engine runs each workload in a process of its own, and all of them
// in each round, since only ratios within a round are worth anything. The time is taken inside of the
// process, over the messages alone; memory is the resident set. Medians are printed [lowest-highest].
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 5, "rounds; medians are printed")
	only := flag.String("only", "", "comma-separated workloads; all if empty")
	scale := flag.Float64("scale", 1, "by what the number of operations is multiplied")
	dir := flag.String("skynet", "", "a folder with a skynet that is built")
	erlang := flag.Bool("erlang", false, "measure Erlang too: erl is found by the path")
	child := flag.String("child", "", "what this process measures itself, for the command's own use")
	count := flag.Int("count", 0, "with -child: operations")
	flag.Parse()
	if flag.NArg() > 0 || *rounds < 1 || *scale <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	err := error(nil)
	if *child != "" {
		err = measureHere(*child, *count)
	} else {
		err = compare(*rounds, *only, *scale, *dir, *erlang)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "actors:", err)
		os.Exit(1)
	}
}

// measureHere runs a workload in this process: "skyrun W1".
func measureHere(what string, count int) error {
	name, workload, _ := strings.Cut(what, " ")
	run, ok := map[string]func(string, int) (result, error){"skyrun": runSkyrun, "channels": runChannels}[name]
	if !ok {
		return fmt.Errorf("there is no engine %s", name)
	}
	setCollector()
	r, err := run(workload, count)
	if err == nil {
		fmt.Println(r)
	}
	return err
}

// compare runs the workloads under all engines, and prints the table.
func compare(rounds int, only string, scale float64, skynet string, erlang bool) error {
	list, err := chosen(only)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "actors")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	engines := []engine{self("skyrun", nil), self("channels", hasChannels)}
	if skynet == "" {
		fmt.Fprintln(os.Stderr, "no column for skynet: -skynet names no folder")
	} else {
		e, err := skynetEngine(skynet, temp)
		if err != nil {
			return err
		}
		engines = append(engines, e)
	}
	if !erlang {
		fmt.Fprintln(os.Stderr, "no column for Erlang: -erlang is not set")
	} else {
		e, err := erlangEngine(temp)
		if err != nil {
			return err
		}
		engines = append(engines, e)
	}
	t := newTable(engines)
	for round := range rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
		for i := range list {
			w := &list[i]
			count := max(int(float64(w.count)*scale), 64)
			for k := range engines {
				// Each goes first in turn.
				e := &engines[(k+round)%len(engines)]
				if e.has != nil && !e.has(w.name) {
					continue
				}
				r, err := e.run(w.name, count)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", e.name, w.name, err)
				}
				t.add(w.name, e.name, r)
			}
		}
	}
	return t.print(os.Stdout, list)
}

// self is an engine of this program, in a process of its own.
func self(name string, has func(string) bool) engine {
	return engine{name: name, has: has, run: func(workload string, count int) (result, error) {
		program, err := os.Executable()
		if err != nil {
			return result{}, err
		}
		return output("", program, "-child", name+" "+workload, "-count", fmt.Sprint(count))
	}}
}

// patience is how long one run may take: a peer whose services fail goes on for ever.
const patience = 3 * time.Minute

// output runs a program in a folder and reads its result.
func output(dir, program string, args ...string) (result, error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, fmt.Errorf("no result within %v", patience))
	defer cancel()
	c := exec.CommandContext(ctx, program, args...)
	c.Dir, c.Stderr = dir, os.Stderr
	out, err := c.Output()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		return result{}, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, out)
	}
	return parse(string(out))
}
