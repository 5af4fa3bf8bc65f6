package trace

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/syntax"
)

// Script returns the innermost function of a script on the stack.
func Script(L *lua.LState) (Frame, bool) {
	for level := 0; ; level++ {
		f, ok := At(L, level)
		if !ok || f.Code != nil {
			return f, ok
		}
	}
}

// SetsGlobal reports whether the frame assigns to a global by its name, and not to a field of a table.
func (f Frame) SetsGlobal() bool {
	inst, ok := f.instruction()
	return ok && int(inst>>26) == lua.OP_SETGLOBAL
}

// ConstantArgument reports whether the call that the frame makes has an argument whose value the text of the
// program says: a literal, or what is made of literals. Functions that are arguments do not count, so that
// it is the second one of pcall(load, text).
func (f Frame) ConstantArgument() bool {
	if f.Code == nil || f.Node == syntax.None || f.Code.Chunk.Tree.Kind(f.Node) != syntax.Call {
		return false
	}
	_, args := f.Code.Chunk.Tree.Call(f.Node)
	for _, n := range args {
		if !isFunctionName(f.Code, n) {
			return isConstant(f.Code, n, 0)
		}
	}
	return false
}

// isFunctionName reports whether an expression names a global or a field of one.
func isFunctionName(code *lower.Code, n syntax.Node) bool {
	t := code.Chunk.Tree
	n = t.Unparen(n)
	return t.Kind(n) == syntax.Name && code.Chunk.Scope.VarOf(n) == scope.NoVar
}

// mostConstants is how many names are followed from one to the next.
const mostConstants = 8

func isConstant(code *lower.Code, n syntax.Node, depth int) bool {
	t := code.Chunk.Tree
	n = t.Unparen(n)
	switch t.Kind(n) {
	case syntax.String, syntax.Number:
		return true
	case syntax.Binary:
		_, left, right := t.Binary(n)
		return isConstant(code, left, depth) && isConstant(code, right, depth)
	case syntax.Name:
		v := code.Chunk.Scope.VarOf(n)
		if v == scope.NoVar || depth == mostConstants {
			return false
		}
		variable := code.Chunk.Scope.Var(v)
		return variable.Constant() && variable.Init != syntax.None && variable.Result == 0 && isConstant(code, variable.Init, depth+1)
	}
	return false
}
