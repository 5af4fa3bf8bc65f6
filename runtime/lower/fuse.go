package lower

import (
	"github.com/yuin/gopher-lua/ast"

	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/syntax"
)

// An expression such as (x * 1103515245 + 12345) & 0x7fffffff is exact in Lua, since its integers
// have 64 bits, though no float64 holds the product. Where arithmetic stands below a bit
// operation, a // or a %, the whole is one call of the host, which computes in 64 bits.

var steps = map[syntax.Op]byte{
	syntax.Add: operator.StepAdd, syntax.Sub: operator.StepSub, syntax.Mul: operator.StepMul,
	syntax.BitAnd: operator.StepAnd, syntax.BitOr: operator.StepOr, syntax.BitXor: operator.StepXor,
	syntax.Shl: operator.StepShl, syntax.Shr: operator.StepShr,
	syntax.IDiv: operator.StepIDiv, syntax.Mod: operator.StepMod,
}

// fusion is an expression being turned into a program.
type fusion struct {
	program []byte
	leaves  []syntax.Node
	wide    bool // some intermediate result may be beyond 2^53
}

// fused lowers an expression whose top is a bit operation, // or %, if there is anything to gain.
func (l *lowerer) fused(n syntax.Node) (ast.Expr, bool) {
	var f fusion
	l.fuse(&f, n, n)
	if !f.wide || len(f.leaves) > callLimit || len(f.program) > 255 {
		return nil, false
	}
	args := []ast.Expr{l.str(string(f.program), n)}
	for _, leaf := range f.leaves {
		args = append(args, l.one(leaf))
	}
	return l.call(operator.Integers, n, args...), true
}

func (l *lowerer) fuse(f *fusion, n, top syntax.Node) {
	inner := l.tree.Unparen(n)
	switch l.tree.Kind(inner) {
	case syntax.Binary:
		op, left, right := l.tree.Binary(inner)
		step, ok := steps[op]
		if !ok {
			break
		}
		if inner != top {
			switch op {
			case syntax.Mul:
				f.wide = f.wide || l.mayOverflow(left, right)
			case syntax.Shl, syntax.BitOr, syntax.BitXor, syntax.BitNot:
				f.wide = true
			}
		}
		l.fuse(f, left, top)
		l.fuse(f, right, top)
		f.program = append(f.program, step)
		return
	case syntax.Unary:
		op, operand := l.tree.Unary(inner)
		switch op {
		case syntax.BitNot:
			f.wide = f.wide || inner != top
			l.fuse(f, operand, top)
			f.program = append(f.program, operator.StepBitNot)
			return
		case syntax.Neg:
			if _, ok := l.literal(inner); ok {
				break
			}
			l.fuse(f, operand, top)
			f.program = append(f.program, operator.StepNeg)
			return
		}
	}
	f.leaves = append(f.leaves, inner)
	f.program = append(f.program, operator.StepValue)
}

// mayOverflow reports whether a product may be beyond 2^53: unless one factor is a small literal.
func (l *lowerer) mayOverflow(left, right syntax.Node) bool {
	for _, n := range []syntax.Node{left, right} {
		if x, ok := l.literal(n); ok && x > -1<<10 && x < 1<<10 {
			return false
		}
	}
	return true
}
