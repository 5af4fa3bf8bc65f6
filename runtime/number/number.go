// Package number is what numbers are here: the VM has float64 alone, Lua 5.4 has integers too.
//
// A number is an integer if it is whole and lies between -2^53 and 2^53, where every whole
// number has a float64 of its own; any other number is a float. So 10/2 is the integer 5, and
// arithmetic that leaves the range gives a float and prints as one. Operations that only make
// sense on exact integers (bits, shifts, string.pack) refuse what is not one: see Integer.
package number

import (
	"math"
	"strconv"
)

// Exact is the largest distance from zero of an integer.
const Exact = 1 << 53

// Integer returns x as an integer; ok is false for a fraction and for what lies out of range.
func Integer(x float64) (i int64, ok bool) {
	if x >= -Exact && x <= Exact {
		i = int64(x)
		return i, float64(i) == x
	}
	return 0, false
}

// Whole reports whether x is whole, in the range of integers or out of it.
func Whole(x float64) bool { return x == math.Floor(x) && !math.IsInf(x, 0) }

// Float returns the number of an int64, and whether it is that number exactly.
func Float(i int64) (x float64, exact bool) {
	x = float64(i)
	return x, x < 1<<63 && int64(x) == i
}

// Format writes a number as tostring does.
func Format(x float64) string {
	if i, ok := Integer(x); ok {
		return strconv.FormatInt(i, 10)
	}
	var buf [32]byte
	return string(Append(buf[:0], x))
}

// Append appends what Format writes.
func Append(b []byte, x float64) []byte {
	if i, ok := Integer(x); ok {
		return strconv.AppendInt(b, i, 10)
	}
	switch {
	case math.IsNaN(x):
		if math.Signbit(x) {
			b = append(b, '-')
		}
		return append(b, "nan"...)
	case math.IsInf(x, 1):
		return append(b, "inf"...)
	case math.IsInf(x, -1):
		return append(b, "-inf"...)
	}
	return strconv.AppendFloat(b, x, 'g', 14, 64)
}

// Parse reads a number as tonumber does: decimal or hexadecimal, whole or not, with white
// space around it. Whole hexadecimal numbers wrap around at 64 bits, as in Lua.
func Parse(s string) (float64, bool) {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	digits, negative := s, false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		digits = s[1:]
	}
	if len(digits) > 1 && digits[0] == '0' && digits[1]|0x20 == 'x' {
		return parseHex(digits[2:], negative)
	}
	// The standard library also takes "inf", "nan" and underscores.
	for i := 0; i < len(digits); i++ {
		switch c := digits[i]; {
		case c >= '0' && c <= '9' || c == '.' || c|0x20 == 'e':
		case (c == '+' || c == '-') && i > 0 && digits[i-1]|0x20 == 'e':
		default:
			return 0, false
		}
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(x, 0) {
		return 0, false
	}
	return x, digits != ""
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func parseHex(s string, negative bool) (float64, bool) {
	var whole uint64
	var x float64
	any, point, exponent := false, false, 0
	i := 0
	for ; i < len(s); i++ {
		c := s[i]
		var d int
		switch {
		case c >= '0' && c <= '9':
			d = int(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = int(c|0x20-'a') + 10
		case c == '.' && !point:
			point = true
			continue
		default:
			d = -1
		}
		if d < 0 {
			break
		}
		any = true
		whole = whole<<4 | uint64(d)
		x = x*16 + float64(d)
		if point {
			exponent -= 4
		}
	}
	if !any {
		return 0, false
	}
	if i < len(s) {
		if s[i]|0x20 != 'p' {
			return 0, false
		}
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > 1<<20 || e < -1<<20 {
			return 0, false
		}
		exponent += e
		point = true
	}
	if !point {
		v := int64(whole)
		if negative {
			v = -v
		}
		return float64(v), true
	}
	x = math.Ldexp(x, exponent)
	if negative {
		x = -x
	}
	return x, true
}
