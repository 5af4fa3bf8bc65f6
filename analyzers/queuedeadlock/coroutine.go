package queuedeadlock

import (
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/flow/wait"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// A handover is a call that gives functions to another coroutine.
type handover struct {
	site      effect.Site
	in        effect.Function
	node      syntax.Node
	way       models.Callback
	functions []effect.Function
}

// coroutines looks for coroutines that are made while a queue is held, that want the queue, and
// for which the holder waits.
func (c *checker) coroutines() {
	given := c.handovers()
	for i := range c.held {
		h := &c.held[i]
		for k := range given {
			g := &given[k]
			if !h.Runs.Has(g.in) {
				continue
			}
			runs := c.where.Runs(g.functions)
			for j := range c.held {
				inner := &c.held[j]
				if inner.Queue != h.Queue || !runs.Has(inner.In) {
					continue
				}
				if g.way == models.CallbackResumed && c.resumes(g) {
					c.nested(h, g, inner)
				} else if at := c.awaits(h, g, runs, inner); at != syntax.None {
					c.forked(h, g, inner, at)
				}
			}
		}
	}
}

// handovers returns the calls that give functions of the program to other coroutines.
func (c *checker) handovers() []handover {
	var out []handover
	for i := range c.p.Values.Program().Files {
		file := int32(i)
		calls := c.p.Values.IR(file).Calls
		for k := range calls {
			g := handover{site: effect.Site{File: file, Call: int32(k)}, in: effect.Function{File: file, Func: calls[k].In}, node: calls[k].Node}
			c.p.Values.Callees(file, int32(k), func(callee solve.Callee) {
				switch d := c.p.Values.Atom(callee.Atom); d.Kind {
				case solve.API:
					for _, a := range d.Entry.Args {
						if a.Role == models.RoleCallback && (a.Callback == models.CallbackCoroutine || a.Callback == models.CallbackResumed) {
							g.way = a.Callback
						}
					}
				case solve.Function:
					if callee.Indirect {
						g.functions = append(g.functions, effect.Function{File: d.File, Func: d.Func})
					}
				}
			})
			if g.way != 0 && len(g.functions) > 0 {
				out = append(out, g)
			}
		}
	}
	return out
}

// resumes reports whether a function that makes a coroutine runs it too.
func (c *checker) resumes(g *handover) bool {
	terms := c.p.Values.IR(g.site.File)
	made := func(t ir.Term) bool {
		d := terms.Term(t)
		return d.Kind == ir.Result && d.A == g.site.Call && d.B == 0
	}
	for i := range terms.Calls {
		call := &terms.Calls[i]
		if call.In == g.in.Func && (made(call.Callee) || len(call.Args.Terms) > 0 && made(call.Args.Terms[0]) && c.calls(effect.Site{File: g.site.File, Call: int32(i)}, "resume")) {
			return true
		}
	}
	return false
}

// calls reports whether a call is one of an API's function of that name.
func (c *checker) calls(s effect.Site, name string) bool {
	found := false
	c.p.Values.Callees(s.File, s.Call, func(callee solve.Callee) {
		d := c.p.Values.Atom(callee.Atom)
		found = found || d.Kind == solve.API && !callee.Indirect && d.Entry.Name() == name
	})
	return found
}

// awaits returns where the function that has started a coroutine waits for a wakeup that comes
// only behind the queue, None if it does not.
func (c *checker) awaits(h *wait.Lock, g *handover, runs *suspend.Set, inner *wait.Lock) syntax.Node {
	terms := c.p.Values.IR(g.site.File)
	behind := c.where.Runs(inner.Inside)
	for i := range terms.Calls {
		parked := &terms.Calls[i]
		if parked.In != g.in.Func || parked.Node < g.node || len(parked.Args.Terms) != 1 || !c.calls(effect.Site{File: g.site.File, Call: int32(i)}, "wait") {
			continue
		}
		wakes := 0
		for k := range terms.Calls {
			wake := &terms.Calls[k]
			if len(wake.Args.Terms) != 1 || wake.Args.Terms[0] != parked.Args.Terms[0] || !c.calls(effect.Site{File: g.site.File, Call: int32(k)}, "wakeup") {
				continue
			}
			in := effect.Function{File: g.site.File, Func: wake.In}
			if !(runs.Has(in) && (in == inner.In && wake.Node > inner.Node || behind.Has(in))) {
				wakes = -1
				break
			}
			wakes++
		}
		if wakes > 0 {
			return parked.Node
		}
	}
	return syntax.None
}

func (c *checker) nested(h *wait.Lock, g *handover, inner *wait.Lock) {
	files := c.p.Values.Program().Files
	k := place{inner.In.File, inner.Node}
	if c.reported[k] {
		return
	}
	c.reported[k] = true
	c.p.Report(rules.Diagnostic{
		Rule: rules.QueueDeadlock, Location: files[inner.In.File].At(inner.Node),
		Message: "the queue is entered in a coroutine within the one that holds it",
		Label:   "the outer coroutine does not go on before this one does",
		Help:    []string{"enter the queue in one of the two alone"},
		Path: []rules.Step{
			{Location: files[h.In.File].At(h.Node), Message: "the queue is entered here"},
			{Location: c.p.At(g.site), Message: "a coroutine is made while it is held"},
			{Location: files[inner.In.File].At(inner.Node), Message: "which waits for the queue"},
		},
	})
}

func (c *checker) forked(h *wait.Lock, g *handover, inner *wait.Lock, wait syntax.Node) {
	files := c.p.Values.Program().Files
	k := place{g.site.File, wait}
	if c.reported[k] {
		return
	}
	c.reported[k] = true
	c.p.Report(rules.Diagnostic{
		Rule: rules.QueueDeadlock, Location: files[g.site.File].At(wait),
		Message: "this waits, with a queue held, for a coroutine that waits for the queue",
		Label:   "neither can go on",
		Help:    []string{"a coroutine that is started does not inherit the queue: let it do its work without, or wait for it behind the queue"},
		Path: []rules.Step{
			{Location: files[h.In.File].At(h.Node), Message: "the queue is entered here"},
			{Location: c.p.At(g.site), Message: "a coroutine is started while it is held"},
			{Location: files[inner.In.File].At(inner.Node), Message: "which waits for the queue"},
			{Location: files[g.site.File].At(wait), Message: "and for which the holder waits"},
		},
	})
}
