package main

import (
	"context"
	"os"
	"path/filepath"
	goruntime "runtime"
	"sync"
	"time"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/guard"
)

// A result is what both halves say of a program.
type result struct {
	found []rules.Diagnostic // those of rules with a guard
	graph *graph.Graph
	trips []guard.Trip
	err   error
}

// atOnce is how many programs run at a time: they wait, mostly.
const atOnce = 8

func runAll(programs []*program, o options) []result {
	results := make([]result, len(programs))
	for i, p := range programs { // one after the other: each takes all cores
		results[i].found, results[i].graph, results[i].err = p.lint()
	}
	var group sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, p := range programs {
		if results[i].err != nil {
			continue
		}
		starts := p.start
		if starts == nil {
			starts = []string{driverName}
		}
		var mutex sync.Mutex
		for _, start := range starts {
			slots <- struct{}{}
			group.Go(func() {
				defer func() { <-slots }()
				trips, err := p.run(start, o.each)
				mutex.Lock()
				defer mutex.Unlock()
				results[i].trips = append(results[i].trips, trips...)
				if err != nil {
					results[i].err = err
				}
			})
		}
	}
	group.Wait()
	return results
}

// lint lints a program, with its driver.
func (p *program) lint() ([]rules.Diagnostic, *graph.Graph, error) {
	result, err := p.check()
	if err != nil {
		return nil, nil, err
	}
	g := graph.Build(result.System)
	if p.driven {
		if err := write(p.root, driverFile, driver(g, !p.quiet)); err != nil {
			return nil, nil, err
		}
		if result, err = p.check(); err != nil {
			return nil, nil, err
		}
		g = graph.Build(result.System)
	}
	var found []rules.Diagnostic
	for _, d := range result.Report.Diagnostics {
		if guard.Guarded(d.Rule) && d.File.Path != driverFile && (p.counts == nil || p.counts(d.File.Path)) {
			found = append(found, d)
		}
	}
	return found, g, nil
}

func (p *program) check() (*lint.Result, error) {
	c := config.Default()
	if name := filepath.Join(p.root, config.FileName); p.driven {
		if _, err := os.Stat(name); err == nil {
			if c, err = config.Load(name, config.Options{}); err != nil {
				return nil, err
			}
		}
	}
	return lint.Run(context.Background(), lint.Options{System: true, Suppressed: true, Project: project.Options{Paths: []string{p.root}, Config: c}})
}

// run runs a program for a while, and returns what has tripped.
func (p *program) run(start string, d time.Duration) ([]guard.Trip, error) {
	guards := guard.New(guard.Options{Policy: guard.All(guard.Warn)})
	limits := actor.Default()
	limits.CallTimeout, limits.StartTimeout, limits.Time = d/4, d/2, d/4
	limits.Script.Memory = 32 << 20
	n, err := runtime.New(runtime.Options{Setup: p.node(start), Dialect: config.Default().Dialect, Guards: guards, Limits: &limits, Slots: 2})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	go n.Launch(ctx, start)
	if !p.driven {
		go n.Launch(ctx, strangerName)
	}
	for range 4 {
		time.Sleep(d / 4)
		goruntime.GC() // so that responses are found that were dropped
	}
	n.Close()
	return guards.First(), nil
}
