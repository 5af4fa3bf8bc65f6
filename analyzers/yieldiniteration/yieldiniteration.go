// Package yieldiniteration finds walks over shared tables during which other coroutines may put
// new keys into them (SKY106).
package yieldiniteration

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/place"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each loop once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.YieldInIteration}, System: run}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p, where: p.Suspensions()}
	var loops []loop
	for i, f := range p.Values.Program().Files {
		file := int32(i)
		var finder *place.Finder
		for n := range f.Tree.Nodes(syntax.GenericFor) {
			l := loop{file: file, node: n, fn: effect.Function{File: file, Func: f.Scope.FuncOf(n)}}
			if l.table = c.walked(file, n); l.table == syntax.None {
				continue
			}
			if l.point = c.suspends(l); l.point.Node == syntax.None || c.where.Locked(l.fn) {
				continue
			}
			if finder == nil {
				finder = place.NewFinder(p.Values.IR(file), func(fn scope.Func) bool {
					return fn == scope.Main || !c.where.Handled(effect.Function{File: file, Func: fn})
				})
			}
			if at, ok := finder.Of(l.table); ok && !takenOut(f, finder, l, at) {
				loops = append(loops, l)
			}
		}
	}
	if len(loops) == 0 {
		return
	}
	adders := c.adders(loops)
	for i := range loops {
		if adders[i] != nil {
			c.report(&loops[i], adders[i])
		}
	}
}

// A loop walks a table.
type loop struct {
	file  int32
	fn    effect.Function
	node  syntax.Node // the GenericFor
	table syntax.Node
	point suspend.Point // where its body suspends
}

type checker struct {
	p     *analyzers.SystemPass
	where *suspend.Info
}

// walked returns the table of "for k, v in pairs(t)" or "in next, t", or None.
func (c *checker) walked(file int32, n syntax.Node) syntax.Node {
	f := c.p.Values.Program().Files[file]
	_, values, _ := f.Tree.GenericFor(n)
	first := f.Tree.Unparen(values[0])
	if f.Tree.Kind(first) == syntax.Call {
		if callee, args := f.Tree.Call(first); len(args) == 1 && f.API.Ref(callee).Path() == "pairs" {
			return args[0]
		}
	}
	if len(values) > 1 && f.API.Ref(first).Path() == "next" {
		return values[1]
	}
	return syntax.None
}

// suspends returns where the body of a loop suspends and then goes on to the next round.
func (c *checker) suspends(l loop) suspend.Point {
	t := c.p.Values.Program().Files[l.file].Tree
	_, _, body := t.GenericFor(l.node)
	for _, p := range c.where.Points(l.fn) {
		if t.Within(p.Node, body) && goesOn(t, p.Node, body) && !c.where.Once(p) {
			return p
		}
	}
	return suspend.Point{}
}

// goesOn reports whether the statement at n may be followed by another round of the loop: no
// block around it ends by leaving the loop.
func goesOn(t *syntax.Tree, n, body syntax.Node) bool {
	for ; n != body; n = t.Parent(n) {
		switch t.Kind(n) {
		case syntax.ReturnStat:
			return false
		case syntax.Block:
			if leaves(t, n) {
				return false
			}
		}
	}
	return !leaves(t, body)
}

func leaves(t *syntax.Tree, block syntax.Node) bool {
	list := t.Statements(block)
	if len(list) == 0 {
		return false
	}
	switch k := t.Kind(list[len(list)-1]); k {
	case syntax.ReturnStat, syntax.BreakStat:
		return true
	}
	return false
}

// takenOut reports whether the table was reached by a local name, and something else put into
// its place before the loop: what others add to the place does not reach the loop.
func takenOut(f *program.File, finder *place.Finder, l loop, at place.Place) bool {
	table := f.Tree.Unparen(l.table)
	if f.Tree.Kind(table) != syntax.Name {
		return false
	}
	v := f.Scope.VarOf(table)
	if v == scope.NoVar || f.Scope.Var(v).Func == scope.Main {
		return false
	}
	for n := range f.Tree.Nodes(syntax.AssignStat) {
		if f.Scope.FuncOf(n) != l.fn.Func || f.Tree.Start(n) > f.Tree.Start(l.node) || f.Tree.Start(n) < f.Tree.Start(f.Scope.Var(v).Decl) {
			continue
		}
		targets, _ := f.Tree.Assign(n)
		for _, target := range targets {
			if to, ok := finder.Of(target); ok && (to == at || strings.HasPrefix(at.Keys, to.Keys) && to.Root == at.Root) {
				return true
			}
		}
	}
	return false
}

