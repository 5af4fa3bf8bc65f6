package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/node"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

//go:embed services.txtar
var services []byte

// options say how long a soak is, and how large.
type options struct {
	flood, storm    time.Duration
	actors, burning int
	out             io.Writer // nil: no lines while it runs
}

const (
	sinks = 10
	// work is the turns of a loop that a sink makes for a message, and burn those of an actor that
	// computes between two bursts of messages: about 15 µs and 10 ms.
	work, burn = 500, 400_000
	victims    = 10
	callers    = 20
	// mailbox is small, so that it is full all the time.
	mailbox = 1024
	// late is when a call of the storm fails by its deadline: nothing else has answered it.
	late = 20 * time.Second
	// patience is how long the actors may take to say what they have counted.
	patience = 2 * time.Minute
)

// a system is a node under load.
type system struct {
	*runtime.Node
	options
	counts   *counts
	flooders []actor.Handle
	sinks    []actor.Handle
}

// soak runs the flood and the storm. The error says what could not be measured.
func soak(o options) (*result, error) {
	r := &result{actors: o.actors, before: goruntime.NumGoroutine()}
	began := time.Now()
	s, err := newSystem(o)
	if err != nil {
		return nil, err
	}
	err = s.run(r)
	if o.out != nil && err == nil {
		fmt.Fprintf(o.out, "the node ends after %v\n", time.Since(began).Round(time.Second))
	}
	s.Close()
	if err != nil {
		return nil, err
	}
	// A goroutine that has ended is counted until it is off the processor.
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if r.after = goruntime.NumGoroutine(); r.after <= r.before || time.Now().After(end) {
			return r, nil
		}
	}
}

