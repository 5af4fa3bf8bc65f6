// Command agreement holds what breaks rules at run time against what skylint says of the same programs.
//
//	go run ./bench/agreement [-skynet DIR] [-generated 60] [-write docs/ACCURACY.md] [-v]
//
// The programs were not written for a rule: the sample game server and the systems in testdata, systems that
// are generated, and, with -skynet, the tests and examples of skynet that need no network, from a copy of its
// tree. Each is linted and run, with all guards in the mode warn. Programs that nobody drives get a service that
// launches each other one and calls each command that skylint knows of, with a few arguments, alone and two at a
// time; it is part of the program for skylint, too, but what it does itself does not count.
//
// The exit code is 1 if a bar is missed: a trip that was not reported where skylint could tell, or less than 90%
// of the errors made to trip.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

type options struct {
	skynet, write, only, keep string
	generated                 int
	each                      time.Duration
	verbose                   bool
}

func main() {
	var o options
	flag.StringVar(&o.skynet, "skynet", "", "a `folder` with a copy of skynet's tree")
	flag.StringVar(&o.write, "write", "", "put the table between the markers of this `file`")
	flag.StringVar(&o.only, "only", "", "run only programs whose name contains this `text`")
	flag.StringVar(&o.keep, "keep", "", "write the programs below this `folder`, and leave them there")
	flag.IntVar(&o.generated, "generated", 60, "how many systems to generate")
	flag.DurationVar(&o.each, "each", 4*time.Second, "how long each program runs")
	flag.BoolVar(&o.verbose, "v", false, "print each disagreement")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ok, err := agreement(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "agreement:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

func agreement(o options) (ok bool, err error) {
	root := o.keep
	if root == "" {
		if root, err = os.MkdirTemp("", "agreement"); err != nil {
			return false, err
		}
		defer os.RemoveAll(root)
	}
	programs, err := collect(o, root)
	if err != nil {
		return false, err
	}
	results := runAll(programs, o)
	t := newTally()
	for i, p := range programs {
		if results[i].err != nil {
			return false, fmt.Errorf("%s: %w", p.name, results[i].err)
		}
		t.add(p, results[i])
	}
	table := t.table(o)
	fmt.Print(table)
	if o.verbose {
		t.print(os.Stdout)
	}
	if o.write != "" {
		if err := writeTable(o.write, table); err != nil {
			return false, err
		}
	}
	return t.met(), nil
}
