package lower

import (
	"github.com/yuin/gopher-lua/ast"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/syntax"
)

// The compiler's break closes the upvalues of the loop's own block alone, and only if a closure
// stands before the break: where a variable may be captured, a break is a goto, whose OP_CLOSE
// gets the right register afterwards (see patch.go).

func (l *lowerer) enterLoop(n syntax.Node) {
	l.fn.loops = append(l.fn.loops, loop{node: n, open: len(l.fn.open), jump: l.fn.captured})
}

// leaveLoop adds the loop to out, with the label that its breaks go to.
func (l *lowerer) leaveLoop(out []ast.Stmt, s ast.Stmt) []ast.Stmt {
	loops := l.fn.loops
	top := loops[len(loops)-1]
	l.fn.loops = loops[:len(loops)-1]
	if !top.used {
		return append(out, s)
	}
	l.levels[top.label] = l.fn.active
	return append(out, l.do(top.node, []ast.Stmt{s, at(&ast.LabelStmt{Name: top.label}, top.node)}))
}

func (l *lowerer) breakStat(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	top := &l.fn.loops[len(l.fn.loops)-1]
	if len(l.fn.open) > top.open {
		out = append(out, l.callStat(operator.Close, n, l.ident(l.fn.open[top.open].handle, n)))
	}
	if !top.jump {
		return append(out, at(&ast.BreakStmt{}, n))
	}
	l.jump(n)
	if !top.used {
		top.used, top.label = true, l.fresh("break")
	}
	l.jumps[int(n)] = top.label
	return append(out, at(&ast.GotoStmt{Label: top.label}, n))
}

func (l *lowerer) whileStat(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	cond, body := l.tree.While(n)
	s := at(&ast.WhileStmt{Condition: l.one(cond)}, n)
	l.enterLoop(n)
	s.Stmts = l.start(n, l.block(body))
	if truth, constant := constantTruth(s.Condition); constant && !truth {
		return l.leaveLoop(out, l.do(n, nil)) // its start would be a jump
	}
	return l.leaveLoop(out, s)
}

func (l *lowerer) repeatStat(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	body, cond := l.tree.Repeat(n)
	list := l.tree.Statements(body)
	closes := false
	for _, s := range list {
		closes = closes || l.closes(s)
	}
	active, open, env := l.fn.active, len(l.fn.open), len(l.env)
	s := at(&ast.RepeatStmt{}, n)
	l.enterLoop(n)
	if closes { // the condition sees the variables, and is computed before they are closed
		c := l.fresh("c")
		s.Stmts = append(s.Stmts, l.local(n, []string{c}))
		s.Stmts[0].(*ast.LocalAssignStmt).Exprs = []ast.Expr{at(&ast.NilExpr{}, n)}
		inner := l.statements(body, list, func() []ast.Stmt {
			return []ast.Stmt{l.set(cond, l.ident(c, cond), l.one(cond))}
		})
		s.Stmts = append(s.Stmts, l.do(n, inner))
		s.Condition = l.ident(c, cond)
	} else {
		s.Stmts = l.start(n, l.statements(body, list, nil))
		s.Condition = l.one(cond)
	}
	l.fn.active, l.fn.open, l.env = active, l.fn.open[:open], l.env[:env]
	return l.leaveLoop(out, s)
}

// forRegisters is how many registers the VM's loops take besides the variables.
const forRegisters = 3

