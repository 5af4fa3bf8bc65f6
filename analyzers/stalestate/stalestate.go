// Package stalestate finds shared state that is tested, then left to other coroutines while this
// one waits, and then written on the strength of the test (SKY105).
package stalestate

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/place"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each write once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.StaleState}, System: run, Long: true}

func run(p *analyzers.SystemPass) {
	where := p.Suspensions()
	for i, f := range p.Values.Program().Files {
		c := &checker{p: p, where: where, file: int32(i), f: f, ir: p.Values.IR(int32(i))}
		for fn := range f.Scope.Funcs {
			at := effect.Function{File: c.file, Func: scope.Func(fn)}
			if fn == int(scope.Main) || !where.Function(at) || where.Locked(at) {
				continue
			}
			c.prepare()
			c.function(at)
		}
	}
}

// checker looks at one file.
type checker struct {
	p      *analyzers.SystemPass
	where  *suspend.Info
	file   int32
	f      *program.File
	ir     *ir.File
	finder *place.Finder
	writes map[place.Place][]write
	// written are the shapes that a function writes itself.
	written map[scope.Func]map[place.Place]bool
}

// A write is an assignment to a place.
type write struct {
	in   scope.Func
	node syntax.Node
	none bool // it assigns nil
}

// prepare finds who writes the places of the file.
func (c *checker) prepare() {
	if c.finder != nil {
		return
	}
	c.finder = place.NewFinder(c.ir, func(fn scope.Func) bool {
		return fn == scope.Main || !c.where.Handled(effect.Function{File: c.file, Func: fn})
	})
	c.writes = map[place.Place][]write{}
	c.written = map[scope.Func]map[place.Place]bool{}
	t := c.f.Tree
	for n := range t.Nodes(syntax.AssignStat) {
		targets, values := t.Assign(n)
		for i, target := range targets {
			p, ok := c.finder.Of(target)
			if !ok || c.isLocal(target) {
				continue
			}
			w := write{in: c.f.Scope.FuncOf(n), node: target, none: i < len(values) && t.Kind(values[i]) == syntax.Nil}
			shape := p.Shape()
			c.writes[shape] = append(c.writes[shape], w)
			if c.written[w.in] == nil {
				c.written[w.in] = map[place.Place]bool{}
			}
			c.written[w.in][shape] = true
		}
	}
}

// isLocal reports whether n is the name of a variable of the function in which it stands: a copy
// of a place, not the place.
func (c *checker) isLocal(n syntax.Node) bool {
	if n = c.f.Tree.Unparen(n); c.f.Tree.Kind(n) != syntax.Name {
		return false
	}
	v := c.f.Scope.VarOf(n)
	return v != scope.NoVar && c.f.Scope.Var(v).Func == c.f.Scope.FuncOf(n) && c.f.Scope.Var(v).Func != scope.Main
}

// mayMeet reports whether another coroutine can write the place while this one waits.
func (c *checker) mayMeet(fn effect.Function, p place.Place) bool {
	if c.where.Serial(fn) && !p.Static {
		return false
	}
	if c.where.Handled(fn) {
		return true
	}
	for _, w := range c.writes[p.Shape()] {
		if w.in != fn.Func && c.where.Concurrent(effect.Function{File: c.file, Func: w.in}) {
			return true
		}
	}
	return false
}

// clearedElsewhere returns where another function that runs for messages clears the place.
func (c *checker) clearedElsewhere(fn effect.Function, p place.Place) syntax.Node {
	for _, w := range c.writes[p.Shape()] {
		if w.in != fn.Func && w.none && c.where.Handled(effect.Function{File: c.file, Func: w.in}) {
			return w.node
		}
	}
	return syntax.None
}

// report reports a write to a place that was tested before a wait.
func (c *checker) report(fn effect.Function, target syntax.Node, p place.Place, k fact) {
	if !c.mayMeet(fn, p) {
		return
	}
	name := c.f.Tree.Text(target)
	d := rules.Diagnostic{
		Rule: rules.StaleState, Location: c.f.At(target), Key: name,
		Message: fmt.Sprintf("'%s' is written on the strength of a test made before a wait", name),
		Label:   "another message may have changed it meanwhile",
		Help:    []string{"test it again behind the wait, mark it as taken before, or hold a skynet.queue"},
	}
	if !k.tested.found() {
		d.Message = fmt.Sprintf("'%s' is written with a value made from what it was before a wait", name)
	}
	c.path(&d, k, "it is written here")
	c.p.Report(d)
}

// path adds the steps from the read over the wait to the write.
func (c *checker) path(d *rules.Diagnostic, k fact, last string) {
	if k.read != syntax.None {
		message := "it is read here"
		if k.tested.found() {
			message = "it is tested here"
		}
		d.Path = append(d.Path, rules.Step{Location: c.f.At(k.read), Message: message})
	}
	d.Path = append(d.Path, c.p.WaitSteps(k.wait, "this calls a function that waits", "waits, and other messages are handled")...)
	d.Path = append(d.Path, rules.Step{Location: d.Location, Message: last})
}

// reportLate reports a write of a new service into a place that a message may have been about to
// clear while the service started.
func (c *checker) reportLate(fn effect.Function, target syntax.Node, p place.Place, wait suspend.Point, cleared syntax.Node) {
	name := c.f.Tree.Text(target)
	d := rules.Diagnostic{
		Rule: rules.StaleState, Location: c.f.At(target), Key: name,
		Message: fmt.Sprintf("'%s' is noted only after a wait, and a message that clears it may have come meanwhile", name),
		Label:   "what is noted here may be over already",
		Help:    []string{"mark it as being started before the wait, and test behind it whether the mark is still there"},
		Related: []rules.Related{{Location: c.f.At(cleared), Message: "another message clears it here"}},
	}
	c.path(&d, fact{wait: wait}, "it is written here")
	c.p.Report(d)
}
