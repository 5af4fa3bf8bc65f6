// Package mathlib is Lua's library math.
//
// There is one type of number: what is whole and exact counts as an integer (see package
// number).
package mathlib

import (
	"math"
	"math/bits"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// Functions are the functions of the library.
var Functions = []library.Function{
	{Name: "abs", Call: one(math.Abs)}, {Name: "acos", Call: one(math.Acos)}, {Name: "asin", Call: one(math.Asin)},
	{Name: "atan", Call: atan}, {Name: "ceil", Call: one(math.Ceil)}, {Name: "cos", Call: one(math.Cos)},
	{Name: "deg", Call: one(func(x float64) float64 { return x * (180 / math.Pi) })}, {Name: "exp", Call: one(math.Exp)},
	{Name: "floor", Call: one(math.Floor)}, {Name: "fmod", Call: fmod}, {Name: "log", Call: log}, {Name: "max", Call: maximum},
	{Name: "min", Call: minimum}, {Name: "modf", Call: modf},
	{Name: "rad", Call: one(func(x float64) float64 { return x * (math.Pi / 180) })}, {Name: "random", Call: random},
	{Name: "randomseed", Call: randomSeed}, {Name: "sin", Call: one(math.Sin)}, {Name: "sqrt", Call: one(math.Sqrt)},
	{Name: "tan", Call: one(math.Tan)}, {Name: "tointeger", Call: toInteger}, {Name: "type", Call: kind}, {Name: "ult", Call: ult},
}

// Values are the constants of the library. The integers are those that a number holds exactly.
var Values = map[string]lua.LValue{
	"pi": lua.LNumber(math.Pi), "huge": lua.LNumber(math.Inf(1)),
	"maxinteger": lua.LNumber(number.Exact), "mininteger": lua.LNumber(-number.Exact),
}

func one(f func(float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LNumber(f(arg.Number(L, 1))))
		return 1
	}
}

func atan(L *lua.LState) int {
	L.Push(lua.LNumber(math.Atan2(arg.Number(L, 1), arg.OptNumber(L, 2, 1))))
	return 1
}

func fmod(L *lua.LState) int {
	y := arg.Number(L, 2) // first, as a compiled Lua has it
	x := arg.Number(L, 1)
	_, xok := number.Integer(x)
	_, yok := number.Integer(y)
	if xok && yok && y == 0 {
		arg.Error(L, 2, "zero")
	}
	L.Push(lua.LNumber(math.Mod(x, y)))
	return 1
}

func log(L *lua.LState) int {
	x := arg.Number(L, 1)
	switch base := arg.OptNumber(L, 2, math.E); {
	case L.Get(2) == lua.LNil:
		x = math.Log(x)
	case base == 2:
		x = math.Log2(x)
	case base == 10:
		x = math.Log10(x)
	default:
		x = math.Log(x) / math.Log(base)
	}
	L.Push(lua.LNumber(x))
	return 1
}

func maximum(L *lua.LState) int {
	return extreme(L, func(best, v lua.LValue) bool { return value.Less(L, best, v) })
}

func minimum(L *lua.LState) int {
	return extreme(L, func(best, v lua.LValue) bool { return value.Less(L, v, best) })
}

// extreme takes whatever can be compared, as Lua does.
func extreme(L *lua.LState, better func(best, v lua.LValue) bool) int {
	n := L.GetTop()
	arg.Check(L, n >= 1, 1, "value expected")
	best := L.Get(1)
	for i := 2; i <= n; i++ {
		if v := L.Get(i); better(best, v) {
			best = v
		}
	}
	L.Push(best)
	return 1
}

func modf(L *lua.LState) int {
	x := arg.Number(L, 1)
	whole := math.Trunc(x)
	rest := 0.0
	if !math.IsInf(x, 0) {
		rest = x - whole
	}
	L.Push(lua.LNumber(whole))
	L.Push(lua.LNumber(rest))
	return 2
}

func toInteger(L *lua.LState) int {
	v := arg.Any(L, 1)
	f, ok := value.ToNumber(L, v)
	if _, isInteger := number.Integer(f); ok && isInteger {
		L.Push(lua.LNumber(f))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

func kind(L *lua.LState) int {
	f, ok := arg.Any(L, 1).(lua.LNumber)
	_, isInteger := number.Integer(float64(f))
	switch {
	case !ok:
		L.Push(lua.LNil)
	case isInteger:
		L.Push(lua.LString("integer"))
	default:
		L.Push(lua.LString("float"))
	}
	return 1
}

func ult(L *lua.LState) int {
	L.Push(lua.LBool(uint64(arg.Integer(L, 1)) < uint64(arg.Integer(L, 2))))
	return 1
}

func source(L *lua.LState) *rand.PCG {
	h := host.Of(L)
	if h.Random == nil {
		h.Random = rand.NewPCG(rand.Uint64(), rand.Uint64())
	}
	return h.Random
}

// below returns a number from 0 to most.
func below(r *rand.PCG, most uint64) uint64 {
	if most == math.MaxUint64 {
		return r.Uint64()
	}
	high, low := bits.Mul64(r.Uint64(), most+1)
	if low <= most {
		for threshold := -(most + 1) % (most + 1); low < threshold; {
			high, low = bits.Mul64(r.Uint64(), most+1)
		}
	}
	return high
}

func random(L *lua.LState) int {
	r := source(L)
	low, up := int64(1), int64(0)
	switch L.GetTop() {
	case 0:
		L.Push(lua.LNumber(float64(r.Uint64()>>11) / (1 << 53)))
		return 1
	case 1:
		up = arg.Integer(L, 1)
		if up == 0 { // all bits that a number holds exactly
			L.Push(lua.LNumber(int64(r.Uint64()) >> 10))
			return 1
		}
	case 2:
		low, up = arg.Integer(L, 1), arg.Integer(L, 2)
	default:
		thread.Errorf(L, "wrong number of arguments")
	}
	arg.Check(L, low <= up, 1, "interval is empty")
	L.Push(lua.LNumber(low + int64(below(r, uint64(up)-uint64(low)))))
	return 1
}

func randomSeed(L *lua.LState) int {
	a, b := rand.Uint64(), rand.Uint64()
	if L.GetTop() > 0 {
		f := arg.Number(L, 1)
		a, b = math.Float64bits(f), uint64(arg.OptInteger(L, 2, 0))
	}
	host.Of(L).Random = rand.NewPCG(a, b)
	L.Push(lua.LNumber(a >> 11))
	L.Push(lua.LNumber(b >> 11))
	return 2
}
