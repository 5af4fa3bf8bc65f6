package forbiddenyield

import (
	"fmt"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
)

// coroutines reports where Lua's own coroutines and skynet's get in each other's way: a function
// that waits in a coroutine which the program resumes itself, and a handler that yields to skynet.
func (c *checker) coroutines() {
	var resumed []effect.Function // what runs in coroutines that the program resumes itself
	var yields []effect.Site
	for i, f := range c.p.Values.Program().Files {
		if program.ImplementsModel(f.File, c.p.Values.Program().Models) {
			continue
		}
		file := int32(i)
		for k := range f.Uses {
			u := &f.Uses[k]
			way := callback(u.Entry)
			yield := u.Entry.Path == "coroutine.yield"
			if way != models.CallbackResumed && !yield {
				continue
			}
			call, ok := c.p.Values.CallAt(file, u.Node)
			if !ok {
				continue
			}
			if yield {
				yields = append(yields, effect.Site{File: file, Call: call})
				continue
			}
			c.p.Values.Callees(file, call, func(callee solve.Callee) {
				d := c.p.Values.Atom(callee.Atom)
				if d.Kind != solve.Function || !callee.Indirect {
					return
				}
				fn := effect.Function{File: d.File, Func: d.Func}
				resumed = append(resumed, fn)
				if u.Entry.Path == "coroutine.wrap" || u.Entry.Path == "coroutine.create" {
					c.resumes(f, u, fn)
				}
			})
		}
	}
	if len(yields) > 0 {
		c.yields(yields, c.where.Runs(resumed))
	}
}

// callback returns how a function of an API calls what it is given first.
func callback(e *models.Entry) models.Callback {
	if len(e.Args) > 0 && e.Args[0].Role == models.RoleCallback {
		return e.Args[0].Callback
	}
	return 0
}

// resumes reports a coroutine of Lua's own library whose function waits.
func (c *checker) resumes(f *program.File, u *program.Use, fn effect.Function) {
	points := c.where.Points(fn)
	if len(points) == 0 {
		return
	}
	d := rules.Diagnostic{
		Rule: rules.ForbiddenYield, Location: f.AtCallee(u.Node), Key: u.Entry.Path,
		Message: fmt.Sprintf("the function that %s gets waits, and who resumes it is taken for skynet", u.Entry.Path),
		Label:   "the wait comes out where the coroutine is resumed, and is not waited for",
		Help:    []string{"use the module skynet.coroutine, which hands waits on, or skynet.fork"},
	}
	c.path(&d, points[0])
	c.p.Report(d)
}

// yields reports calls of coroutine.yield in the coroutine of a handler.
func (c *checker) yields(sites []effect.Site, resumed *suspend.Set) {
	for _, s := range c.p.Services {
		var from []effect.Function
		for _, e := range s.Entries {
			if e.Kind != effect.Init {
				from = append(from, e.Functions...)
			}
		}
		runs := c.where.Runs(from)
		rest := sites[:0]
		for _, site := range sites {
			fn := c.p.Host(site)
			if !runs.Has(fn) || resumed.Has(fn) || !s.Has(site.File) {
				rest = append(rest, site)
				continue
			}
			c.p.Report(rules.Diagnostic{
				Rule: rules.ForbiddenYield, Location: c.p.At(site), Key: "coroutine.yield", Services: []string{s.Name},
				Message: "a handler yields to skynet, which does not know what is meant",
				Label:   "this raises 'Unknown command', and the coroutine is lost",
				Help:    []string{"wait with skynet.sleep or skynet.wait, or yield in a coroutine of skynet.coroutine"},
			})
		}
		sites = rest
	}
}
