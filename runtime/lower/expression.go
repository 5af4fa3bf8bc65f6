package lower

import (
	"math"

	"github.com/yuin/gopher-lua/ast"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/syntax"
)

// expr lowers an expression. A call or "..." keeps all its values: see one.
func (l *lowerer) expr(n syntax.Node) ast.Expr {
	l.depth++
	defer func() { l.depth-- }()
	if l.depth > maxDepth {
		panic(l.errorAt(n, "expression too long or too deep (more than 4000 levels): split it up"))
	}
	t := l.tree
	switch t.Kind(n) {
	case syntax.Nil:
		return at(&ast.NilExpr{}, n)
	case syntax.True:
		return at(&ast.TrueExpr{}, n)
	case syntax.False:
		return at(&ast.FalseExpr{}, n)
	case syntax.Vararg:
		return at(&ast.Comma3Expr{}, n)
	case syntax.Number:
		return l.numeral(n)
	case syntax.String:
		return l.str(t.Str(n), n)
	case syntax.Function:
		return l.function(n)
	case syntax.Name:
		return l.variable(n)
	case syntax.Index:
		object, key := t.Index(n)
		return at(&ast.AttrGetExpr{Object: l.one(object), Key: l.one(key)}, n)
	case syntax.Call:
		callee, args := t.Call(n)
		f := l.one(callee)
		return at(&ast.FuncCallExpr{Func: f, Args: l.exprs(args)}, n)
	case syntax.MethodCall:
		receiver, name, args := t.MethodCall(n)
		r := l.one(receiver)
		return at(&ast.FuncCallExpr{Receiver: r, Method: t.Str(name), Args: l.exprs(args)}, n)
	case syntax.Binary:
		return l.binary(n)
	case syntax.Unary:
		return l.unary(n)
	case syntax.Paren:
		return l.one(t.Operand(n))
	case syntax.Table:
		return l.table(n)
	}
	panic(l.errorAt(n, "a syntax error"))
}

// one lowers an expression of which the first value counts.
func (l *lowerer) one(n syntax.Node) ast.Expr {
	e := l.expr(n)
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
	return e
}

// exprs lowers a list whose last expression keeps all its values.
func (l *lowerer) exprs(list []syntax.Node) []ast.Expr {
	if len(list) == 0 {
		return nil
	}
	out := make([]ast.Expr, len(list))
	for i, n := range list {
		if i < len(list)-1 {
			out[i] = l.one(n)
		} else {
			out[i] = l.expr(n)
		}
	}
	return out
}

func (l *lowerer) numeral(n syntax.Node) ast.Expr {
	v := l.tree.Number(n)
	x := v.Float
	if v.IsInt {
		exact := false
		if x, exact = number.Float(v.Int); !exact {
			panic(l.errorAt(n, "the integer "+l.tree.Text(n)+" is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)"))
		}
	}
	return l.number(x, n)
}

// variable lowers the use of a name.
func (l *lowerer) variable(n syntax.Node) ast.Expr {
	v := l.scope.VarOf(n)
	if v != scope.NoVar {
		if value, ok := l.constants[v]; ok {
			e := l.expr(value)
			e.SetLine(int(n))
			return e
		}
		return l.ident(l.varName(v), n)
	}
	name := l.tree.Name(n)
	if len(l.env) > 0 {
		if name == "_ENV" && l.hasEnv() {
			return l.ident(l.env[0], n)
		}
		env := l.ident(l.env[len(l.env)-1], n)
		return at(&ast.AttrGetExpr{Object: env, Key: l.str(name, n)}, n)
	}
	return l.ident(name, n)
}

var arithmetic = map[syntax.Op]string{
	syntax.Add: "+", syntax.Sub: "-", syntax.Mul: "*", syntax.Div: "/", syntax.Pow: "^",
}

var relational = map[syntax.Op]string{
	syntax.Lt: "<", syntax.Gt: ">", syntax.Le: "<=", syntax.Ge: ">=", syntax.Ne: "~=", syntax.Eq: "==",
}

var hosted = map[syntax.Op]operator.Op{
	syntax.IDiv: operator.IDiv, syntax.Mod: operator.Mod, syntax.BitAnd: operator.BitAnd, syntax.BitOr: operator.BitOr,
	syntax.BitXor: operator.BitXor, syntax.Shl: operator.Shl, syntax.Shr: operator.Shr,
}