func (l *lowerer) numericFor(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	decl, from, to, step, body := l.tree.NumericFor(n)
	if l.whole(from) && (step == syntax.None || l.wholeLiteral(step)) && l.isNumber(to) {
		s := at(&ast.NumberForStmt{Init: l.one(from), Limit: l.one(to)}, n)
		if step != syntax.None {
			s.Step = l.one(step)
		} else {
			s.Step = l.number(1, n)
		}
		active, env := l.fn.active, len(l.env)
		s.Name = l.declare(decl)
		l.enterLoop(n)
		l.fn.active += forRegisters + 1
		s.Stmts = l.block(body)
		l.fn.active, l.env = active, l.env[:env]
		return l.leaveLoop(out, s)
	}
	// The VM starts with from-step and adds step, which need not give from again. So the check
	// whether the loop runs at all stands before it, and finish lets it begin with its body:
	//
	//	local x, limit, step, runs = prepare(from, to, step)
	//	if runs then for i = x, limit, step do body end end
	active := l.fn.active
	x, limit, stride, runs := l.fresh("x"), l.fresh("n"), l.fresh("s"), l.fresh("r")
	a, b := l.one(from), l.one(to)
	var outer []ast.Stmt
	var cond, by ast.Expr
	if (l.surelyNumber(from) || l.surelyNumber(to)) && l.isNumber(from) && l.isNumber(to) && (step == syntax.None || l.wholeLiteral(step)) {
		// Comparing them makes sure that both are numbers.
		outer = append(outer, l.local(n, []string{x, limit}, a, b))
		by = l.number(1, n)
		sign := "<="
		if step != syntax.None {
			by = l.one(step)
			if v, _ := l.literal(step); v < 0 {
				sign = ">="
			}
		}
		cond = at(&ast.RelationalOpExpr{Operator: sign, Lhs: l.ident(x, n), Rhs: l.ident(limit, n)}, n)
	} else {
		by = l.number(1, n)
		if step != syntax.None {
			by = l.one(step)
		}
		prepare := l.call(operator.ForPrepare, n, a, b, by)
		prepare.AdjustRet = false
		outer = append(outer, l.local(n, []string{x, limit, stride, runs}, prepare))
		cond, by = l.ident(runs, n), l.ident(stride, n)
	}
	inside, env := l.fn.active, len(l.env)
	s := at(&ast.NumberForStmt{Name: l.declare(decl), Init: l.ident(x, n), Limit: l.ident(limit, n), Step: by}, n)
	l.entered[n] = true
	l.enterLoop(n)
	l.fn.active += forRegisters + 1
	s.Stmts = l.block(body)
	l.fn.active, l.env = inside, l.env[:env]
	then := l.leaveLoop(nil, s)
	l.fn.active = active
	outer = append(outer, at(&ast.IfStmt{Condition: cond, Then: then}, n))
	return append(out, l.do(n, outer))
}

// surelyNumber reports whether an expression is surely a number, or an error.
func (l *lowerer) surelyNumber(n syntax.Node) bool {
	return l.tree.Kind(l.tree.Unparen(n)) == syntax.Number || l.whole(n)
}

func (l *lowerer) wholeLiteral(n syntax.Node) bool {
	x, ok := l.literal(n)
	return ok && x != 0 && x == float64(int64(x)) && x < 1<<31 && x > -1<<31
}

// isNumber reports whether an expression is surely a number, or not surely a string: a limit
// that is a string is converted by prepare alone.
func (l *lowerer) isNumber(n syntax.Node) bool {
	return l.tree.Kind(l.tree.Unparen(n)) != syntax.String
}

// whole reports whether an expression is surely a whole number in the range of integers, or an
// error if it is not.
func (l *lowerer) whole(n syntax.Node) bool { return l.wholeWithin(n, 8) }

func (l *lowerer) wholeWithin(n syntax.Node, depth int) bool {
	if depth == 0 {
		return false
	}
	n = l.tree.Unparen(n)
	switch l.tree.Kind(n) {
	case syntax.Number:
		return l.wholeLiteral(n) || l.tree.Number(n).Float == 0
	case syntax.Unary:
		op, operand := l.tree.Unary(n)
		return op == syntax.Neg && l.wholeWithin(operand, depth-1) || op == syntax.Len
	case syntax.Binary:
		switch op, a, b := l.tree.Binary(n); op {
		case syntax.Add, syntax.Sub, syntax.Mul:
			return l.wholeWithin(a, depth-1) && l.wholeWithin(b, depth-1)
		}
	case syntax.Name:
		v := l.scope.VarOf(n)
		if v == scope.NoVar {
			return false
		}
		if value, ok := l.constants[v]; ok {
			return l.wholeWithin(value, depth-1)
		}
		info := &l.scope.Vars[v]
		if info.Writes > 0 {
			return false
		}
		switch info.Kind {
		case scope.Local:
			return info.Init != syntax.None && info.Result == 0 && l.wholeWithin(info.Init, depth-1)
		case scope.Loop:
			loop := l.tree.Parent(info.Decl)
			if l.tree.Kind(loop) != syntax.NumericFor {
				return false
			}
			_, from, _, step, _ := l.tree.NumericFor(loop)
			return l.wholeWithin(from, depth-1) && (step == syntax.None || l.wholeLiteral(step))
		}
	}
	return false
}

