package number

import (
	"math"
	"strconv"
	"strings"
)

const spaces = " \f\n\r\t\v"

// Read reads a text as a number of Lua's source: decimal or hexadecimal, with or without
// fraction and exponent, spaces around it. A hexadecimal integer wraps round at 64 bits.
// Exact is false for an integer within 64 bits that no float64 holds: f is another number
// then. Floats are always exact enough.
func Read(text string) (f float64, exact, ok bool) {
	if n := len(text); n > 0 && n <= 15 {
		if f, ok := parseDigits(text); ok {
			return f, true, true
		}
	}
	text = strings.Trim(text, spaces)
	digits := text
	negative := false
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		negative = digits[0] == '-'
		digits = digits[1:]
	}
	if len(digits) >= 2 && digits[0] == '0' && digits[1]|0x20 == 'x' {
		return parseHex(digits[2:], negative)
	}
	return parseDecimal(digits, negative)
}

// parseDigits reads the common case: digits and nothing else.
func parseDigits(text string) (float64, bool) {
	n := int64(0)
	for i := range len(text) {
		c := text[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	return float64(n), true
}

func parseDecimal(digits string, negative bool) (f float64, exact, ok bool) {
	integer := digits != ""
	for i := range len(digits) {
		switch c := digits[i]; {
		case '0' <= c && c <= '9':
		case c == '.' || c|0x20 == 'e':
			integer = false
		case (c == '+' || c == '-') && i > 0 && digits[i-1]|0x20 == 'e':
		default: // keeps "inf", "nan", "1_000" and "0b1" out
			return 0, false, false
		}
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false, false
	}
	exact = true
	if integer && f >= Exact {
		n, err := strconv.ParseUint(digits, 10, 64)
		fits := err == nil && (n <= math.MaxInt64 || negative && n == 1<<63)
		exact = !fits || f < 1<<63 && uint64(f) == n || n == 1<<63
	}
	if negative {
		f = -f
		if integer && f == 0 {
			f = 0 // there is no negative integer zero
		}
	}
	return f, exact, true
}

func parseHex(digits string, negative bool) (f float64, exact, ok bool) {
	var bits uint64 // of an integer, wrapping round
	mantissa, exponent := 0.0, 0
	seen, point := false, false
	significant := 0
	i := 0
	for ; i < len(digits); i++ {
		c := digits[i]
		if c == '.' {
			if point {
				return 0, false, false
			}
			point = true
			continue
		}
		d, isDigit := hexDigit(c)
		if !isDigit {
			break
		}
		seen = true
		bits = bits<<4 | uint64(d)
		switch {
		case significant == 0 && d == 0:
		case significant < 30:
			significant++
			mantissa = mantissa*16 + float64(d)
		default:
			exponent += 4
			if point {
				exponent -= 4
			}
			continue
		}
		if point {
			exponent -= 4
		}
	}
	if !seen {
		return 0, false, false
	}
	integer := !point && i == len(digits)
	if i < len(digits) {
		if digits[i]|0x20 != 'p' {
			return 0, false, false
		}
		e, err := strconv.ParseInt(digits[i+1:], 10, 64)
		if err != nil {
			if numErr, isNum := err.(*strconv.NumError); !isNum || numErr.Err != strconv.ErrRange {
				return 0, false, false
			}
		}
		exponent += int(min(max(e, -1<<20), 1<<20))
	}
	if integer {
		n := int64(bits)
		if negative {
			n = -n
		}
		f = float64(n)
		_, exact = Float(n)
		return f, exact, true
	}
	f = math.Ldexp(mantissa, exponent)
	if negative {
		f = -f
	}
	return f, true, true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// ReadBase reads an integer in a base from 2 to 36, as tonumber does with a base. An
// integer of more than 64 bits wraps round; exact is false where no float64 holds it.
func ReadBase(text string, base int) (f float64, exact, ok bool) {
	text = strings.Trim(text, spaces)
	negative := strings.HasPrefix(text, "-")
	if negative {
		text = text[1:]
	}
	if text == "" {
		return 0, false, false
	}
	var n uint64
	for i := range len(text) {
		c := text[i]
		var d byte
		switch {
		case '0' <= c && c <= '9':
			d = c - '0'
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			d = c | 0x20 - 'a' + 10
		default:
			return 0, false, false
		}
		if int(d) >= base {
			return 0, false, false
		}
		n = n*uint64(base) + uint64(d)
	}
	if negative {
		n = -n
	}
	f, exact = Float(int64(n))
	return f, exact, true
}
