// Package queuedeadlock finds queues that are entered again by what their holder waits for, and
// queues that are entered in two orders (SKY303).
package queuedeadlock

import (
	"fmt"
	"slices"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/flow/wait"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each call once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.QueueDeadlock}, System: run}

func run(p *analyzers.SystemPass) {
	queues := wait.FindQueues(p.System, p.Suspensions())
	if len(queues.Locks) == 0 {
		return
	}
	c := &checker{p: p, where: p.Suspensions(), held: queues.Locks, reported: map[place]bool{}}
	for _, s := range p.Services {
		for _, r := range queues.Reentries(s) {
			c.again(&r)
		}
	}
	c.orders()
	c.coroutines()
}

type place struct {
	file int32
	node syntax.Node
}

type checker struct {
	p        *analyzers.SystemPass
	where    *suspend.Info
	held     []wait.Lock
	reported map[place]bool
}

// again reports a request that waits for the queue which its sender holds. It may go to another
// instance of the service.
func (c *checker) again(r *wait.Reentry) {
	files := c.p.Values.Program().Files
	first := r.Messages[0].Raw
	k := place{first.File, c.p.Values.IR(first.File).Calls[first.Call].Node}
	if c.reported[k] {
		return
	}
	c.reported[k] = true
	d := rules.Diagnostic{
		Rule: rules.QueueDeadlock, Location: c.p.At(first), Services: []string{r.Service.Name},
		Message: "this waits, with a queue held, for a message that waits for the queue",
		Label:   "neither can go on",
		Help:    []string{"ask before the queue is entered or after it is left, or handle the message without the queue"},
		Path:    []rules.Step{{Location: files[r.Lock.In.File].At(r.Lock.Node), Message: "the queue is entered here"}},
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		step := rules.Step{Location: c.p.At(m.Raw), Message: fmt.Sprintf("%s waits for %s of %s", m.From.Name, m.Target.Name(), m.To.Name)}
		if m.Kind == effect.Launch {
			step.Message = fmt.Sprintf("%s waits for the start of %s", m.From.Name, m.To.Name)
		}
		d.Path = append(d.Path, step)
	}
	d.Path = append(d.Path, rules.Step{Location: files[r.File].At(r.Node), Message: "which waits for the queue"})
	c.p.Report(d)
}

// orders looks for two queues of which each is entered while the other is held.
func (c *checker) orders() {
	for i := range c.held {
		a := &c.held[i]
		for k := range c.held {
			b := &c.held[k]
			if a.Queue >= b.Queue || !a.Runs.Has(b.In) {
				continue
			}
			for _, x := range c.held {
				for _, y := range c.held {
					if x.Queue == b.Queue && y.Queue == a.Queue && x.Runs.Has(y.In) && c.oneService(a, b, &x, &y) {
						c.order(a, b, &x, &y)
						return
					}
				}
			}
		}
	}
}

// oneService reports whether some service has all of these: queues are not shared between services.
func (c *checker) oneService(all ...*wait.Lock) bool {
	return slices.ContainsFunc(c.p.Services, func(s *effect.Service) bool {
		return !slices.ContainsFunc(all, func(h *wait.Lock) bool {
			return !s.Has(h.In.File) || !s.Has(c.p.Values.Atom(h.Queue).File)
		})
	})
}

func (c *checker) order(a, b, x, y *wait.Lock) {
	files := c.p.Values.Program().Files
	at := func(h *wait.Lock) rules.Location { return files[h.In.File].At(h.Node) }
	c.p.Report(rules.Diagnostic{
		Rule: rules.QueueDeadlock, Location: at(y),
		Message: "two queues are entered in one order here and in the other elsewhere",
		Label:   "two coroutines can each hold one and wait for the other",
		Help:    []string{"enter the queues in one order everywhere"},
		Path: []rules.Step{
			{Location: at(a), Message: "one coroutine enters the first queue"},
			{Location: at(b), Message: "and within it the second"},
			{Location: at(x), Message: "another coroutine enters the second queue"},
			{Location: at(y), Message: "and within it the first"},
		},
	})
}