func newSystem(o options) (*system, error) {
	s := &system{options: o, counts: &counts{}}
	files := map[string]*source.File{}
	for _, f := range txtar.Parse(services).Files {
		files[strings.TrimSuffix(f.Name, ".lua")] = source.New(f.Name, string(f.Data))
	}
	files["patient-sink"] = files["sink"]
	limits := actor.Default()
	limits.Mailbox, limits.Policy, limits.CallTimeout = mailbox, actor.Reject, late
	patient := limits
	patient.Policy = actor.Block
	small := limits
	small.Script.Memory = 2 << 20
	var err error
	s.Node, err = runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect, Limits: &limits, Modules: []actor.Module{s.counts.module()},
		Find: func(name string) (*source.File, bool) { f, ok := files[name]; return f, ok },
		LimitsOf: func(name string) (*actor.Limits, bool) {
			switch {
			case name == "patient-sink":
				return &patient, false
			case name == "victim":
				return &small, false
			}
			return nil, strings.HasPrefix(name, "critical-")
		},
		Restart: func(name string) node.Restart {
			if name == "victim" {
				return node.Restart{Policy: node.OnFailure, Backoff: time.Millisecond, MaxBackoff: time.Millisecond}
			}
			return node.Restart{}
		},
	})
	if err != nil {
		return nil, err
	}
	if err := s.launch(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// launch starts the sinks, one of five of which has its senders wait, the flooders, and the critical actors.
func (s *system) launch() error {
	ctx := context.Background()
	for i := range sinks {
		name := "sink"
		if i%5 == 4 {
			name = "patient-sink"
		}
		h, err := s.Launch(ctx, name, strconv.Itoa(work))
		if err != nil {
			return err
		}
		s.sinks = append(s.sinks, h)
	}
	for i := range s.actors {
		turns := 0
		if i < s.burning {
			turns = burn
		}
		h, err := s.Launch(ctx, "flooder", strconv.Itoa(i+1), strconv.Itoa(turns), number(s.sinks[i%sinks]))
		if err != nil {
			return err
		}
		s.flooders = append(s.flooders, h)
	}
	echo, err := s.Launch(ctx, "critical-echo")
	if err != nil {
		return err
	}
	_, err = s.Launch(ctx, "critical-probe", number(echo))
	return err
}

func number(h actor.Handle) string { return strconv.FormatUint(uint64(h), 10) }

// run floods, then lets the storm blow under a fifth of the flood.
func (s *system) run(r *result) error {
	if err := s.flood(s.flooders); err != nil {
		return err
	}
	r.samples = s.watch("flood", s.options.flood)
	r.times = s.counts.times()
	if err := s.settle(s.flooders, r); err != nil {
		return err
	}
	var some []actor.Handle
	for i := 0; i < len(s.flooders); i += 5 {
		some = append(some, s.flooders[i])
	}
	if err := s.flood(some); err != nil {
		return err
	}
	if err := s.blow(r); err != nil {
		return err
	}
	return s.settle(some, r)
}

func (s *system) flood(flooders []actor.Handle) error {
	_, err := s.askAll(flooders, "go")
	return err
}

// settle ends the flood, waits until the sinks have taken what they have accepted, and counts.
func (s *system) settle(flooders []actor.Handle, r *result) error {
	if _, err := s.askAll(flooders, "stop"); err != nil {
		return err
	}
	r.accepted, r.refused = s.counts.accepted.Load(), s.counts.refused.Load()
	r.received, r.gaps = 0, 0
	all, err := s.askAll(s.sinks, "count")
	if err != nil {
		return err
	}
	for _, n := range all {
		r.received += int64(n[0])
		r.gaps += int64(n[1])
	}
	return nil
}

// askAll asks all of them at once: each has to wait for its turn among all the others.
func (s *system) askAll(all []actor.Handle, command string) ([][]float64, error) {
	answers := make([][]float64, len(all))
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, h := range all {
		group.Go(func() { answers[i], errs[i] = s.ask(h, command) })
	}
	group.Wait()
	return answers, errors.Join(errs...)
}

// ask calls an actor for numbers, again while its mailbox is full.
func (s *system) ask(h actor.Handle, command string) ([]float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		values, err := s.Call(ctx, h.String(), command)
		if err == nil {
			var numbers []float64
			for _, v := range values {
				if f, ok := v.(float64); ok {
					numbers = append(numbers, f)
				}
			}
			return numbers, nil
		}
		if ctx.Err() != nil || !strings.Contains(err.Error(), "is full") && !strings.Contains(err.Error(), "timeout:") {
			return nil, fmt.Errorf("%s to %s: %w", command, h, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// blow has services killed, exit and restarted while others call them.
func (s *system) blow(r *result) error {
	ctx := context.Background()
	storm, err := s.Launch(ctx, "storm", strconv.Itoa(victims))
	if err != nil {
		return err
	}
	var list []actor.Handle
	for i := range callers {
		h, err := s.Launch(ctx, "caller", strconv.Itoa(i), strconv.Itoa(victims))
		if err != nil {
			return err
		}
		list = append(list, h)
	}
	r.storm = s.watch("storm", s.options.storm)
	n, err := s.ask(storm, "stop")
	if err != nil {
		return err
	}
	r.kills, r.exits, r.restarts = int64(n[0]), int64(n[1]), int64(n[2])
	all, _ := s.askAll(list, "stop") // who does not answer has no numbers
	for _, n := range all {
		if len(n) < 4 {
			r.silent++
			continue
		}
		r.asked += int64(n[0])
		r.answers += int64(n[1])
		r.errors += int64(n[2])
		r.late += int64(n[3])
	}
	return nil
}

// watch prints and samples once a second.
func (s *system) watch(phase string, d time.Duration) []sample {
	var samples []sample
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	end := time.NewTimer(d)
	defer end.Stop()
	for second := 1; ; second++ {
		select {
		case <-end.C:
			return samples
		case <-ticker.C:
			now := take()
			samples = append(samples, now)
			if s.out != nil {
				times := s.counts.lastTimes()
				fmt.Fprintf(s.out, "%s %3ds: heap %5.1f MB, RSS %6.1f MB, %4d goroutines; %9d sent, %9d accepted, %9d handled; critical p50 %v p99 %v\n",
					phase, second, mb(now.heap), mb(now.rss), goruntime.NumGoroutine(),
					s.counts.accepted.Load()+s.counts.refused.Load(), s.counts.accepted.Load(), s.counts.handled.Load(), quantile(times, 0.5), quantile(times, 0.99))
			}
		}
	}
}
