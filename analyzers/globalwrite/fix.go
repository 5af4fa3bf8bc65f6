package globalwrite

import (
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// addLocal returns the fix that puts "local" before the statement, if every use of the name in
// every world that loads the file stays in the scope that the local would have.
func addLocal(p *program.Program, w write, all []write) (rules.Fix, bool) {
	f, t := w.file, w.file.Tree
	stat := t.Parent(w.global.Node)
	switch t.Kind(stat) {
	case syntax.FunctionStat:
		if name, _, _ := t.FunctionStat(stat); name != w.global.Node {
			return rules.Fix{}, false
		}
	case syntax.AssignStat:
		targets, _ := t.Assign(stat)
		if len(targets) != 1 || targets[0] != w.global.Node {
			return rules.Fix{}, false
		}
	default:
		return rules.Fix{}, false
	}
	block := t.Parent(stat)
	scopeEnd := t.End(block)
	from := t.Start(stat)
	if t.Kind(t.Parent(block)) == syntax.RepeatStat {
		scopeEnd = t.End(t.Parent(block)) // the condition sees the block's locals
	}
	if block == t.Main {
		scopeEnd = uint32(len(f.Text))
	}
	for _, world := range p.Worlds {
		if !loads(world, f) {
			continue
		}
		if world.Open {
			return rules.Fix{}, false // what cannot be seen may use the name
		}
		for _, other := range world.Files {
			if other.TouchesEnvironment {
				return rules.Fix{}, false
			}
			for _, g := range other.Free {
				if g.Name != w.global.Name || g == w.global {
					continue
				}
				at := other.Tree.Start(g.Node)
				if other != f || g.Field || g.Declared || at < from || at >= scopeEnd {
					return rules.Fix{}, false
				}
				// The value of an assignment does not see the new local.
				if t.Kind(stat) == syntax.AssignStat && at < t.End(stat) {
					return rules.Fix{}, false
				}
			}
		}
	}
	for _, other := range all {
		if other.file != f || f.Scope.Funcs[other.global.Func].Env {
			return rules.Fix{}, false
		}
	}
	at := f.AtSpan(from, from)
	return rules.Fix{Title: "add 'local'", Safe: true, Edits: []rules.Edit{{Location: at, NewText: "local "}}}, true
}

func loads(w *program.World, f *program.File) bool {
	for _, other := range w.Files {
		if other == f {
			return true
		}
	}
	return false
}
