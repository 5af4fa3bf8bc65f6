// Package queuedeadlock finds queues that are entered again by what their holder waits for, and
// queues that are entered in two orders (SKY303).
package queuedeadlock

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each call once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.QueueDeadlock}, System: run}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p, where: p.Suspensions(), handling: map[*effect.Entry]map[effect.Function]bool{}, reported: map[place]bool{}}
	for _, a := range c.where.Acquisitions() {
		if c.isOne(a.Queue) {
			c.held = append(c.held, holding{a, c.where.Runs(a.Inside)})
		}
	}
	if len(c.held) == 0 {
		return
	}
	for _, s := range p.Services {
		c.again(s)
	}
	c.orders()
	c.coroutines()
}

// holding is a call that enters a queue, and what runs while it is held.
type holding struct {
	suspend.Acquisition
	runs map[effect.Function]bool
}

type place struct {
	file int32
	node syntax.Node
}

type checker struct {
	p        *analyzers.SystemPass
	where    *suspend.Info
	held     []holding
	handling map[*effect.Entry]map[effect.Function]bool // what runs before who asked goes on
	reported map[place]bool
}

// isOne reports whether a queue is made once in a service, and not for each thing.
func (c *checker) isOne(queue solve.Atom) bool {
	d := c.p.Values.Atom(queue)
	fn := c.p.Values.Program().Files[d.File].Scope.FuncOf(d.Node)
	return fn == scope.Main || !c.where.Handled(effect.Function{File: d.File, Func: fn})
}

// again looks for requests that are made while a queue is held, and whose handling enters it.
func (c *checker) again(s *effect.Service) {
	for _, e := range s.Entries {
		for _, m := range c.p.Messages(s, e) {
			if !waits(&m) {
				continue
			}
			host := c.host(m.Raw)
			for i := range c.held {
				h := &c.held[i]
				if !h.runs[host] || !s.Has(h.In.File) {
					continue
				}
				seen := map[*effect.Entry]bool{}
				if path, ok := c.leadsTo(&m, s, h, seen, 0); ok {
					c.report(s, h, &m, path)
					break
				}
			}
		}
	}
}

// waits reports whether who sends a message waits until it is handled, or the service started.
func waits(m *effect.Message) bool {
	return (m.Kind == effect.Call || m.Kind == effect.Launch) && m.To != nil && m.Target != nil
}

func (c *checker) host(s effect.Site) effect.Function {
	return effect.Function{File: s.File, Func: c.p.Values.IR(s.File).Calls[s.Call].In}
}

// handles returns the functions that run for a message before who sent it goes on, as far as they
// are the handler's own coroutine.
func (c *checker) handles(s *effect.Service, e *effect.Entry) map[effect.Function]bool {
	runs := c.handling[e]
	if runs == nil {
		if e.Kind == effect.Init {
			runs = c.where.RunsAtStart(e.Functions)
		} else {
			from := e.Functions
			if d := s.Dispatches(e.Protocol); d != nil && d != e && len(from) == 0 {
				from = d.Functions
			}
			runs = c.where.Runs(from)
		}
		c.handling[e] = runs
	}
	return runs
}

// leadsTo follows a request through the requests that its handler makes to one that enters the
// queue of a service.
func (c *checker) leadsTo(m *effect.Message, s *effect.Service, h *holding, seen map[*effect.Entry]bool, depth int) ([]rules.Step, bool) {
	if seen[m.Target] || depth > 5 {
		return nil, false
	}
	seen[m.Target] = true
	step := rules.Step{
		Location: c.call(m.Raw),
		Message:  fmt.Sprintf("%s waits for %s of %s", m.From.Name, m.Target.Name(), m.To.Name),
	}
	if m.Kind == effect.Launch {
		step.Message = fmt.Sprintf("%s waits for the start of %s", m.From.Name, m.To.Name)
	}
	if m.To == s {
		if at, ok := c.enters(s, m.Target, h.Queue); ok {
			return []rules.Step{step, {Location: at, Message: "which waits for the queue"}}, true
		}
	}
	for _, next := range c.p.Messages(m.To, m.Target) {
		if !waits(&next) || !c.handles(m.To, m.Target)[c.host(next.Raw)] {
			continue
		}
		if path, ok := c.leadsTo(&next, s, h, seen, depth+1); ok {
			return append([]rules.Step{step}, path...), true
		}
	}
	return nil, false
}

// enters returns where the handling of a message enters a queue.
func (c *checker) enters(s *effect.Service, e *effect.Entry, queue solve.Atom) (rules.Location, bool) {
	own := c.handles(s, e)
	var dispatch map[effect.Function]bool
	if d := s.Dispatches(e.Protocol); d != nil && e.Kind == effect.Command {
		dispatch = map[effect.Function]bool{}
		for _, f := range d.Functions {
			dispatch[f] = true
		}
	}
	for i := range c.held {
		h := &c.held[i]
		if h.Queue != queue {
			continue
		}
		at := c.p.Values.Program().Files[h.In.File].At(h.Node)
		if own[h.In] {
			return at, true
		}
		if dispatch[h.In] {
			for _, f := range h.Inside {
				for _, own := range e.Functions {
					if f == own {
						return at, true
					}
				}
			}
		}
	}
	return rules.Location{}, false
}

func (c *checker) call(s effect.Site) rules.Location {
	return c.p.Values.Program().Files[s.File].At(c.p.Values.IR(s.File).Calls[s.Call].Node)
}

// report reports a request. It may go to another instance of the service.
func (c *checker) report(s *effect.Service, h *holding, m *effect.Message, path []rules.Step) {
	at := c.call(m.Raw)
	k := place{m.Raw.File, c.p.Values.IR(m.Raw.File).Calls[m.Raw.Call].Node}
	if c.reported[k] {
		return
	}
	c.reported[k] = true
	d := rules.Diagnostic{
		Rule: rules.QueueDeadlock, Location: at, Services: []string{s.Name},
		Message: "this waits, with a queue held, for a message that waits for the queue",
		Label:   "neither can go on",
		Help:    []string{"ask before the queue is entered or after it is left, or handle the message without the queue"},
		Path: append([]rules.Step{{
			Location: c.p.Values.Program().Files[h.In.File].At(h.Node), Message: "the queue is entered here",
		}}, path...),
	}
	c.p.Report(d)
}

// orders looks for two queues of which each is entered while the other is held.
func (c *checker) orders() {
	for i := range c.held {
		a := &c.held[i]
		for k := range c.held {
			b := &c.held[k]
			if a.Queue >= b.Queue || !a.runs[b.In] {
				continue
			}
			for _, x := range c.held {
				for _, y := range c.held {
					if x.Queue == b.Queue && y.Queue == a.Queue && x.runs[y.In] {
						c.order(a, b, &x, &y)
						return
					}
				}
			}
		}
	}
}

func (c *checker) order(a, b, x, y *holding) {
	files := c.p.Values.Program().Files
	at := func(h *holding) rules.Location { return files[h.In.File].At(h.Node) }
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
