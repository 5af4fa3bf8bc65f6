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

// Parse is Read for whom the nearest float64 will do.
func Parse(s string) (float64, bool) {
	x, _, ok := Read(s)
	return x, ok
}