func (l *lowerer) genericFor(out []ast.Stmt, n syntax.Node) []ast.Stmt {
	decls, values, body := l.tree.GenericFor(n)
	if !l.mayClose(values) {
		return l.plainFor(out, n, decls, values, body)
	}
	// local f, s, c, v = values; local h; if v then h = open(v) end
	// for names in f, s, c do body end; if h then close(h) end
	active, open := l.fn.active, len(l.fn.open)
	exprs := l.exprs(values)
	names := []string{l.fresh("f"), l.fresh("s"), l.fresh("c"), l.fresh("v")}
	handle := l.fresh("h")
	outer := []ast.Stmt{l.local(n, names, exprs...), l.local(n, []string{handle}, at(&ast.NilExpr{}, n))}
	opened := l.call(operator.Open, n, l.ident(names[3], n), l.str("(for state)", n))
	outer = append(outer, at(&ast.IfStmt{Condition: l.ident(names[3], n), Then: []ast.Stmt{
		at(&ast.LocalAssignStmt{Names: []string{"\x00t"}, Exprs: []ast.Expr{opened}}, n),
		l.set(n, l.ident(handle, n), l.ident("\x00t", n)),
	}}, n))
	// For a break the variable is outside of the loop, for a goto or return within.
	l.enterLoop(n)
	l.fn.loops[len(l.fn.loops)-1].open = open + 1
	l.fn.open = append(l.fn.open, openVar{handle, n, l.tree.Start(n)})
	s := at(&ast.GenericForStmt{Exprs: []ast.Expr{l.ident(names[0], n), l.ident(names[1], n), l.ident(names[2], n)}}, n)
	l.genericBody(s, decls, body)
	l.fn.open = l.fn.open[:open]
	outer = l.leaveLoop(outer, s)
	outer = append(outer, at(&ast.IfStmt{Condition: l.ident(handle, n), Then: []ast.Stmt{
		l.callStat(operator.Close, n, l.ident(handle, n)),
	}}, n))
	l.fn.active = active
	return append(out, l.do(n, outer))
}

// plainFor lowers a generic for without a closing value. The compiler takes the number of the
// loop's names for that of its values, unless they are one call or three variables.
func (l *lowerer) plainFor(out []ast.Stmt, n syntax.Node, decls, values []syntax.Node, body syntax.Node) []ast.Stmt {
	exprs := l.exprs(values)
	active := l.fn.active
	simple := len(values) == 1 && l.isMultiple(values[0])
	if !simple && len(exprs) <= 3 {
		simple = true
		for _, e := range exprs {
			switch e.(type) {
			case *ast.IdentExpr, *ast.NilExpr, *ast.StringExpr, *ast.NumberExpr, *ast.TrueExpr, *ast.FalseExpr:
			default:
				simple = false
			}
		}
		for simple && len(exprs) < 3 {
			exprs = append(exprs, at(&ast.NilExpr{}, n))
		}
	}
	s := at(&ast.GenericForStmt{Exprs: exprs}, n)
	if !simple {
		names := []string{l.fresh("f"), l.fresh("s"), l.fresh("c")}
		outer := []ast.Stmt{l.local(n, names, exprs...)}
		s.Exprs = []ast.Expr{l.ident(names[0], n), l.ident(names[1], n), l.ident(names[2], n)}
		l.enterLoop(n)
		l.genericBody(s, decls, body)
		outer = l.leaveLoop(outer, s)
		l.fn.active = active
		return append(out, l.do(n, outer))
	}
	l.enterLoop(n)
	l.genericBody(s, decls, body)
	return l.leaveLoop(out, s)
}

func (l *lowerer) genericBody(s *ast.GenericForStmt, decls []syntax.Node, body syntax.Node) {
	active, env := l.fn.active, len(l.env)
	for _, d := range decls {
		s.Names = append(s.Names, l.declare(d))
	}
	l.fn.active += forRegisters + len(decls)
	s.Stmts = l.start(body, l.block(body))
	l.fn.active, l.env = active, l.env[:env]
}

// mayClose reports whether a generic for may have a closing value, the fourth of its values.
func (l *lowerer) mayClose(values []syntax.Node) bool {
	if l.tree.Dialect != syntax.Lua54 && l.tree.Dialect != syntax.Lua55 {
		return false
	}
	if len(values) > 3 {
		return true
	}
	last := values[len(values)-1]
	if !l.isMultiple(last) {
		return false
	}
	if l.tree.Kind(last) == syntax.Call {
		callee, _ := l.tree.Call(last)
		switch {
		case l.scope.IsGlobal(callee, "pairs"), l.scope.IsGlobal(callee, "ipairs"):
			return false // they give three values, whatever their metamethods give
		}
	}
	return true
}