func (l *lowerer) binary(n syntax.Node) ast.Expr {
	op, left, right := l.tree.Binary(n)
	if sign, ok := arithmetic[op]; ok {
		return at(&ast.ArithmeticOpExpr{Operator: sign, Lhs: l.one(left), Rhs: l.one(right)}, n)
	}
	if sign, ok := relational[op]; ok {
		return at(&ast.RelationalOpExpr{Operator: sign, Lhs: l.one(left), Rhs: l.one(right)}, n)
	}
	switch op {
	case syntax.And, syntax.Or:
		// A constant on the left is decided here: the compiler loses count of the registers of
		// "x ~= (nil and y or z)".
		lhs := l.one(left)
		if truth, ok := constantTruth(lhs); ok {
			if truth == (op == syntax.And) {
				return l.one(right)
			}
			return lhs
		}
		return at(&ast.LogicalOpExpr{Operator: op.String(), Lhs: lhs, Rhs: l.one(right)}, n)
	case syntax.Concat:
		return l.concat(n)
	case syntax.Mod:
		if e, ok := l.fused(n); ok {
			return e
		}
		// By a constant that is not zero the VM does what Lua does.
		if d, ok := l.literal(right); ok && d != 0 && !math.IsInf(d, 0) {
			return at(&ast.ArithmeticOpExpr{Operator: "%", Lhs: l.one(left), Rhs: l.one(right)}, n)
		}
	}
	if e, ok := l.folded(n, op, left, right); ok {
		return e
	}
	if e, ok := l.fused(n); ok {
		return e
	}
	a := l.one(left)
	return l.call(hosted[op], n, a, l.one(right))
}

// constantTruth returns whether a constant counts as true; ok is false for what is none.
func constantTruth(e ast.Expr) (truth, ok bool) {
	switch e.(type) {
	case *ast.NilExpr, *ast.FalseExpr:
		return false, true
	case *ast.TrueExpr, *ast.NumberExpr, *ast.StringExpr:
		return true, true
	}
	return false, false
}

// literal returns the value of a number literal, or of a variable that stands for one.
func (l *lowerer) literal(n syntax.Node) (float64, bool) {
	n = l.tree.Unparen(n)
	switch l.tree.Kind(n) {
	case syntax.Number:
		return l.tree.Number(n).Float, true
	case syntax.Name:
		if v, ok := l.constants[l.scope.VarOf(n)]; ok && l.scope.VarOf(n) != scope.NoVar {
			return l.literal(v)
		}
	case syntax.Unary:
		if op, operand := l.tree.Unary(n); op == syntax.Neg {
			x, ok := l.literal(operand)
			return -x, ok
		}
	}
	return 0, false
}

// folded computes a bit operation on literals, where the result can be held.
func (l *lowerer) folded(n syntax.Node, op syntax.Op, left, right syntax.Node) (ast.Expr, bool) {
	x, xok := l.literal(left)
	y, yok := l.literal(right)
	a, aok := number.Integer(x)
	b, bok := number.Integer(y)
	if !xok || !yok || !aok || !bok {
		return nil, false
	}
	var v int64
	switch op {
	case syntax.BitAnd:
		v = a & b
	case syntax.BitOr:
		v = a | b
	case syntax.BitXor:
		v = a ^ b
	case syntax.Shl:
		v = operator.ShiftLeft(a, b)
	case syntax.Shr:
		v = operator.ShiftLeft(a, -b)
	default:
		return nil, false
	}
	r, exact := number.Float(v)
	if !exact {
		return nil, false
	}
	return l.number(r, n), true
}

func (l *lowerer) unary(n syntax.Node) ast.Expr {
	op, operand := l.tree.Unary(n)
	switch op {
	case syntax.Not:
		e := l.one(operand)
		if truth, ok := constantTruth(e); ok { // so that a condition that is constant is seen to be
			if truth {
				return at(&ast.FalseExpr{}, n)
			}
			return at(&ast.TrueExpr{}, n)
		}
		return at(&ast.UnaryNotOpExpr{Expr: e}, n)
	case syntax.Neg:
		return at(&ast.UnaryMinusOpExpr{Expr: l.one(operand)}, n)
	case syntax.Len:
		return l.call(operator.Len, n, l.one(operand))
	}
	if e, ok := l.fused(n); ok {
		return e
	}
	return l.call(operator.BitNot, n, l.one(operand))
}

// callLimit is how many values are passed to an operation as arguments; more go in a table,
// since a function has 200 registers.
const callLimit = 40

// concat lowers a chain of .. to one call.
func (l *lowerer) concat(n syntax.Node) ast.Expr {
	var operands []syntax.Node
	last := n
	for {
		op, left, right := l.tree.Binary(last)
		if op != syntax.Concat {
			break
		}
		operands = append(operands, left)
		last = right
		if l.tree.Kind(last) != syntax.Binary {
			break
		}
	}
	operands = append(operands, last)
	args := make([]ast.Expr, len(operands))
	for i, o := range operands {
		args[i] = l.one(o)
	}
	for len(args) > 1 { // literals at the end are joined first in any case
		a, aok := args[len(args)-2].(*ast.StringExpr)
		b, bok := args[len(args)-1].(*ast.StringExpr)
		if !aok || !bok {
			break
		}
		args = append(args[:len(args)-2], l.str(a.Value+b.Value, n))
	}
	if len(args) == 1 {
		return args[0]
	}
	if len(args) <= callLimit {
		return l.call(operator.Concat, n, args...)
	}
	list := at(&ast.TableExpr{}, n)
	for _, a := range args {
		list.Fields = append(list.Fields, &ast.Field{Value: a})
	}
	return l.call(operator.ConcatTable, n, list, l.number(float64(len(args)), n))
}
