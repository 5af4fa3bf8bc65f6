package lower

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/syntax"
)

// The compiler flushes the items of a list to the table each fifty. From there on it gets keyed
// fields and a last item with several values wrong, and from 25,550 items on everything.
const (
	flush    = 50
	maxItems = 1000
	// splitFields is how many fields a function of a large table has: the compiler looks for
	// each constant among all the others of the function.
	splitFields = 500
)

// The VM makes room for 32 values in a table that was empty: half a kilobyte for the first item of
// a list, more than two for the first field. What an empty constructor is told instead:
const (
	firstItems  = 4 // room that is made at once, for what is seen to be a list
	firstFields = 8 // room that is made for the first field
)

// findLists notes the variables that begin as an empty table and get items of a list.
func (l *lowerer) findLists() {
	l.lists = make(map[scope.Var]bool)
	note := func(table syntax.Node) {
		if l.tree.Kind(table) == syntax.Name {
			l.lists[l.scope.VarOf(table)] = true
		}
	}
	for n := range l.tree.Nodes(syntax.AssignStat, syntax.CallStat) {
		if l.tree.Kind(n) == syntax.AssignStat {
			targets, _ := l.tree.Assign(n)
			for _, target := range targets {
				if l.tree.Kind(target) != syntax.Index {
					continue
				}
				if object, key := l.tree.Index(target); l.isIndex(key) {
					note(object)
				}
			}
			continue
		}
		if call := l.tree.Operand(n); l.tree.Kind(call) == syntax.Call {
			callee, args := l.tree.Call(call)
			if l.tree.Kind(callee) == syntax.Index && len(args) >= 2 {
				if library, name := l.tree.Index(callee); l.scope.IsGlobal(library, "table") && l.tree.Kind(name) == syntax.String && l.tree.Str(name) == "insert" {
					note(args[0])
				}
			}
		}
	}
	delete(l.lists, scope.NoVar)
}

// isIndex reports whether a key looks like an index of a list.
func (l *lowerer) isIndex(key syntax.Node) bool {
	key = l.tree.Unparen(key)
	switch l.tree.Kind(key) {
	case syntax.Number:
		return true
	case syntax.Unary:
		op, _ := l.tree.Unary(key)
		return op == syntax.Len
	case syntax.Binary:
		op, _, _ := l.tree.Binary(key)
		_, ok := arithmetic[op]
		return ok
	case syntax.Name:
		v := l.scope.VarOf(key)
		return v != scope.NoVar && l.scope.Vars[v].Kind == scope.Loop && l.tree.Kind(l.tree.Parent(l.scope.Vars[v].Decl)) == syntax.NumericFor
	}
	return false
}

// room returns how many items and fields an empty constructor should make room for.
func (l *lowerer) room(n syntax.Node) (items, fields int) {
	if parent := l.tree.Parent(n); l.tree.Kind(parent) == syntax.LocalStat {
		decls, values := l.tree.Local(parent)
		if i := slices.Index(values, n); i < len(decls) && l.lists[l.scope.VarOf(decls[i])] {
			return firstItems, 0
		}
	}
	return 0, firstFields
}

func (l *lowerer) table(n syntax.Node) ast.Expr {
	fields := l.tree.Fields(n)
	items := 0
	multiple := false
	for i, f := range fields {
		key, value := l.tree.Field(f)
		if key == syntax.None {
			items++
			multiple = i == len(fields)-1 && l.isMultiple(value)
		}
	}
	if (items >= flush && (items < len(fields) || multiple)) || items > maxItems || len(fields) > 2*splitFields && items < len(fields) {
		return l.largeTable(n, fields)
	}
	e := at(&ast.TableExpr{}, n)
	e.Fields = make([]*ast.Field, len(fields))
	for i, f := range fields {
		key, value := l.tree.Field(f)
		field := &ast.Field{}
		if key != syntax.None {
			field.Key = l.one(key)
		}
		if i == len(fields)-1 && key == syntax.None {
			field.Value = l.expr(value)
		} else {
			field.Value = l.one(value)
		}
		e.Fields[i] = field
	}
	return e
}

func (l *lowerer) isMultiple(n syntax.Node) bool {
	switch l.tree.Kind(n) {
	case syntax.Call, syntax.MethodCall, syntax.Vararg:
		return true
	}
	return false
}

// largeTable makes a table by statements, in functions of their own:
//
//	(function(...) local t = {}; (function(...) t.a = x; append(t, 0, ...) end)(...); return t end)(...)
//
// Local variables that the values use become upvalues of them.
func (l *lowerer) largeTable(n syntax.Node, fields []syntax.Node) ast.Expr {
	variadic := l.variadic(n)
	inner := func(body func() []ast.Stmt) *ast.FuncCallExpr {
		l.fn = &function{outer: l.fn, id: l.fn.id, captured: true, labels: l.fn.labels}
		f := at(&ast.FunctionExpr{ParList: &ast.ParList{HasVargs: variadic}}, n)
		f.Stmts = body()
		l.fn = l.fn.outer
		c := at(&ast.FuncCallExpr{Func: f, AdjustRet: true}, n)
		if variadic {
			c.Args = []ast.Expr{at(&ast.Comma3Expr{}, n)}
		}
		return c
	}
	t := l.fresh("t")
	items := 0
	part := func(fields []syntax.Node, last bool) []ast.Stmt {
		var stmts []ast.Stmt
		var list []ast.Expr
		flushList := func() {
			if len(list) > 0 {
				args := append([]ast.Expr{l.ident(t, n), l.number(float64(items), n)}, list...)
				stmts = append(stmts, l.callStat(operator.Append, n, args...))
				items += len(list)
				list = nil
			}
		}
		for i, f := range fields {
			key, value := l.tree.Field(f)
			if key != syntax.None {
				flushList()
				target := at(&ast.AttrGetExpr{Object: l.ident(t, n), Key: l.one(key)}, f)
				stmts = append(stmts, l.set(f, target, l.one(value)))
				continue
			}
			if last && i == len(fields)-1 {
				list = append(list, l.expr(value))
			} else {
				list = append(list, l.one(value))
			}
			if len(list) == callLimit {
				flushList()
			}
		}
		flushList()
		return stmts
	}
	e := inner(func() []ast.Stmt {
		stmts := []ast.Stmt{l.local(n, []string{t}, at(&ast.TableExpr{}, n))}
		for len(fields) > 0 {
			k := min(len(fields), splitFields)
			group := fields[:k]
			fields = fields[k:]
			last := len(fields) == 0
			stmts = append(stmts, at(&ast.FuncCallStmt{Expr: inner(func() []ast.Stmt { return part(group, last) })}, n))
		}
		return append(stmts, at(&ast.ReturnStmt{Exprs: []ast.Expr{l.ident(t, n)}}, n))
	})
	return e
}

// variadic reports whether "..." can be used at n.
func (l *lowerer) variadic(n syntax.Node) bool {
	f := l.tree.EnclosingFunction(n)
	return f == syntax.None || l.tree.IsVariadic(f)
}
