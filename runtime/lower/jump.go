package lower

import (
	"github.com/yuin/gopher-lua/ast"

	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/syntax"
)

// target finds the label that a goto goes to.
func (l *lowerer) target(n syntax.Node) (label, block syntax.Node) {
	name := l.tree.Str(l.tree.Label(n))
	for b := l.tree.Parent(n); b != syntax.None; b = l.tree.Parent(b) {
		switch l.tree.Kind(b) {
		case syntax.Function:
			return syntax.None, syntax.None
		case syntax.Block:
			for _, s := range l.tree.Statements(b) {
				if l.tree.Kind(s) == syntax.LabelStat && l.tree.Str(l.tree.Label(s)) == name {
					return s, b
				}
			}
		}
	}
	return syntax.None, syntax.None
}

// labelName is the VM's name of a label: two of the same name are no trouble to it then.
func (l *lowerer) labelName(label syntax.Node) string {
	name, ok := l.fn.labels[label]
	if !ok {
		name = l.fresh(l.tree.Str(l.tree.Label(label)))
		l.fn.labels[label] = name
	}
	return name
}

func (l *lowerer) gotoStat(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	l.jump(n)
	label, _ := l.target(n)
	if label == syntax.None {
		panic(l.errorAt(n, "no visible label '"+l.tree.Str(l.tree.Label(n))+"' for goto"))
	}
	for _, v := range l.fn.open {
		inside := l.tree.Within(label, v.block) && v.at < l.tree.Start(label)
		if !inside {
			out = append(out, l.callStat(operator.Close, n, l.ident(v.handle, n)))
			break
		}
	}
	name := l.labelName(label)
	l.jumps[int(n)] = name
	return append(out, at(&ast.GotoStmt{Label: name}, n))
}

func (l *lowerer) labelStat(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	l.jump(n)
	name := l.labelName(n)
	l.levels[name] = l.fn.active
	return append(out, at(&ast.LabelStmt{Name: name}, n))
}
