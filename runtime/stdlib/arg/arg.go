// Package arg reads the arguments of library functions, and raises Lua's errors about them.
package arg

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/runtime/trace"
)

// Error raises "bad argument #n to 'function' (message)". It does not return.
func Error(L *lua.LState, n int, message string) {
	what, name := trace.Called(L, 0)
	name = trace.Shown(name)
	if what == "method" {
		if n--; n == 0 {
			thread.Errorf(L, "calling '%s' on bad self (%s)", name, message)
		}
	}
	if what == "" {
		name = running(L)
	}
	thread.Errorf(L, "bad argument #%d to '%s' (%s)", n, name, message)
}

// running returns the name of the running library function.
func running(L *lua.LState) string {
	if in, dbg, ok := thread.Level(L, 0); ok {
		if v, err := in.GetInfo("f", dbg, nil); err == nil {
			if fn, ok := v.(*lua.LFunction); ok {
				if name := library.NameOf(fn); name != "" {
					return name
				}
			}
		}
	}
	return "?"
}

// TypeError raises "bad argument #n to 'function' (table expected, got nil)".
func TypeError(L *lua.LState, n int, expected string) {
	got := "no value"
	if n <= L.GetTop() {
		got = value.TypeName(L, L.Get(n))
	}
	Error(L, n, fmt.Sprintf("%s expected, got %s", expected, got))
}

// Any raises an error if there is no argument n.
func Any(L *lua.LState, n int) lua.LValue {
	if n > L.GetTop() {
		Error(L, n, "value expected")
	}
	return L.Get(n)
}

// Table returns an argument that must be a table.
func Table(L *lua.LState, n int) *lua.LTable {
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		TypeError(L, n, "table")
	}
	return t
}

// Function returns an argument that must be a function.
func Function(L *lua.LState, n int) *lua.LFunction {
	f, ok := L.Get(n).(*lua.LFunction)
	if !ok {
		TypeError(L, n, "function")
	}
	return f
}

// String returns an argument that must be a string or a number.
func String(L *lua.LState, n int) string {
	switch v := L.Get(n).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return number.Format(float64(v))
	}
	TypeError(L, n, "string")
	return ""
}

// OptString is String with a value for an argument that is nil or not there.
func OptString(L *lua.LState, n int, otherwise string) string {
	if L.Get(n) == lua.LNil {
		return otherwise
	}
	return String(L, n)
}

// Number returns an argument that must be a number, or a string that reads as one.
func Number(L *lua.LState, n int) float64 {
	v := L.Get(n)
	if f, ok := v.(lua.LNumber); ok {
		return float64(f)
	}
	f, ok := value.ToNumber(L, v)
	if !ok {
		TypeError(L, n, "number")
	}
	return f
}

// OptNumber is Number with a value for an argument that is nil or not there.
func OptNumber(L *lua.LState, n int, otherwise float64) float64 {
	if L.Get(n) == lua.LNil {
		return otherwise
	}
	return Number(L, n)
}

// Integer returns an argument that must be a number without fraction.
func Integer(L *lua.LState, n int) int64 {
	f := Number(L, n)
	if f != math.Floor(f) || f < -(1<<63) || f >= 1<<63 {
		Error(L, n, "number has no integer representation")
	}
	return int64(f)
}

// OptInteger is Integer with a value for an argument that is nil or not there.
func OptInteger(L *lua.LState, n int, otherwise int64) int64 {
	if L.Get(n) == lua.LNil {
		return otherwise
	}
	return Integer(L, n)
}

// Check raises an error about argument n unless a condition holds.
func Check(L *lua.LState, condition bool, n int, message string) {
	if !condition {
		Error(L, n, message)
	}
}
