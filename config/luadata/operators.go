package luadata

import (
	"fmt"
	"math"
	"strings"

	"github.com/skylint/skylint/syntax"
)

// maxString bounds the text that concatenation makes; beyond it a value is unknown. A few
// lines can double a string often enough to fill any memory.
const maxString = 1 << 14

// concat joins values, of which each is a string, a number or unknown.
func concat(parts []Value) Value {
	var b strings.Builder
	result := Value{Kind: String}
	for i := range parts {
		p := &parts[i]
		switch {
		case p.Kind == Unknown:
			b.WriteString(Hole)
			note(&result, *p)
		case p.Kind == String:
			b.WriteString(p.Str)
			if p.Partial {
				note(&result, *p)
			}
		case p.Kind == Number:
			b.WriteString(FormatNumber(p.Number))
		default:
			return Value{Reason: fmt.Sprintf("it concatenates %s", p.Kind), File: p.File, At: p.At}
		}
		if b.Len() > maxString {
			return Value{Reason: fmt.Sprintf("it is longer than %d bytes", maxString)}
		}
	}
	result.Str = b.String()
	if strings.Trim(result.Str, Hole) == "" && result.Partial {
		return Value{Reason: result.Reason, File: result.File, At: result.At}
	}
	return result
}

// note takes over the first reason why a string is partly unknown, and its place.
func note(to *Value, from Value) {
	if !to.Partial {
		to.Partial, to.Reason, to.File, to.At = true, from.Reason, from.File, from.At
	}
}

func integer(i int64) Value {
	return Value{Kind: Number, Number: syntax.Numeric{IsInt: true, Int: i, Float: float64(i)}}
}

func float(f float64) Value { return Value{Kind: Number, Number: syntax.Numeric{Float: f}} }

func boolean(b bool) Value { return Value{Kind: Boolean, Bool: b} }

// binary applies an operator other than and, or and concatenation to known values, as Lua
// 5.4 does. ok is false where it does not apply.
func binary(op syntax.Op, a, b Value) (v Value, ok bool) {
	switch op {
	case syntax.Eq:
		return boolean(equal(a, b)), true
	case syntax.Ne:
		return boolean(!equal(a, b)), true
	case syntax.Gt:
		return binary(syntax.Lt, b, a)
	case syntax.Ge:
		return binary(syntax.Le, b, a)
	}
	if a.Kind == String && b.Kind == String {
		switch op {
		case syntax.Lt:
			return boolean(a.Str < b.Str), true
		case syntax.Le:
			return boolean(a.Str <= b.Str), true
		}
	}
	if a.Kind != Number || b.Kind != Number {
		return Value{}, false
	}
	if a.Number.IsInt && b.Number.IsInt {
		if v, ok := integers(op, a.Number.Int, b.Number.Int); ok {
			return v, true
		}
	}
	x, y := a.Number.Float, b.Number.Float
	switch op {
	case syntax.Lt:
		return boolean(x < y), true
	case syntax.Le:
		return boolean(x <= y), true
	case syntax.Add:
		return float(x + y), true
	case syntax.Sub:
		return float(x - y), true
	case syntax.Mul:
		return float(x * y), true
	case syntax.Div:
		return float(x / y), true
	case syntax.Pow:
		return float(math.Pow(x, y)), true
	case syntax.IDiv:
		return float(math.Floor(x / y)), true
	case syntax.Mod:
		m := math.Mod(x, y)
		if m != 0 && (m < 0) != (y < 0) {
			m += y
		}
		return float(m), true
	}
	return Value{}, false
}

func integers(op syntax.Op, x, y int64) (Value, bool) {
	switch op {
	case syntax.Lt:
		return boolean(x < y), true
	case syntax.Le:
		return boolean(x <= y), true
	case syntax.Add:
		return integer(x + y), true
	case syntax.Sub:
		return integer(x - y), true
	case syntax.Mul:
		return integer(x * y), true
	case syntax.BitAnd:
		return integer(x & y), true
	case syntax.BitOr:
		return integer(x | y), true
	case syntax.BitXor:
		return integer(x ^ y), true
	case syntax.Shl:
		return integer(shift(x, y)), true
	case syntax.Shr:
		return integer(shift(x, -y)), true
	case syntax.IDiv, syntax.Mod:
		if y == 0 {
			return Value{}, true
		}
		q, m := x/y, x%y
		if m != 0 && (m < 0) != (y < 0) {
			q, m = q-1, m+y
		}
		if op == syntax.IDiv {
			return integer(q), true
		}
		return integer(m), true
	}
	return Value{}, false
}

// shift moves the bits of x to the left, to the right if by is negative, filling with zeros.
func shift(x, by int64) int64 {
	switch {
	case by <= -64 || by >= 64:
		return 0
	case by < 0:
		return int64(uint64(x) >> -by)
	}
	return int64(uint64(x) << by)
}

func equal(a, b Value) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case Boolean:
		return a.Bool == b.Bool
	case Number:
		if a.Number.IsInt && b.Number.IsInt {
			return a.Number.Int == b.Number.Int
		}
		return a.Number.Float == b.Number.Float
	case String:
		return a.Str == b.Str
	case TableKind:
		return a.Table == b.Table
	}
	return true
}
