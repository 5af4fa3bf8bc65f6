package trace

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/syntax"
)

// Function returns the node of a function; syntax.None for the main chunk of a file, and with a nil Code for
// a function of the host.
func Function(fn *lua.LFunction) (*lower.Code, syntax.Node) {
	if fn == nil || fn.Proto == nil {
		return nil, syntax.None
	}
	code := lower.CodeOf(fn.Proto)
	if code == nil {
		return nil, syntax.None
	}
	for _, n := range code.Nodes {
		if n != syntax.None {
			if code.Chunk.Tree.Kind(n) == syntax.Function && code.Chunk.Tree.Line(n) == fn.Proto.LineDefined {
				return code, n // it does nothing: this is its return
			}
			return code, code.Chunk.Tree.EnclosingFunction(n)
		}
	}
	return code, syntax.None
}

// Looked returns the lookup that an expression has its value from: a field of a table whose key is
// known when the program runs alone. It is the expression itself, or what the local variable is declared
// with that it names; syntax.None where it is neither.
func Looked(code *lower.Code, n syntax.Node) syntax.Node {
	t, names := code.Chunk.Tree, code.Chunk.Scope
	n = t.Unparen(n)
	if t.Kind(n) == syntax.Name {
		v := names.VarOf(n)
		if v == scope.NoVar || names.Vars[v].Init == syntax.None || names.Vars[v].Result != 0 {
			return syntax.None
		}
		n = t.Unparen(names.Vars[v].Init)
	}
	if t.Kind(n) != syntax.Index {
		return syntax.None
	}
	if _, key := t.Index(n); t.Kind(key) == syntax.String || t.Kind(key) == syntax.Number {
		return syntax.None
	}
	return n
}

// Parameter returns which parameter of a function, from 0, an expression is; -1 for none.
func Parameter(code *lower.Code, function, n syntax.Node) int {
	t, names := code.Chunk.Tree, code.Chunk.Scope
	n = t.Unparen(n)
	if t.Kind(n) != syntax.Name || function == syntax.None {
		return -1
	}
	v := names.VarOf(n)
	params, _ := t.Function(function)
	for i, p := range params {
		if v != scope.NoVar && names.VarOf(p) == v {
			return i
		}
	}
	return -1
}

// Named returns the one function of a file that is stored under a name: "function CMD.get", or a field
// "get = function" of a table; syntax.None where there is none, or more than one.
func Named(t *syntax.Tree, name string) (found syntax.Node) {
	for n := range t.Nodes(syntax.FunctionStat, syntax.Field) {
		function := syntax.None
		switch t.Kind(n) {
		case syntax.FunctionStat:
			target, f, _ := t.FunctionStat(n)
			if t.Kind(target) == syntax.Index {
				if _, key := t.Index(target); t.Kind(key) == syntax.String && t.Str(key) == name {
					function = f
				}
			}
		case syntax.Field:
			key, value := t.Field(n)
			if key != syntax.None && t.Kind(key) == syntax.String && t.Str(key) == name && t.Kind(value) == syntax.Function {
				function = value
			}
		}
		if function == syntax.None {
			continue
		}
		if found != syntax.None {
			return syntax.None
		}
		found = function
	}
	return found
}
