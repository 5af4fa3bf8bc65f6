// Command soak floods a node of skyrun for a while: actors send as much as they can to a few others
// that take a tenth of it, half of them computing all the time. Then services are killed, exit and are
// restarted under load, while others call them.
//
//	go run ./bench/soak [-time 60s] [-storm 20s] [-actors 100] [-burning 50]
//
// It prints a line each second, and at the end what has come of it. The exit code is 1 if a message
// that was accepted is lost, if a call has no answer, if goroutines are left, or if memory grows.
// The times are printed; they fail nothing.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

func main() {
	var o options
	flag.DurationVar(&o.flood, "time", time.Minute, "how long the flood is")
	flag.DurationVar(&o.storm, "storm", 20*time.Second, "how long services are killed and restarted")
	flag.IntVar(&o.actors, "actors", 100, "how many actors send")
	flag.IntVar(&o.burning, "burning", 50, "how many of them compute, too")
	flag.Parse()
	if flag.NArg() > 0 || o.actors < 1 || o.burning < 0 || o.burning > o.actors {
		flag.Usage()
		os.Exit(2)
	}
	o.out = os.Stdout
	debug.SetGCPercent(400) // as skyrun does
	r, err := soak(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
	r.print(os.Stdout)
	if problems := append(r.problems(), r.growth()...); len(problems) > 0 {
		for _, p := range problems {
			fmt.Println("FAIL:", p)
		}
		os.Exit(1)
	}
}
