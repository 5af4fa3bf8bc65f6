package operator

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/thread"
)

// A step of the program of Integers: the expression in postfix order. Between the steps numbers
// have 64 bits and wrap around, as in Lua: so (x * 1103515245 + 12345) & 0x7fffffff is exact,
// though the product is beyond what the VM's numbers hold.
type step = byte

// The steps.
const (
	StepValue  step = 'v' // the next argument
	StepAdd    step = '+'
	StepSub    step = '-'
	StepMul    step = '*'
	StepNeg    step = 'n'
	StepAnd    step = '&'
	StepOr     step = '|'
	StepXor    step = '~'
	StepShl    step = '<'
	StepShr    step = '>'
	StepBitNot step = '!'
	StepIDiv   step = '/'
	StepMod    step = '%'
)

// maxSteps is how deep the stack of a program may get.
const maxStack = 64

func integers(L *lua.LState) int {
	program := string(L.Get(1).(lua.LString))
	top := L.GetTop()
	var stack [maxStack]int64
	for i := 2; i <= top; i++ {
		x, ok := L.Get(i).(lua.LNumber)
		if !ok {
			return anyValues(L, program)
		}
		if _, ok := number.Integer(float64(x)); !ok {
			return anyValues(L, program)
		}
	}
	sp, next := 0, 2
	for i := 0; i < len(program); i++ {
		switch program[i] {
		case StepValue:
			stack[sp] = int64(L.Get(next).(lua.LNumber))
			sp++
			next++
			continue
		case StepNeg:
			stack[sp-1] = -stack[sp-1]
			continue
		case StepBitNot:
			stack[sp-1] = ^stack[sp-1]
			continue
		}
		sp--
		a, b := stack[sp-1], stack[sp]
		switch program[i] {
		case StepAdd:
			a += b
		case StepSub:
			a -= b
		case StepMul:
			a *= b
		case StepAnd:
			a &= b
		case StepOr:
			a |= b
		case StepXor:
			a ^= b
		case StepShl:
			a = ShiftLeft(a, b)
		case StepShr:
			a = ShiftRight(a, b)
		case StepIDiv:
			if b == 0 {
				thread.Errorf(L, "attempt to divide by zero")
			}
			q := a / b
			if a%b != 0 && (a < 0) != (b < 0) {
				q--
			}
			a = q
		case StepMod:
			if b == 0 {
				thread.Errorf(L, "attempt to perform 'n%%0'")
			}
			m := a % b
			if m != 0 && (m < 0) != (b < 0) {
				m += b
			}
			a = m
		}
		stack[sp-1] = a
	}
	return pushBits(L, stack[0])
}

// anyValues computes a program on values that are not all integers, one operation after the other.
func anyValues(L *lua.LState, program string) int {
	var stack []lua.LValue
	next := 2
	for i := 0; i < len(program); i++ {
		switch program[i] {
		case StepValue:
			stack = append(stack, L.Get(next))
			next++
			continue
		case StepNeg:
			stack[len(stack)-1] = negate(L, stack[len(stack)-1])
			continue
		case StepBitNot:
			v := stack[len(stack)-1]
			stack[len(stack)-1] = binary(L, values[BitNot], v, v)
			continue
		}
		a, b := stack[len(stack)-2], stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		var v lua.LValue
		switch program[i] {
		case StepAdd:
			v = arith(L, "add", a, b, func(x, y float64) float64 { return x + y })
		case StepSub:
			v = arith(L, "sub", a, b, func(x, y float64) float64 { return x - y })
		case StepMul:
			v = arith(L, "mul", a, b, func(x, y float64) float64 { return x * y })
		default:
			v = binary(L, values[hosted[program[i]]], a, b)
		}
		stack[len(stack)-1] = v
	}
	L.Push(stack[0])
	return 1
}

var hosted = map[step]Op{
	StepAnd: BitAnd, StepOr: BitOr, StepXor: BitXor, StepShl: Shl, StepShr: Shr, StepIDiv: IDiv, StepMod: Mod,
}

func arith(L *lua.LState, name string, a, b lua.LValue, f func(x, y float64) float64) lua.LValue {
	x, xok := a.(lua.LNumber)
	y, yok := b.(lua.LNumber)
	if xok && yok {
		return lua.LNumber(f(float64(x), float64(y)))
	}
	if m := metamethod(L, a, b, "__"+name); m != lua.LNil {
		return binary(L, m, a, b)
	}
	arithmeticError(L, a, b, "perform arithmetic on")
	return lua.LNil
}

func negate(L *lua.LState, v lua.LValue) lua.LValue {
	if x, ok := v.(lua.LNumber); ok {
		return -x
	}
	if m := field(L, v, "__unm"); m != lua.LNil {
		return binary(L, m, v, v)
	}
	arithmeticError(L, v, v, "perform arithmetic on")
	return lua.LNil
}
