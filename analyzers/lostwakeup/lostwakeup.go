// Package lostwakeup finds waits whose wakeup may come before them (SKY312).
package lostwakeup

import (
	"fmt"
	"slices"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each wait once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.LostWakeup}, System: run}

func run(p *analyzers.SystemPass) {
	where := p.Suspensions()
	for i, f := range p.Values.Program().Files {
		for k := range f.Uses {
			u := &f.Uses[k]
			if u.Entry.Path != "skynet.wait" || len(u.Args) > 1 {
				continue
			}
			c := &checker{p: p, where: where, file: int32(i), f: f, wait: u.Node}
			if len(u.Args) == 0 {
				c.token = c.running()
			} else {
				c.token = f.Scope.VarOf(f.Tree.Unparen(u.Args[0]))
			}
			if c.token != scope.NoVar {
				c.check()
			}
		}
	}
}

type checker struct {
	p     *analyzers.SystemPass
	where *suspend.Info
	file  int32
	f     *program.File
	wait  syntax.Node
	token scope.Var
}

// running returns the variable that holds the coroutine of the wait, which is what a wait without a
// token waits for.
func (c *checker) running() scope.Var {
	in := c.f.Scope.FuncOf(c.wait)
	for k := range c.f.Uses {
		u := &c.f.Uses[k]
		if u.Entry.Path != "coroutine.running" || c.f.Scope.FuncOf(u.Node) != in {
			continue
		}
		for v := range c.f.Scope.Vars {
			if d := &c.f.Scope.Vars[v]; d.Init == u.Node && d.Result == 0 && d.Constant() && c.f.Tree.Start(d.Decl) < c.f.Tree.Start(c.wait) {
				return scope.Var(v)
			}
		}
	}
	return scope.NoVar
}

// check looks for what starts the coroutine that wakes, and for something that lets it run before
// the wait.
func (c *checker) check() {
	t := c.f.Tree
	in := c.f.Scope.FuncOf(c.wait)
	for k := range c.f.Uses {
		u := &c.f.Uses[k]
		if u.Entry.Path != "skynet.fork" && u.Entry.Path != "skynet.timeout" || c.f.Scope.FuncOf(u.Node) != in || t.Start(u.Node) > t.Start(c.wait) {
			continue
		}
		block := t.Enclosing(u.Node, syntax.Block)
		if !t.Within(c.wait, block) {
			continue
		}
		wakeup := c.wakes(u.Args)
		if wakeup == syntax.None {
			continue
		}
		for _, p := range c.where.Points(effect.Function{File: c.file, Func: in}) {
			if t.Start(p.Node) > t.End(u.Node) && t.End(p.Node) <= t.Start(c.wait) && t.Within(p.Node, block) && !c.guarded(p.Node) {
				c.report(u.Node, p, wakeup)
				return
			}
		}
	}
}

// wakes returns the wakeup of the token in the function among the arguments of a call that starts
// a coroutine: it is written there, or a local function of the file.
func (c *checker) wakes(args []syntax.Node) syntax.Node {
	t := c.f.Tree
	terms := c.p.Values.IR(c.file)
	for i, a := range args {
		d := terms.Term(terms.Of(a))
		if d.Kind != ir.Function {
			continue
		}
		fn := scope.Func(d.A)
		for k := range c.f.Uses {
			u := &c.f.Uses[k]
			if u.Entry.Path == "skynet.wakeup" && len(u.Args) == 1 && t.Within(u.Node, d.Node) && c.isToken(t.Unparen(u.Args[0]), fn, args[i+1:]) {
				return u.Node
			}
		}
	}
	return syntax.None
}

// isToken reports whether a name in a function is the token, or a parameter that gets it.
func (c *checker) isToken(n syntax.Node, fn scope.Func, args []syntax.Node) bool {
	v := c.f.Scope.VarOf(n)
	if v == scope.NoVar || v == c.token {
		return v == c.token
	}
	d := c.f.Scope.Var(v)
	if d.Kind != scope.Param || d.Func != fn || !d.Constant() {
		return false
	}
	params, _ := c.f.Tree.Function(c.f.Scope.Funcs[fn].Node)
	i := slices.Index(params, d.Decl)
	return i >= 0 && i < len(args) && c.f.Scope.VarOf(c.f.Tree.Unparen(args[i])) == c.token
}

// guarded reports whether a condition that is tested behind a node decides whether the wait runs.
func (c *checker) guarded(after syntax.Node) bool {
	t := c.f.Tree
	for n := t.Parent(c.wait); n != syntax.None && t.Kind(n) != syntax.Function; n = t.Parent(n) {
		switch t.Kind(n) {
		case syntax.IfStat, syntax.WhileStat, syntax.RepeatStat, syntax.Binary:
			if !t.Within(after, n) {
				return true
			}
		}
	}
	return false
}

func (c *checker) report(fork syntax.Node, p suspend.Point, wakeup syntax.Node) {
	d := rules.Diagnostic{
		Rule: rules.LostWakeup, Location: c.f.At(c.wait), Key: c.f.Scope.Var(c.token).Name,
		Message: fmt.Sprintf("the wakeup of '%s' may come before this waits, and is lost then", c.f.Scope.Var(c.token).Name),
		Label:   "this may wait for ever",
		Help:    []string{"let the other coroutine note that it is done, and wait only if it is not"},
		Path: []rules.Step{
			{Location: c.f.At(fork), Message: "another coroutine is started"},
			{Location: c.f.At(p.Node), Message: "this waits, and the other coroutine may run"},
			{Location: c.f.At(wakeup), Message: "it wakes nobody, since nobody waits yet"},
			{Location: c.f.At(c.wait), Message: "this waits for a wakeup that has been"},
		},
	}
	c.p.Report(d)
}
