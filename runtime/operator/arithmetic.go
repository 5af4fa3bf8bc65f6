package operator

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/thread"
)

// toNumber converts a number, or a string that reads as one.
func toNumber(L *lua.LState, v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		if len(v) > 64 { // reading takes as long as it is
			limit.Of(L).Work(L, int64(len(v))/8)
		}
		return number.Parse(string(v))
	}
	return 0, false
}

// arithmeticError raises what Lua says of an operand that is no number.
func arithmeticError(L *lua.LState, a, b lua.LValue, what string) {
	bad, at := b, 1
	if _, ok := a.(lua.LNumber); !ok {
		bad, at = a, 0
	}
	thread.Errorf(L, "attempt to %s a %s value%s", what, TypeName(L, bad), describe(L, at))
}

// operands returns the numbers that an arithmetic operation works on. If there are none, it
// has pushed the result of a metamethod, and ok is false.
func operands(L *lua.LState, event string) (x, y float64, ok bool) {
	a, b := L.Get(1), L.Get(2)
	x, xok := toNumber(L, a)
	y, yok := toNumber(L, b)
	if xok && yok {
		return x, y, true
	}
	m := metamethod(L, a, b, event)
	if _, isString := a.(lua.LString); isString && field(L, b, event) != lua.LNil {
		m = field(L, b, event) // a string has the operators of its library, which ask the other
	}
	if m == lua.LNil {
		arithmeticError(L, a, b, "perform arithmetic on")
	}
	L.Push(binary(L, m, a, b))
	return 0, 0, false
}

func floorDivide(L *lua.LState) int {
	x, y, ok := operands(L, "__idiv")
	if !ok {
		return 1
	}
	i, iok := number.Integer(x)
	j, jok := number.Integer(y)
	if iok && jok {
		if j == 0 {
			thread.Errorf(L, "attempt to divide by zero")
		}
		q := i / j
		if i%j != 0 && (i < 0) != (j < 0) {
			q--
		}
		L.Push(lua.LNumber(q))
		return 1
	}
	L.Push(lua.LNumber(math.Floor(x / y)))
	return 1
}

func modulo(L *lua.LState) int {
	x, y, ok := operands(L, "__mod")
	if !ok {
		return 1
	}
	i, iok := number.Integer(x)
	j, jok := number.Integer(y)
	if iok && jok {
		if j == 0 {
			thread.Errorf(L, "attempt to perform 'n%%0'")
		}
		m := i % j
		if m != 0 && (m < 0) != (j < 0) {
			m += j
		}
		L.Push(lua.LNumber(m))
		return 1
	}
	m := math.Mod(x, y)
	if m > 0 && y < 0 || m < 0 && y > 0 {
		m += y
	}
	L.Push(lua.LNumber(m))
	return 1
}

func forPrepare(L *lua.LState) int {
	from, fok := L.Get(1).(lua.LNumber)
	to, tok := L.Get(2).(lua.LNumber)
	step, sok := L.Get(3).(lua.LNumber)
	if s, ok := L.Get(2).(lua.LString); ok { // the limit alone may be a string
		var x float64
		x, tok = toNumber(L, s)
		to = lua.LNumber(x)
	}
	for i, part := range [...]struct {
		name string
		ok   bool
	}{{"initial value", fok}, {"limit", tok}, {"step", sok}} {
		if !part.ok {
			thread.Errorf(L, "bad 'for' %s (number expected, got %s)", part.name, TypeName(L, L.Get(i+1)))
		}
	}
	if step == 0 {
		thread.Errorf(L, "'for' step is zero")
	}
	L.Push(from)
	L.Push(to)
	L.Push(step)
	L.Push(lua.LBool(step > 0 && from <= to || step < 0 && from >= to))
	return 4
}
