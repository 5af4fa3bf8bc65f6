// Package forbiddenyield finds functions that wait where Lua or skynet cannot suspend them
// (SKY207).
package forbiddenyield

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/rules"
)

// Analyzer reports each call that hands over such a function, and each wait of a main chunk.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.ForbiddenYield}, System: run}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p, where: p.Suspensions()}
	for _, in := range c.where.Unyieldable() {
		c.callback(in)
	}
	c.metamethods()
	c.chunks()
	c.coroutines()
}

type checker struct {
	p     *analyzers.SystemPass
	where *suspend.Info
}

// callback reports a function that waits and is given to what cannot be suspended.
func (c *checker) callback(in suspend.Given) {
	files := c.p.Values.Program().Files
	f := files[in.File]
	d := rules.Diagnostic{
		Rule: rules.ForbiddenYield, Location: f.At(in.Node), Key: in.By.Path,
		Message: fmt.Sprintf("%s calls a function that waits, and cannot be suspended", in.By.Path),
		Label:   "this raises 'attempt to yield across a C-call boundary'",
		Help:    []string{"wait before or after the call, and give it a function that does not"},
	}
	c.path(&d, in.Point)
	c.p.Report(d)
}

// metamethods reports functions for __gc and __tostring that wait.
func (c *checker) metamethods() {
	for i, f := range c.p.Values.Program().Files {
		file := int32(i)
		terms := c.p.Values.IR(file)
		for k := range terms.Stores {
			st := &terms.Stores[k]
			key := terms.Term(st.Key)
			if key.Kind != ir.String || key.Text != "__gc" && key.Text != "__tostring" {
				continue
			}
			for _, a := range c.p.Values.Values(file, st.Value) {
				d := c.p.Values.Atom(a)
				if d.Kind != solve.Function {
					continue
				}
				points := c.where.Points(effect.Function{File: d.File, Func: d.Func})
				if len(points) == 0 {
					continue
				}
				r := rules.Diagnostic{
					Rule: rules.ForbiddenYield, Location: f.At(st.Node), Key: key.Text,
					Message: fmt.Sprintf("a function for %s waits, and cannot be suspended", key.Text),
					Label:   "this raises 'attempt to yield across a C-call boundary'",
					Help:    []string{"hand the work to skynet.fork, which another coroutine does"},
				}
				c.path(&r, points[0])
				c.p.Report(r)
				break
			}
		}
	}
}

// chunks reports waits of the main chunk of a service, before there is a coroutine.
func (c *checker) chunks() {
	seen := map[int32]bool{}
	for _, s := range c.p.Services {
		for _, f := range s.World.Files {
			file := c.p.Values.FileOf(f)
			if f.File != s.Main || seen[file] || !f.Starts {
				continue
			}
			seen[file] = true
			for _, p := range c.where.Points(effect.Function{File: file, Func: scope.Main}) {
				d := rules.Diagnostic{
					Rule: rules.ForbiddenYield, Location: f.At(p.Node), Key: f.Tree.Text(p.Node), Services: []string{s.Name},
					Message: "the main chunk of a service waits, before it has a coroutine",
					Label:   "this raises 'attempt to yield from outside a coroutine'",
					Help:    []string{"do it in the function that skynet.start gets"},
				}
				c.path(&d, p)
				c.p.Report(d)
			}
		}
	}
}

func (c *checker) path(d *rules.Diagnostic, p suspend.Point) {
	d.Path = c.p.WaitSteps(p, "this calls a function that waits", "waits")
}
