package syntax

import (
	"math"
	"strconv"
	"strings"
)

// number scans a numeral as the dialect's own scanner would, then checks it.
func (s *scanner) number() lexeme {
	start := s.pos
	s.pos = numeralEnd(s.src, start, s.dialect)
	text := s.src[start:s.pos]
	valid := validNumber(text, s.dialect)
	if valid && s.dialect == Lua51 && s.peek(0) == '.' && s.peek(1) != '.' && len(text) > 2 && class[text[1]]&cAlpha != 0 {
		// A hexadecimal fraction. 5.1 takes the point for a token that cannot stand here.
		valid = false
		s.pos = numeralEnd(s.src, start, Lua52)
		text = s.src[start:s.pos]
	}
	if !valid {
		var accepts DialectSet
		word := s.src[start:wordEnd(s.src, start)]
		for _, d := range Dialects() {
			if end := numeralEnd(s.src, start, d); d != s.dialect && end-start >= len(word) && validNumber(s.src[start:end], d) {
				accepts |= DialectsOf(d)
			}
		}
		s.errorAt(start, s.pos, s.pos, "malformed number "+clip(text), accepts)
	}
	return lexeme{tNumber, uint32(start), uint32(s.pos)}
}

// wordEnd returns the end of the letters and digits at start.
func wordEnd(src string, start int) int {
	i := start
	for i < len(src) && class[src[i]]&(cAlpha|cDigit|cHigh) != 0 {
		i++
	}
	return i
}

// numeralEnd returns up to where a dialect's scanner reads a numeral, valid or not.
func numeralEnd(src string, start int, d Dialect) int {
	i := start
	is := func(i int, bits uint8) bool { return i < len(src) && class[src[i]]&bits != 0 }
	isAny := func(i int, a, b byte) bool { return i < len(src) && (src[i] == a || src[i] == b) }
	first := i
	if src[i] == '.' {
		first++
	}
	hex := src[first] == '0' && isAny(first+1, 'x', 'X') // even behind a point
	low, up := byte('e'), byte('E')
	if hex && d != Lua51 {
		low, up = 'p', 'P'
	}
	switch d {
	case Lua51:
		for is(i, cDigit) || isAny(i, '.', '.') {
			i++
		}
		if isAny(i, low, up) {
			if i++; isAny(i, '+', '-') {
				i++
			}
		}
		return wordEndASCII(src, i)
	case LuaJIT:
		for is(i, cAlpha|cDigit|cHigh) || isAny(i, '.', '.') || i > start && isAny(i, '+', '-') && isAny(i-1, low, up) {
			i++
		}
		return i
	}
	if hex {
		i = first + 2
	}
	for {
		if isAny(i, low, up) {
			if i++; isAny(i, '+', '-') {
				i++
			}
		} else if is(i, cHex) || isAny(i, '.', '.') {
			i++
		} else {
			break
		}
	}
	if d >= Lua54 && is(i, cAlpha) {
		i++ // as the reference does, to force an error
	}
	return i
}

func wordEndASCII(src string, i int) int {
	for i < len(src) && class[src[i]]&(cAlpha|cDigit) != 0 {
		i++
	}
	return i
}

// numeral is a number literal taken apart.
type numeral struct {
	hex, binary bool
	whole, part string // digits before and behind the point
	point       bool
	exponent    string // with its sign
	hasExponent bool
	suffix      string // of LuaJIT, lower case: "ll", "ull", "llu", "i"
	malformed   bool
}

func digits(s string, bits uint8) int {
	i := 0
	for i < len(s) && class[s[i]]&bits != 0 {
		i++
	}
	return i
}

func splitNumeral(s string) (n numeral) {
	bits := cDigit
	rest := s
	if len(s) > 1 && s[0] == '0' {
		switch s[1] {
		case 'x', 'X':
			n.hex, bits, rest = true, cHex, s[2:]
		case 'b', 'B':
			n.binary, rest = true, s[2:]
		}
	}
	k := digits(rest, bits)
	n.whole, rest = rest[:k], rest[k:]
	if len(rest) > 0 && rest[0] == '.' {
		n.point = true
		k = digits(rest[1:], bits)
		n.part, rest = rest[1:1+k], rest[1+k:]
	}
	if n.whole == "" && n.part == "" {
		n.malformed = true
	}
	if len(rest) > 0 && (!n.hex && !n.binary && rest[0]|0x20 == 'e' || n.hex && rest[0]|0x20 == 'p') {
		n.hasExponent = true
		k = 1
		if k < len(rest) && (rest[k] == '+' || rest[k] == '-') {
			k++
		}
		d := digits(rest[k:], cDigit)
		if d == 0 {
			n.malformed = true
		}
		n.exponent, rest = rest[1:k+d], rest[k+d:]
	}
	n.suffix = strings.ToLower(rest)
	return n
}

// validNumber reports whether a dialect takes s, which its scanner has cut out, for a number.
func validNumber(s string, d Dialect) bool {
	n := splitNumeral(s)
	if n.malformed {
		return false
	}
	integral := !n.point && !n.hasExponent
	if d != LuaJIT {
		return !n.binary && n.suffix == ""
	}
	// LuaJIT's own limits: binary digits, exponent, digits behind the point.
	if n.binary && (!integral || strings.Trim(n.whole, "01") != "" || len(strings.TrimLeft(n.whole, "0")) > 64) ||
		len(strings.TrimLeft(n.exponent, "+-0")) > 7 || len(strings.TrimRight(n.part, "0")) >= 1<<20 {
		return false
	}
	if e, _ := strconv.Atoi(n.exponent); max(e, -e) >= 1<<20 {
		return false
	}
	switch n.suffix {
	case "ll", "ull", "llu":
		return integral && fitsWide(n)
	}
	return n.suffix == "" || n.suffix == "i"
}

// fitsWide reports whether an integer has at most 64 bits.
func fitsWide(n numeral) bool {
	s := strings.TrimLeft(n.whole, "0")
	if n.hex {
		return len(s) <= 16
	}
	_, err := strconv.ParseUint("0"+s, 10, 64)
	return n.binary || err == nil
}

// integerValue reads an integer; a hexadecimal one wraps around, a decimal one that is
// too large is none (unless wide, of LuaJIT).
func integerValue(n numeral, wide bool) (int64, bool) {
	base := uint64(10)
	if n.hex {
		base = 16
	} else if n.binary {
		base = 2
	}
	var v uint64
	for i := 0; i < len(n.whole); i++ {
		digit := uint64(hexValue(n.whole[i]))
		if base == 10 && !wide && (v > math.MaxInt64/10 || v*10+digit > math.MaxInt64) {
			return 0, false
		}
		v = v*base + digit
	}
	return int64(v), true
}

func floatValue(n numeral) float64 {
	if n.binary {
		v := 0.0
		for i := 0; i < len(n.whole); i++ {
			v = v*2 + float64(n.whole[i]-'0')
		}
		return v
	}
	s := n.whole
	if n.hex {
		s = "0x" + s
	}
	if n.point {
		s += "." + n.part
	}
	switch {
	case n.hasExponent && n.hex:
		s += "p" + n.exponent
	case n.hasExponent:
		s += "e" + n.exponent
	case n.hex:
		s += "p0"
	}
	v, _ := strconv.ParseFloat(s, 64) // out of range gives an infinity, as in Lua
	return v
}
