package operator

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/thread"
)

// bitsOf returns the integer that a bit operation works on. A number beyond 2^53 may have lost
// bits before it came here, so it is an error, and not the wrong answer.
func bitsOf(L *lua.LState, v lua.LValue, at int) int64 {
	x, ok := v.(lua.LNumber)
	if !ok {
		thread.Errorf(L, "attempt to perform bitwise operation on a %s value%s", TypeName(L, v), describe(L, at))
	}
	i, ok := number.Integer(float64(x))
	if !ok {
		if number.Whole(float64(x)) && math.Abs(float64(x)) <= 1<<63 {
			thread.Errorf(L, "number %s is beyond 2^53 and may have lost bits: integers are exact up to there (see docs/LUA.md, integers)", number.Format(float64(x)))
		}
		thread.Errorf(L, "number%s has no integer representation", describe(L, at))
	}
	return i
}

func pushBits(L *lua.LState, i int64) int {
	x, exact := number.Float(i)
	if !exact {
		thread.Errorf(L, "integer result %d is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)", i)
	}
	L.Push(lua.LNumber(x))
	return 1
}

// bitOperation does what Lua does: numbers first, then metamethods. Strings are not converted.
func bitOperation(L *lua.LState, event string, f func(a, b int64) int64) int {
	a, b := L.Get(1), L.Get(2)
	x, xok := a.(lua.LNumber)
	y, yok := b.(lua.LNumber)
	if xok && yok {
		i, iok := number.Integer(float64(x))
		j, jok := number.Integer(float64(y))
		if iok && jok {
			return pushBits(L, f(i, j))
		}
		return pushBits(L, f(bitsOf(L, a, 0), bitsOf(L, b, 1)))
	}
	if m := metamethod(L, a, b, event); m != lua.LNil {
		L.Push(binary(L, m, a, b))
		return 1
	}
	bad, at := a, 0
	if xok {
		bad, at = b, 1
	}
	thread.Errorf(L, "attempt to perform bitwise operation on a %s value%s", TypeName(L, bad), describe(L, at))
	return 0
}

func bitAnd(L *lua.LState) int {
	return bitOperation(L, "__band", func(a, b int64) int64 { return a & b })
}

func bitOr(L *lua.LState) int {
	return bitOperation(L, "__bor", func(a, b int64) int64 { return a | b })
}

func bitXor(L *lua.LState) int {
	return bitOperation(L, "__bxor", func(a, b int64) int64 { return a ^ b })
}

func shiftLeft(L *lua.LState) int { return bitOperation(L, "__shl", ShiftLeft) }

func shiftRight(L *lua.LState) int { return bitOperation(L, "__shr", ShiftRight) }

// ShiftRight shifts a by b bits to the right, to the left if b is negative. Zeros come in.
func ShiftRight(a, b int64) int64 {
	if b == math.MinInt64 {
		return 0
	}
	return ShiftLeft(a, -b)
}

// ShiftLeft shifts a by b bits to the left, to the right if b is negative. Zeros come in.
func ShiftLeft(a, b int64) int64 {
	switch {
	case b <= -64 || b >= 64:
		return 0
	case b >= 0:
		return int64(uint64(a) << b)
	}
	return int64(uint64(a) >> -b)
}

func bitNot(L *lua.LState) int {
	v := L.Get(1)
	if _, ok := v.(lua.LNumber); !ok {
		if m := field(L, v, "__bnot"); m != lua.LNil {
			L.Push(binary(L, m, v, v))
			return 1
		}
	}
	return pushBits(L, ^bitsOf(L, v, 0))
}