// An adder is where a key is put into the table of a loop.
type adder struct {
	file int32
	node syntax.Node
}

// adders returns for each loop the first place where a coroutine that is not that of the start
// puts a key into the table which may be new.
func (c *checker) adders(loops []loop) []*adder {
	out := make([]*adder, len(loops))
	byTable := map[solve.Atom][]int{}
	for i := range loops {
		l := &loops[i]
		for _, a := range c.p.Values.Values(l.file, c.p.Values.IR(l.file).Of(l.table)) {
			if d := c.p.Values.Atom(a); d.Kind == solve.Table && d.File >= 0 {
				byTable[a] = append(byTable[a], i)
			}
		}
	}
	for i := range c.p.Values.Program().Files {
		file := int32(i)
		f := c.p.Values.IR(file)
		add := func(object ir.Term, in scope.Func, n syntax.Node) {
			fn := effect.Function{File: file, Func: in}
			if !c.where.Concurrent(fn) {
				return
			}
			for _, a := range c.p.Values.Values(file, object) {
				for _, k := range byTable[a] {
					if out[k] == nil && !inside(f.Info.Tree, file, n, &loops[k]) && !c.setsUp(fn) {
						out[k] = &adder{file, n}
					}
				}
			}
		}
		for k := range f.Stores {
			st := &f.Stores[k]
			if f.Info.Tree.Kind(st.Node) != syntax.Index || f.Term(st.Key).Kind == ir.String || f.Term(st.Value).Kind == ir.Nil {
				continue
			}
			if key := f.Term(st.Key); key.Kind == ir.Number && key.Text != "" || key.Kind == ir.KeyOf {
				continue
			}
			add(st.Object, st.In, st.Node)
		}
	}
	return out
}

// setsUp reports whether a function runs only for commands that the first service of a node calls
// while it starts: what such a command fills is complete when the system has begun.
func (c *checker) setsUp(fn effect.Function) bool {
	found := false
	for _, s := range c.p.Loading(fn.File) {
		for _, e := range c.p.ReachedBy(s, fn) {
			senders := c.p.Senders(e)
			switch {
			case e.Kind == effect.Dispatch && !slices.Contains(e.Functions, fn):
				continue // by a command, which says it better
			case e.Kind != effect.Command || len(senders) == 0 || c.p.Remote(e):
				return false
			}
			for _, m := range senders {
				if m.Kind != effect.Call || m.Entry.Kind != effect.Init || !isFirst(m.From) {
					return false
				}
			}
			found = true
		}
	}
	return found
}

// isFirst reports whether a service is the one with which its nodes start.
func isFirst(s *effect.Service) bool {
	return len(s.Nodes) > 0 && !slices.ContainsFunc(s.Nodes, func(n *project.Node) bool { return n.Start != s.Name })
}

// inside reports whether a node is in the body of a loop.
func inside(t *syntax.Tree, file int32, n syntax.Node, l *loop) bool {
	return file == l.file && t.Within(n, l.node)
}

func (c *checker) report(l *loop, by *adder) {
	files := c.p.Values.Program().Files
	f := files[l.file]
	name := f.Tree.Text(l.table)
	d := rules.Diagnostic{
		Rule: rules.YieldInIteration, Location: f.At(l.table), Key: name,
		Message: fmt.Sprintf("'%s' is walked while other messages may add keys to it", name),
		Label:   "the walk is undefined once a key is added",
		Help:    []string{"walk a copy, or collect what is needed first and wait afterwards"},
		Related: []rules.Related{{Location: files[by.file].At(by.node), Message: "a key is added here"}},
	}
	d.Path = c.p.WaitSteps(l.point, "calls a function that waits", "waits, and other messages are handled")
	c.p.Report(d)
}
