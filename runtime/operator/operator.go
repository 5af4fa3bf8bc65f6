// Package operator has the operations of Lua that the VM lacks, or does not do as Lua does, as
// functions of the host. Lowered code calls them through upvalues of its chunk, so that a
// script can neither see nor change them.
package operator

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
)

// An Op names one of the operations.
type Op uint8

// The operations.
const (
	Concat      Op = iota // (...) the values, joined from the right
	ConcatTable           // (t, n) the same, for more values than a call can have
	IDiv                  // (a, b) a // b
	Mod                   // (a, b) a % b
	BitAnd                // (a, b)
	BitOr                 // (a, b)
	BitXor                // (a, b)
	Shl                   // (a, b)
	Shr                   // (a, b)
	BitNot                // (a)
	Open                  // (v, name) a to-be-closed variable comes into scope; its handle
	Close                 // (handle, ...) closes down to the handle; the values behind it
	ForPrepare            // (from, to, step) the same as numbers, and whether the loop runs at all
	Append                // (t, n, ...) puts the values behind the first n of a list; t
	Pack                  // (...) a table of the values, with their number in n
	Undefined             // (v, name) raises an error unless v is nil: a global is declared anew
	Len                   // (v) #v, charged: the VM looks through the empty cells at the end of a list
	Integers              // (program, ...) an expression of integers, computed in 64 bits: see Program
	Count
)

var functions = [Count]lua.LGFunction{
	Concat: concat, ConcatTable: concatTable, IDiv: floorDivide, Mod: modulo, BitAnd: bitAnd, BitOr: bitOr, BitXor: bitXor,
	Shl: shiftLeft, Shr: shiftRight, BitNot: bitNot, Open: openVariable, Close: closeVariables, ForPrepare: forPrepare,
	Append: appendList, Pack: pack, Undefined: undefined, Len: length, Integers: integers,
}

// values are the operations as Lua values: they have no upvalues and no environment, so that
// all states share them.
var values [Count]*lua.LFunction

func init() { // they call each other through this table
	for op, f := range functions {
		values[op] = &lua.LFunction{IsG: true, GFunction: f}
	}
}

// Value returns the function of an operation. It is shared by all states.
func Value(op Op) *lua.LFunction { return values[op] }

// Of returns the operation that a function is.
func Of(f *lua.LFunction) (Op, bool) {
	for op, v := range values {
		if v == f {
			return Op(op), true
		}
	}
	return 0, false
}

// metamethod looks an event up in the metatable of a, then of b.
func metamethod(L *lua.LState, a, b lua.LValue, event string) lua.LValue {
	if m := field(L, a, event); m != lua.LNil {
		return m
	}
	return field(L, b, event)
}

// field returns a field of the metatable of v, without any metamethod.
func field(L *lua.LState, v lua.LValue, name string) lua.LValue {
	var mt lua.LValue
	switch v := v.(type) {
	case *lua.LTable:
		mt = v.Metatable
	case *lua.LUserData:
		mt = v.Metatable
	case lua.LNumber:
		return lua.LNil
	default:
		mt = L.GetMetatable(v)
	}
	if t, ok := mt.(*lua.LTable); ok {
		return t.RawGetString(name)
	}
	return lua.LNil
}

// binary calls a metamethod with two values and returns its first result.
func binary(L *lua.LState, method, a, b lua.LValue) lua.LValue {
	L.Push(method)
	L.Push(a)
	L.Push(b)
	limit.Call(L, 2, 1)
	v := L.Get(-1)
	L.Pop(1)
	return v
}

// TypeName returns the type of a value as messages name it: the __name of its metatable if
// it has one.
func TypeName(L *lua.LState, v lua.LValue) string {
	switch v.(type) {
	case *lua.LTable, *lua.LUserData:
		if name, ok := field(L, v, "__name").(lua.LString); ok {
			return string(name)
		}
	}
	return v.Type().String()
}

// Describe, if it is set, says what operand number i, from 0, of the operation that runs is in
// the source text: " (local 'x')", or "".
var Describe func(L *lua.LState, i int) string

func describe(L *lua.LState, i int) string {
	if Describe == nil {
		return ""
	}
	return Describe(L, i)
}
