package operator

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/thread"
)

// StringMetamethods returns the arithmetic that strings have by the metatable of the string
// library: the VM's own reading of numbers in strings takes "010" for eight.
func StringMetamethods() map[string]lua.LGFunction {
	m := make(map[string]lua.LGFunction)
	for name, f := range map[string]func(x, y float64) float64{
		"add": func(x, y float64) float64 { return x + y },
		"sub": func(x, y float64) float64 { return x - y },
		"mul": func(x, y float64) float64 { return x * y },
		"div": func(x, y float64) float64 { return x / y },
		"pow": math.Pow,
		"unm": func(x, _ float64) float64 { return -x },
	} {
		m["__"+name] = stringArithmetic(name, func(L *lua.LState, x, y float64) lua.LValue { return lua.LNumber(f(x, y)) })
	}
	m["__mod"] = stringArithmetic("mod", func(L *lua.LState, x, y float64) lua.LValue {
		return call(L, Mod, lua.LNumber(x), lua.LNumber(y))
	})
	m["__idiv"] = stringArithmetic("idiv", func(L *lua.LState, x, y float64) lua.LValue {
		return call(L, IDiv, lua.LNumber(x), lua.LNumber(y))
	})
	return m
}

func call(L *lua.LState, op Op, a, b lua.LValue) lua.LValue { return binary(L, values[op], a, b) }

func stringArithmetic(name string, f func(L *lua.LState, x, y float64) lua.LValue) lua.LGFunction {
	return func(L *lua.LState) int {
		a, b := L.Get(1), L.Get(2)
		if L.GetTop() < 2 {
			b = a // unary minus: the VM passes its operand alone
		}
		x, xok := toNumber(L, a)
		y, yok := toNumber(L, b)
		if xok && yok {
			L.Push(f(L, x, y))
			return 1
		}
		if _, ok := b.(lua.LString); !ok {
			if m := field(L, b, "__"+name); m != lua.LNil {
				L.Push(binary(L, m, a, b))
				return 1
			}
		}
		where := thread.Where(L, 1)
		if where == "" { // called by an operation of this package
			where = thread.Where(L, 2)
		}
		thread.Raise(L, lua.LString(where+"attempt to "+name+" a '"+TypeName(L, a)+"' with a '"+TypeName(L, b)+"'"))
		return 0
	}
}
