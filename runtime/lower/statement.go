package lower

import (
	"github.com/yuin/gopher-lua/ast"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/syntax"
)

// block lowers the statements of a Block in a scope of their own.
func (l *lowerer) block(n syntax.Node) []ast.Stmt {
	active, open, env := l.fn.active, len(l.fn.open), len(l.env)
	stmts := l.statements(n, l.tree.Statements(n), nil)
	l.fn.active, l.fn.open, l.env = active, l.fn.open[:open], l.env[:env]
	return stmts
}

// statements lowers some of the statements of a block, with those behind a to-be-closed
// variable in a block of their own, so that a label at the end stays there. last, if it is not
// nil, adds what is to be done behind them in their scope.
func (l *lowerer) statements(block syntax.Node, list []syntax.Node, last func() []ast.Stmt) []ast.Stmt {
	out := make([]ast.Stmt, 0, len(list)+1)
	for i, n := range list {
		if !l.closes(n) {
			out = l.statement(out, n)
			continue
		}
		handle := l.openLocal(&out, block, n)
		active, env := l.fn.active, len(l.env)
		rest := l.statements(block, list[i+1:], last)
		l.fn.active, l.env = active, l.env[:env]
		out = append(out, l.do(n, rest))
		if !l.leaves(list[len(list)-1]) || i == len(list)-1 {
			out = append(out, l.callStat(operator.Close, n, l.ident(handle, n)))
		}
		return l.labelled(block, out)
	}
	if last != nil {
		out = append(out, last()...)
	}
	return l.labelled(block, out)
}

// closes reports whether a statement declares a to-be-closed variable.
func (l *lowerer) closes(n syntax.Node) bool {
	if l.tree.Kind(n) != syntax.LocalStat {
		return false
	}
	decls, _ := l.tree.Local(n)
	for _, d := range decls {
		if l.tree.Attrib(d) == syntax.Close {
			return true
		}
	}
	return false
}

// leaves reports whether nothing runs behind a statement of its block.
func (l *lowerer) leaves(n syntax.Node) bool {
	switch l.tree.Kind(n) {
	case syntax.ReturnStat, syntax.BreakStat, syntax.GotoStat:
		return true
	}
	return false
}

// openLocal lowers the declaration of a to-be-closed variable, and returns its handle.
func (l *lowerer) openLocal(out *[]ast.Stmt, block, n syntax.Node) string {
	decls, values := l.tree.Local(n)
	exprs := l.exprs(values)
	names := make([]string, len(decls))
	closed := decls[0]
	for i, d := range decls {
		names[i] = l.declare(d)
		if l.tree.Attrib(d) == syntax.Close {
			closed = d
		}
	}
	*out = append(*out, l.local(n, names, exprs...))
	handle := l.fresh("h")
	name := l.ident(l.varName(l.scope.VarOf(closed)), closed)
	*out = append(*out, l.local(n, []string{handle}, l.call(operator.Open, n, name, l.str(l.tree.Name(closed), closed))))
	l.fn.open = append(l.fn.open, openVar{handle, block, l.tree.Start(n)})
	return handle
}

func (l *lowerer) statement(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	t := l.tree
	switch t.Kind(n) {
	case syntax.EmptyStat, syntax.GlobalAll:
		return out
	case syntax.LocalStat:
		return l.localStat(out, n)
	case syntax.GlobalStat:
		return l.globalStat(out, n)
	case syntax.AssignStat:
		targets, values := t.Assign(n)
		return l.assign(out, n, targets, values)
	case syntax.CallStat:
		e := l.one(t.Operand(n))
		return append(out, at(&ast.FuncCallStmt{Expr: e}, n))
	case syntax.DoStat:
		return append(out, l.do(n, l.block(t.Body(n))))
	case syntax.WhileStat:
		return l.whileStat(out, n)
	case syntax.RepeatStat:
		return l.repeatStat(out, n)
	case syntax.IfStat:
		return append(out, l.ifStat(n, t.Clauses(n)))
	case syntax.NumericFor:
		return l.numericFor(out, n)
	case syntax.GenericFor:
		return l.genericFor(out, n)
	case syntax.FunctionStat:
		return l.functionStat(out, n)
	case syntax.LocalFunction:
		decl, f := t.LocalFunction(n)
		name := l.declare(decl)
		l.fn.active++
		e := l.function(f)
		return append(out, at(&ast.LocalAssignStmt{Names: []string{name}, Exprs: []ast.Expr{e}}, n))
	case syntax.GlobalFunc:
		decl, f := t.LocalFunction(n)
		value := l.fresh("v")
		inner := []ast.Stmt{l.local(n, []string{value}, l.function(f))}
		inner = append(inner, l.define(decl, l.ident(value, n))...)
		l.fn.active--
		return append(out, l.do(n, inner))
	case syntax.ReturnStat:
		return append(out, l.returnStat(n))
	case syntax.BreakStat:
		return l.breakStat(out, n)
	case syntax.GotoStat:
		return l.gotoStat(out, n)
	case syntax.LabelStat:
		return l.labelStat(out, n)
	}
	panic(l.errorAt(n, "a syntax error"))
}

