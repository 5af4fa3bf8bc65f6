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

// divisionError raises an error of the running operation. Where an operand is a text, a function of
// the string library computes in Lua: its errors have no place.
func divisionError(L *lua.LState, message string) {
	for i := 1; i <= 2; i++ {
		if _, ok := L.Get(i).(lua.LString); ok {
			thread.Raise(L, lua.LString(message))
		}
	}
	thread.Errorf(L, "%s", message)
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
			divisionError(L, "attempt to divide by zero")
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
			divisionError(L, "attempt to perform 'n%0'")
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
	var parts [3]float64 // from, to, step
	for _, i := range [...]int{1, 2, 0} {
		v := L.Get(i + 1)
		x, ok := v.(lua.LNumber)
		if s, isText := v.(lua.LString); isText {
			parts[i], ok = toNumber(L, s)
		} else {
			parts[i] = float64(x)
		}
		if !ok {
			thread.Errorf(L, "bad 'for' %s (number expected, got %s)", [...]string{"initial value", "limit", "step"}[i], TypeName(L, v))
		}
	}
	from, to, step := parts[0], parts[1], parts[2]
	if step == 0 {
		thread.Errorf(L, "'for' step is zero")
	}
	runs := step > 0 && from <= to || step < 0 && from >= to
	L.Push(lua.LNumber(from))
	L.Push(lua.LNumber(within(L, from, to, step)))
	L.Push(lua.LNumber(step))
	L.Push(lua.LBool(runs))
	return 4
}

// within returns the limit of a loop that does not leave the integers, where there are numbers
// that adding the step does not change: the loop would not end. A loop that gets there soon is an
// error.
func within(L *lua.LState, from, to, step float64) float64 {
	const last = number.Exact - 1
	if math.Abs(to) < number.Exact {
		return to
	}
	if _, ok := number.Integer(from); !ok {
		return to
	}
	if _, ok := number.Integer(step); !ok || step > 0 != (to > 0) {
		return to
	}
	if math.Abs(step) > 1 { // the last value that the loop may have
		end := int64(math.Copysign(number.Exact, to))
		i, by := int64(from), int64(step)
		return float64(i + (end-i)/by*by)
	}
	if (number.Exact-math.Abs(from))/math.Abs(step) < 1<<40 && from > 0 == (to > 0) {
		thread.Errorf(L, "'for' loop up to %s would not end: integers are exact up to 2^53 (see docs/LUA.md, integers)", number.Format(to))
	}
	return math.Copysign(last, to)
}
