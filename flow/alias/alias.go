// Package alias says which function or module of an API an expression names, seen through
// the local names that a file gives to it:
//
//	local skynet = require "skynet"
//	local call = skynet.call
//	call(addr, "lua", "get")        -- calls skynet.call
//
// It looks at one file and follows only variables that never change, so what it says is
// certain; what goes through tables, parameters or other files is the work of flow/solve.
package alias

import (
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// A Ref names a part of an API: Module "os" and Member "execute", or Module "skynet.socket"
// and Member "write". A global name has an empty Module and itself as Member; a module as a
// whole, such as require "skynet", has an empty Member. Whether there is such a module, and
// what it means, is for package models to say.
type Ref struct{ Module, Member string }

// Known reports whether r names anything.
func (r Ref) Known() bool { return r != Ref{} }

// Path returns the name as a model spells it: "os.execute", "skynet.socket.write", "load".
func (r Ref) Path() string {
	switch {
	case r.Module == "":
		return r.Member
	case r.Member == "":
		return r.Module
	}
	return r.Module + "." + r.Member
}

// Is reports whether r is the member of the module.
func (r Ref) Is(module, member string) bool { return r.Module == module && r.Member == member }

// A Call is a call of something that a Ref names.
type Call struct {
	// Node is the Call node.
	Node syntax.Node
	Ref
	// Args are the arguments of the function itself: for pcall(load, s) those behind load.
	Args []syntax.Node
	// Protected says that it is called by pcall or xpcall.
	Protected bool
}

// A File answers what the expressions of one file name. It is safe for concurrent use once
// Resolve has returned it.
type File struct {
	info *scope.Info
	vars []Ref // by scope.Var
	// constants has, by scope.Var, whether the variable has a value known from the text.
	constants []bool
	// Calls are the calls of everything that has a Ref, in post-order.
	Calls []Call
}

// Resolve looks through the names of a file.
func Resolve(info *scope.Info) *File {
	f := &File{info: info, vars: make([]Ref, len(info.Vars)), constants: make([]bool, len(info.Vars))}
	// A variable's initial value names only variables declared before it: one pass is enough.
	for i := 1; i < len(info.Vars); i++ {
		v := &info.Vars[i]
		if v.Init != syntax.None && v.Result == 0 && v.Constant() {
			f.vars[i] = f.Ref(v.Init)
			f.constants[i] = f.IsConstant(v.Init)
		}
	}
	for n := range info.Tree.Nodes(syntax.Call) {
		f.call(n)
	}
	return f
}

// Ref returns what an expression names, or an unknown Ref.
func (f *File) Ref(n syntax.Node) Ref {
	t := f.info.Tree
	switch t.Kind(n) {
	case syntax.Name:
		if v := f.info.VarOf(n); v != scope.NoVar {
			return f.vars[v]
		}
		return Ref{Member: t.Name(n)}
	case syntax.Paren:
		return f.Ref(t.Operand(n))
	case syntax.Index:
		object, key := t.Index(n)
		if t.Kind(key) != syntax.String {
			return Ref{}
		}
		return f.member(f.Ref(object), t.Str(key))
	case syntax.Call:
		callee, args := t.Call(n)
		if len(args) == 1 && t.Kind(args[0]) == syntax.String && f.Ref(callee) == (Ref{Member: "require"}) {
			return Ref{Module: t.Str(args[0])}
		}
	case syntax.Binary:
		switch op, left, right := t.Binary(n); op {
		case syntax.Or: // local unpack = table.unpack or unpack
			if r := f.Ref(left); r.Known() {
				return r
			}
			return f.Ref(right)
		case syntax.And: // local jit = jit and jit.status
			return f.Ref(right)
		}
	}
	return Ref{}
}

// member returns the field name of what object names.
func (f *File) member(object Ref, name string) Ref {
	switch {
	case !object.Known():
		return Ref{}
	case object.Member == "":
		return Ref{object.Module, name}
	case object.Module == "":
		if object.Member == "_G" || object.Member == "_ENV" {
			return Ref{Member: name}
		}
		return Ref{object.Member, name}
	case object.Is("package", "loaded"):
		return Ref{Module: name}
	}
	return Ref{object.Module, object.Member + "." + name}
}

// call notes a call whose function has a name.
func (f *File) call(n syntax.Node) {
	callee, args := f.info.Tree.Call(n)
	c := Call{Node: n, Ref: f.Ref(callee), Args: args}
	if !c.Known() {
		return
	}
	f.Calls = append(f.Calls, c)
	skip := 0
	switch c.Ref {
	case Ref{Member: "pcall"}:
		skip = 1
	case Ref{Member: "xpcall"}:
		skip = 2
	}
	if skip > 0 && len(args) >= 1 {
		if inner := f.Ref(args[0]); inner.Known() {
			f.Calls = append(f.Calls, Call{Node: n, Ref: inner, Args: args[min(skip, len(args)):], Protected: true})
		}
	}
}

// Origin follows an expression through constant local variables and parentheses to where
// its value is made: a call, a literal, a parameter's name.
func (f *File) Origin(n syntax.Node) syntax.Node {
	t := f.info.Tree
	for {
		n = t.Unparen(n)
		if t.Kind(n) != syntax.Name {
			return n
		}
		v := f.info.VarOf(n)
		if v == scope.NoVar {
			return n
		}
		d := f.info.Var(v)
		if !d.Constant() || d.Init == syntax.None || d.Result != 0 || d.Kind != scope.Local {
			return n
		}
		n = d.Init
	}
}

// IsConstant reports whether an expression always has the same value, known from the text:
// a literal, a concatenation of such, or a constant local variable of such a value.
func (f *File) IsConstant(n syntax.Node) bool {
	t := f.info.Tree
	switch n = t.Unparen(n); t.Kind(n) {
	case syntax.String, syntax.Number, syntax.True, syntax.False, syntax.Nil:
		return true
	case syntax.Name:
		return f.constants[f.info.VarOf(n)]
	case syntax.Binary:
		_, left, right := t.Binary(n)
		return f.IsConstant(left) && f.IsConstant(right)
	case syntax.Unary:
		return f.IsConstant(t.Operand(n))
	}
	return false
}
