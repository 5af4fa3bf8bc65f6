// Package number reads and writes numbers as Lua 5.4 does, as far as float64 goes.
//
// The VM has one type of number. What has no fraction and is at most MaxExact counts as
// an integer, everything else as a float.
package number

import (
	"math"
	"strconv"
	"strings"
)

// MaxExact is 2^53: up to it every integer has a float64 of its own.
const MaxExact = 1 << 53

// IsInteger reports whether a number counts as an integer: it is exact, and written
// without a fraction.
func IsInteger(f float64) bool {
	return f == math.Trunc(f) && -MaxExact <= f && f <= MaxExact
}

// Int64 returns the integer that a number stands for; ok is false if it has a fraction, or
// is outside the range of int64. A number beyond MaxExact has a value here: its own.
func Int64(f float64) (i int64, ok bool) {
	if f != math.Trunc(f) || f < -(1<<63) || f >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

// Format writes a number as tostring does. A negative zero is written as 0: it is nearly
// always an integer's.
func Format(f float64) string {
	if IsInteger(f) {
		return strconv.FormatInt(int64(f), 10)
	}
	return string(AppendFloat(make([]byte, 0, 24), f))
}

// AppendFloat writes a number with 14 significant digits ("%.14g").
func AppendFloat(b []byte, f float64) []byte {
	switch {
	case f != f:
		if math.Signbit(f) {
			return append(b, "-nan"...)
		}
		return append(b, "nan"...)
	case f > math.MaxFloat64:
		return append(b, "inf"...)
	case f < -math.MaxFloat64:
		return append(b, "-inf"...)
	}
	return AppendG(b, f, 14, false)
}

// AppendG writes a finite number as C's %g does. With alternate, zeros at the end are kept.
func AppendG(b []byte, f float64, precision int, alternate bool) []byte {
	if precision == 0 {
		precision = 1
	}
	var scratch [32]byte
	e := strconv.AppendFloat(scratch[:0], f, 'e', precision-1, 64)
	mark := strings.LastIndexByte(string(e), 'e')
	exponent, err := strconv.Atoi(string(e[mark+1:]))
	if err != nil {
		panic("number: no exponent: " + string(e))
	}
	from := len(b)
	tail := ""
	if exponent < -4 || exponent >= precision {
		b = append(b, e[:mark]...)
		tail = string(e[mark:])
	} else {
		b = strconv.AppendFloat(b, f, 'f', precision-1-exponent, 64)
	}
	point := strings.IndexByte(string(b[from:]), '.')
	switch {
	case alternate && point < 0:
		b = append(b, '.')
	case !alternate && point >= 0:
		n := len(b)
		for b[n-1] == '0' {
			n--
		}
		if b[n-1] == '.' {
			n--
		}
		b = b[:n]
	}
	return append(b, tail...)
}