func (l *lowerer) localStat(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	decls, values := l.tree.Local(n)
	if len(decls) == 1 && len(values) == 1 && l.constant(decls[0], values[0]) {
		return out
	}
	exprs := l.exprs(values)
	names := make([]string, len(decls))
	for i, d := range decls {
		names[i] = l.declare(d)
	}
	return append(out, l.local(n, names, exprs...))
}

// constant notes that a variable stands for a literal, and need not be there.
func (l *lowerer) constant(d, value syntax.Node) bool {
	if l.tree.Attrib(d) != syntax.Const || l.tree.Name(d) == "_ENV" {
		return false
	}
	if !l.isLiteral(value) {
		return false
	}
	if v := l.tree.Number(value); l.tree.Kind(value) == syntax.Number && v.IsInt {
		l.numeral(value) // it may be beyond what can be held
	}
	l.constants[l.scope.VarOf(d)] = value
	return true
}

// globalStat lowers "global a, b = x, y" of 5.5.
func (l *lowerer) globalStat(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	decls, values := l.tree.Local(n)
	if len(values) == 0 {
		return out
	}
	active := l.fn.active
	exprs := l.exprs(values)
	names := make([]string, len(decls))
	for i := range decls {
		names[i] = l.fresh("v")
	}
	inner := []ast.Stmt{l.local(n, names, exprs...)}
	for i := len(decls) - 1; i >= 0; i-- {
		inner = append(inner, l.define(decls[i], l.ident(names[i], n))...)
	}
	l.fn.active = active
	return append(out, l.do(n, inner))
}

// define gives a declared global its first value.
func (l *lowerer) define(d syntax.Node, value ast.Expr) []ast.Stmt {
	name := l.tree.Name(d)
	return []ast.Stmt{
		l.callStat(operator.Undefined, d, l.global(name, d), l.str(name, d)),
		l.set(d, l.global(name, d), value),
	}
}

// global is a global variable by its name.
func (l *lowerer) global(name string, n syntax.Node) ast.Expr {
	if len(l.env) == 0 {
		return l.ident(name, n)
	}
	env := l.ident(l.env[len(l.env)-1], n)
	return at(&ast.AttrGetExpr{Object: env, Key: l.str(name, n)}, n)
}

func (l *lowerer) functionStat(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	target, f, _ := l.tree.FunctionStat(n)
	e := l.one(target)
	return append(out, l.set(n, e, l.function(f)))
}

func (l *lowerer) ifStat(n syntax.Node, clauses []syntax.Node) ast.Stmt {
	cond, body := l.tree.Clause(clauses[0])
	s := at(&ast.IfStmt{Condition: l.one(cond)}, clauses[0])
	s.Then = l.block(body)
	if len(clauses) > 1 {
		if cond, body := l.tree.Clause(clauses[1]); cond == syntax.None {
			s.Else = l.block(body)
		} else {
			s.Else = []ast.Stmt{l.ifStat(n, clauses[1:])}
		}
	}
	return s
}

func (l *lowerer) returnStat(n syntax.Node) ast.Stmt {
	values := l.tree.Results(n)
	exprs := l.exprs(values)
	if len(l.fn.open) > 0 {
		args := append([]ast.Expr{l.ident(l.fn.open[0].handle, n)}, exprs...)
		c := l.call(operator.Close, n, args...)
		c.AdjustRet = false
		exprs = []ast.Expr{c}
	}
	return at(&ast.ReturnStmt{Exprs: exprs}, n)
}

