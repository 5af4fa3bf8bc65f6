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
	"slices"
	"sync"

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
	vars []variable // by scope.Var
	// fields are the names that the file assigns below a local _ENV.
	fields map[scope.Field]bool
	// Calls are the calls of everything that has a Ref, in post-order.
	Calls []Call
}

// variable is what is known of a variable that never changes.
type variable struct {
	ref      Ref
	origin   syntax.Node // see Origin; None for a variable that is one itself
	constant bool        // its value is known from the text
	// environment says that it is a local _ENV in which the globals can be seen.
	environment bool
}

// maxDepth is how deep an expression is followed. Names of an API are at most four parts long.
const maxDepth = 16

// Resolve looks through the names of a file.
func Resolve(info *scope.Info) *File {
	f := &File{info: info, vars: make([]variable, len(info.Vars))}
	for _, field := range info.Fields {
		if f.fields == nil {
			f.fields = make(map[scope.Field]bool)
		}
		f.fields[field] = true
	}
	// A variable's initial value names only variables declared before it: one pass is enough.
	for i := 1; i < len(info.Vars); i++ {
		v := &info.Vars[i]
		switch {
		case v.Init == syntax.None || !v.Constant():
		case v.Result == 0:
			f.vars[i] = variable{
				ref: f.Ref(v.Init), constant: f.IsConstant(v.Init),
				environment: v.Name == "_ENV" && f.showsGlobals(v.Init),
			}
			if v.Kind == scope.Local {
				f.vars[i].origin = f.Origin(v.Init)
			}
		case v.Result == 1:
			f.vars[i].ref = f.protectedRequire(v.Init)
		}
	}
	room := rooms.Get().(*[]Call)
	f.Calls = (*room)[:0]
	for n := range info.Tree.Nodes(syntax.Call) {
		f.call(n)
	}
	*room, f.Calls = f.Calls, slices.Clone(f.Calls) // which takes no more than it needs
	rooms.Put(room)
	return f
}

// rooms are where the calls of a file are collected.
var rooms = sync.Pool{New: func() any { return &[]Call{} }}

// Ref returns what an expression names, or an unknown Ref.
func (f *File) Ref(n syntax.Node) Ref { return f.ref(n, maxDepth) }

func (f *File) ref(n syntax.Node, depth int) Ref {
	t := f.info.Tree
	if depth == 0 {
		return Ref{}
	}
	switch t.Kind(n) {
	case syntax.Name:
		if v := f.info.VarOf(n); v != scope.NoVar {
			return f.vars[v].ref
		}
		name := t.Name(n)
		if env := f.info.EnvOf(n); env != scope.NoVar && !f.seesGlobal(env, name) {
			return Ref{}
		}
		return Ref{Member: name}
	case syntax.Paren:
		return f.ref(t.Operand(n), depth-1)
	case syntax.Index:
		object, key := t.Index(n)
		if t.Kind(key) != syntax.String {
			return Ref{}
		}
		return f.member(f.ref(object, depth-1), t.Str(key))
	case syntax.Call:
		callee, args := t.Call(n)
		if len(args) == 1 {
			if name := f.Origin(args[0]); t.Kind(name) == syntax.String && f.ref(callee, depth-1) == (Ref{Member: "require"}) {
				return Ref{Module: t.Str(name)}
			}
		}
	case syntax.Binary:
		switch op, left, right := t.Binary(n); op {
		case syntax.Or: // local unpack = table.unpack or unpack
			l, r := f.ref(left, depth-1), f.ref(right, depth-1)
			if !l.Known() || l.Module == "" && r.Module != "" { // local bit = bit or require "bit"
				return r
			}
			return l
		case syntax.And: // local status = jit and jit.status
			return f.ref(right, depth-1)
		}
	}
	return Ref{}
}

// protectedRequire returns the module that the second result of pcall(require, name) is.
func (f *File) protectedRequire(n syntax.Node) Ref {
	t := f.info.Tree
	if t.Kind(n) != syntax.Call {
		return Ref{}
	}
	callee, args := t.Call(n)
	if len(args) != 2 || f.Ref(callee) != (Ref{Member: "pcall"}) || f.Ref(args[0]) != (Ref{Member: "require"}) {
		return Ref{}
	}
	if name := f.Origin(args[1]); t.Kind(name) == syntax.String {
		return Ref{Module: t.Str(name)}
	}
	return Ref{}
}

// showsGlobals reports whether the globals are fields of what a local _ENV is set to: the
// global table, or setmetatable(t, { __index = _G }).
func (f *File) showsGlobals(n syntax.Node) bool {
	if f.isGlobalTable(n) {
		return true
	}
	t := f.info.Tree
	if n = t.Unparen(n); t.Kind(n) != syntax.Call {
		return false
	}
	callee, args := t.Call(n)
	if len(args) != 2 || f.Ref(callee) != (Ref{Member: "setmetatable"}) {
		return false
	}
	meta := f.Origin(args[1])
	if t.Kind(meta) != syntax.Table {
		return false
	}
	for _, field := range t.Fields(meta) {
		if key, value := t.Field(field); t.Str(key) == "__index" {
			return f.isGlobalTable(value)
		}
	}
	return false
}

func (f *File) isGlobalTable(n syntax.Node) bool {
	r := f.Ref(n)
	return r == Ref{Member: "_G"} || r == Ref{Member: "_ENV"}
}

// seesGlobal reports whether a field of a local _ENV is the global of that name.
func (f *File) seesGlobal(env scope.Var, name string) bool {
	return f.vars[env].environment && !f.fields[scope.Field{Name: name, Env: env}]
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
	n = f.info.Tree.Unparen(n)
	if origin := f.vars[f.info.VarOf(n)].origin; origin != syntax.None {
		return origin
	}
	return n
}

// IsConstant reports whether an expression always has the same value, known from the text:
// a literal, a concatenation of such, or a constant local variable of such a value.
func (f *File) IsConstant(n syntax.Node) bool {
	t := f.info.Tree
	switch n = t.Unparen(n); t.Kind(n) {
	case syntax.String, syntax.Number, syntax.True, syntax.False, syntax.Nil:
		return true
	case syntax.Name:
		return f.vars[f.info.VarOf(n)].constant
	case syntax.Binary:
		_, left, right := t.Binary(n)
		return f.IsConstant(left) && f.IsConstant(right)
	case syntax.Unary:
		return f.IsConstant(t.Operand(n))
	}
	return false
}
