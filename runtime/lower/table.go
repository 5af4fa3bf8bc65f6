package lower

import (
	"github.com/yuin/gopher-lua/ast"

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