// assign lowers an assignment.
func (l *lowerer) assign(out []ast.Stmt, n syntax.Node, targets, values []syntax.Node) []ast.Stmt {
	if len(targets) == 1 && len(values) == 1 {
		return l.assignOne(out, n, targets[0], values[0])
	}
	// The VM's compiler assigns while values are still to be read: everything goes through
	// variables of its own.
	active := l.fn.active
	var inner []ast.Stmt
	places := make([]ast.Expr, len(targets))
	for i, target := range targets {
		if l.tree.Kind(target) != syntax.Index {
			places[i] = l.variable(target)
			continue
		}
		object, key := l.tree.Index(target)
		o := l.held(&inner, object, targets)
		k := l.held(&inner, key, targets)
		places[i] = at(&ast.AttrGetExpr{Object: o, Key: k}, target)
	}
	results := make([]ast.Expr, len(targets))
	var names []string
	var rest []syntax.Node // values that are no literals
	for i, target := range targets {
		if len(values) == len(targets) {
			if l.isLiteral(values[i]) {
				results[i] = l.one(values[i])
				continue
			}
			rest = append(rest, values[i])
		}
		name := l.fresh("v")
		names = append(names, name)
		results[i] = l.ident(name, target)
	}
	if len(values) != len(targets) {
		rest = values
	}
	if len(names) > 0 {
		inner = append(inner, l.local(n, names, l.exprs(rest)...))
	}
	for i := len(targets) - 1; i >= 0; i-- {
		inner = append(inner, l.set(n, places[i], results[i]))
	}
	l.fn.active = active
	return append(out, l.do(n, inner))
}

// isLiteral reports whether an expression is a literal.
func (l *lowerer) isLiteral(n syntax.Node) bool {
	switch l.tree.Kind(n) {
	case syntax.Nil, syntax.True, syntax.False, syntax.Number, syntax.String:
		return true
	}
	return false
}

// held returns an expression whose value does not change until the targets are assigned.
func (l *lowerer) held(inner *[]ast.Stmt, n syntax.Node, targets []syntax.Node) ast.Expr {
	e := l.one(n)
	switch l.tree.Kind(l.tree.Unparen(n)) {
	case syntax.String, syntax.Number, syntax.True:
		if _, isTarget := e.(*ast.StringExpr); isTarget || l.tree.Kind(n) == syntax.Number {
			return e
		}
	case syntax.Name:
		v := l.scope.VarOf(l.tree.Unparen(n))
		if v != scope.NoVar && !l.scope.Vars[v].Captured {
			assigned := false
			for _, target := range targets {
				if l.tree.Kind(target) == syntax.Name && l.scope.VarOf(target) == v {
					assigned = true
				}
			}
			if _, isConstant := l.constants[v]; !assigned && !isConstant {
				return e
			}
		}
	}
	name := l.fresh("o")
	*inner = append(*inner, l.local(n, []string{name}, e))
	return l.ident(name, n)
}

// reads reports whether a variable stands in an expression, but for the operand that is
// computed first.
func (l *lowerer) reads(n syntax.Node, v scope.Var, first bool) bool {
	switch l.tree.Kind(n) {
	case syntax.Name:
		return !first && l.scope.VarOf(n) == v
	case syntax.Binary:
		op, left, right := l.tree.Binary(n)
		logical := op == syntax.And || op == syntax.Or
		return l.reads(left, v, first && logical) || l.reads(right, v, false)
	case syntax.Paren:
		return l.reads(l.tree.Operand(n), v, first)
	}
	for c := range l.tree.Children(n) {
		if l.reads(c, v, false) {
			return true
		}
	}
	return false
}

func (l *lowerer) assignOne(out []ast.Stmt, n, target, value syntax.Node) []ast.Stmt {
	if l.tree.Kind(target) == syntax.Name {
		place := l.variable(target)
		v := l.scope.VarOf(target)
		e := l.one(value)
		_, isCall := e.(*ast.FuncCallExpr)
		_, isLogical := e.(*ast.LogicalOpExpr)
		if v != scope.NoVar && (isCall || isLogical && (l.scope.Vars[v].Captured || l.reads(value, v, true))) {
			// The compiler may put the function to call into the register of the variable, and
			// puts the operands of "and" and "or" there.
			name := l.fresh("v")
			return append(out, l.do(n, []ast.Stmt{
				at(&ast.LocalAssignStmt{Names: []string{name}, Exprs: []ast.Expr{e}}, n),
				l.set(n, place, l.ident(name, n)),
			}))
		}
		return append(out, l.set(n, place, e))
	}
	object, key := l.tree.Index(target)
	o := l.one(object)
	switch o.(type) {
	case *ast.StringExpr, *ast.NumberExpr, *ast.NilExpr, *ast.TrueExpr, *ast.FalseExpr:
		// A store has no room for a constant where its table stands.
		name := l.fresh("o")
		place := at(&ast.AttrGetExpr{Object: l.ident(name, object), Key: l.one(key)}, target)
		return append(out, l.do(n, []ast.Stmt{
			at(&ast.LocalAssignStmt{Names: []string{name}, Exprs: []ast.Expr{o}}, n),
			l.set(n, place, l.one(value)),
		}))
	}
	place := at(&ast.AttrGetExpr{Object: o, Key: l.one(key)}, target)
	return append(out, l.set(n, place, l.one(value)))
}
