// Package scope resolves the names of one file: which variable a name refers to, which
// variables closures capture, and which names are global.
//
// It looks at the file alone. What the globals mean in a service, where several files share
// one global table, is decided by who looks at a service as a whole.
package scope

import (
	"slices"
	"sync"

	"github.com/skylint/skylint/syntax"
)

// A Var names a variable of an Info; NoVar names none.
type Var int32

// NoVar is the absence of a variable: the name is global.
const NoVar Var = 0

// A Func names a function of an Info. Main is the chunk itself.
type Func int32

// Main is the body of the file.
const Main Func = 0

// A Kind says how a variable came to be.
type Kind uint8

// The kinds of variables.
const (
	Local Kind = iota
	LocalFunction
	Param
	Self // the implicit parameter of a method
	Loop // a variable of a for statement
	VarargTable
)

// A Variable is a local variable or parameter.
type Variable struct {
	Name string
	Kind Kind
	Attr syntax.Attrib
	// Decl declares it; None for self.
	Decl syntax.Node
	// Func is the function whose variable it is.
	Func Func
	// Init is the expression whose first value it gets at its declaration; None where it
	// has no value of its own there (nil, a further result of a call, a parameter).
	Init syntax.Node
	// Result is which result of Init it gets, from 0: in "local a, b = f()" b has Init f()
	// and Result 1.
	Result int32
	// Writes counts the assignments behind the declaration, Reads the uses of the value.
	Writes, Reads int32
	// Captured says that a function within Func uses it.
	Captured bool
	// End is the offset at which its scope ends.
	End uint32
}

// Constant reports whether the variable has the value of its declaration for ever.
func (v *Variable) Constant() bool { return v.Writes == 0 }

// A Function is a function of the file, or its main chunk.
type Function struct {
	Node  syntax.Node // None for Main
	Outer Func        // Main for Main
	// Env says that the function, or one around it, changes its own environment by setfenv,
	// so that its free names may be anything.
	Env bool
}

// Access says what is done to a global name.
type Access uint8

// The ways to use a global name.
const (
	Read Access = iota
	Write
)

// A Global is one use of a free name, or of a field of the global table by a constant name.
// A name below a local _ENV is a field of that, not a Global: see EnvOf.
type Global struct {
	Name   string
	Node   syntax.Node // the Name, or the Index for _G.name
	Access Access
	// Func is the function in which it stands.
	Func Func
	// Field says that it is written _G.name or _ENV.name.
	Field bool
	// Declared says that it is a declaration: a global statement of 5.5.
	Declared bool
	// Value is the expression assigned by a Write, where it has one of its own.
	Value syntax.Node
}

// A Field is an assignment to a name below a local _ENV.
type Field struct {
	Name string
	Env  Var // the variable _ENV
}

// Info is what is known of the names of a file. It is immutable and safe for concurrent use.
type Info struct {
	Tree  *syntax.Tree
	Vars  []Variable // Vars[0] is no variable
	Funcs []Function
	// Globals are in the order of the text, but for the targets of an assignment, which come
	// behind its values, as they are evaluated.
	Globals []Global
	// Fields are the assignments to names below a local _ENV, in the order of the text.
	Fields []Field
	// vars has, for each Decl and Name node, its Var, and for each Function node its Func.
	// A Name below a local _ENV has the Var of that, negated.
	vars []Var
}

// VarOf returns the variable that a Name refers to or a Decl declares; NoVar for a global
// name, for a field of a local _ENV and for other nodes.
func (in *Info) VarOf(n syntax.Node) Var {
	if k := in.Tree.Kind(n); k != syntax.Name && k != syntax.Decl {
		return NoVar
	}
	return max(in.vars[n], NoVar)
}

// EnvOf returns the local variable _ENV of which a free Name is a field; NoVar for a global
// name, for a local one and for other nodes.
func (in *Info) EnvOf(n syntax.Node) Var {
	if in.Tree.Kind(n) != syntax.Name {
		return NoVar
	}
	return -min(in.vars[n], NoVar)
}

// Var returns the variable v.
func (in *Info) Var(v Var) *Variable { return &in.Vars[v] }

// FuncOf returns the Func of a Function node, and that of the function around it for another node.
func (in *Info) FuncOf(n syntax.Node) Func {
	if in.Tree.Kind(n) != syntax.Function {
		n = in.Tree.EnclosingFunction(n)
	}
	return Func(in.vars[n])
}

// IsGlobal reports whether n is this Name and refers to the global variable.
func (in *Info) IsGlobal(n syntax.Node, name string) bool {
	return in.Tree.Kind(n) == syntax.Name && in.vars[n] == NoVar && in.Tree.Name(n) == name
}

// Encloses reports whether inner is outer or a function within it.
func (in *Info) Encloses(outer, inner Func) bool {
	for inner != outer {
		if inner == Main {
			return false
		}
		inner = in.Funcs[inner].Outer
	}
	return true
}

// Resolve resolves the names of a tree. A tree with errors is resolved as far as it goes.
func Resolve(tree *syntax.Tree) *Info {
	w := workspaces.Get().(*workspace)
	r := &resolver{
		tree: tree,
		info: &Info{
			Tree: tree, Vars: append(w.vars[:0], Variable{}), Funcs: append(w.funcs[:0], Function{}), Globals: w.globals[:0],
			vars: make([]Var, tree.Len()),
		},
		symbols: w.symbols, bound: append(w.bound[:0], NoVar), undo: w.undo[:0],
	}
	clear(r.symbols)
	if tree.Dialect != syntax.Lua51 && tree.Dialect != syntax.LuaJIT {
		r.envSym = r.symbolOf("_ENV")
	}
	if tree.Main != syntax.None {
		r.block(tree.Main)
		r.leave(0)
	}
	in := r.info
	w.vars, w.funcs, w.globals, w.bound, w.undo = in.Vars, in.Funcs, in.Globals, r.bound, r.undo
	in.Vars, in.Funcs, in.Globals = slices.Clone(in.Vars), slices.Clone(in.Funcs), slices.Clone(in.Globals)
	if len(w.symbols) <= maxKept { // a large map stays slow to clear
		workspaces.Put(w)
	}
	return in
}

// A workspace is the memory in which the lists of a file grow. They are copied out of it, so that
// they take no more than they need.
type workspace struct {
	vars    []Variable
	funcs   []Function
	globals []Global
	symbols map[string]symbol
	bound   []Var
	undo    []binding
}

var workspaces = sync.Pool{New: func() any { return &workspace{symbols: make(map[string]symbol, 256)} }}

// maxKept is how many names a workspace may know to be kept.
const maxKept = 4096
