package syntax

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

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

// A Numeric is the value of a number literal.
type Numeric struct {
	// IsInt says that Int is the value: an integer of 5.3 and later, or a LL or ULL of LuaJIT.
	IsInt bool
	Int   int64
	// Float is the value otherwise; for an integer it is the nearest float.
	Float float64
}

// Number returns the value of a Number; zero if the numeral is malformed.
func (t *Tree) Number(node Node) Numeric {
	n := splitNumeral(t.Text(node))
	if n.malformed {
		return Numeric{}
	}
	integral := !n.point && !n.hasExponent
	wide := strings.Contains(n.suffix, "ll")
	if integral && (wide || t.Dialect >= Lua53 && t.Dialect != LuaJIT) {
		if v, ok := integerValue(n, wide); ok {
			return Numeric{IsInt: true, Int: v, Float: float64(v)}
		}
	}
	return Numeric{Float: floatValue(n)}
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

// Str returns the value of a String: for a quoted or long one the bytes it denotes, for
// a bare name the name. It is "" for other kinds. Without an escape sequence it does not
// allocate.
func (t *Tree) Str(node Node) string {
	if t.nodes[node].kind != String {
		return ""
	}
	s := t.Text(node)
	if t.nodes[node].flags&flagBare != 0 {
		return s
	}
	if s == "" {
		return ""
	}
	if s[0] == '[' {
		return longValue(s)
	}
	if len(s) < 2 || s[len(s)-1] != s[0] {
		return "" // unfinished
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	return unescape(s, t.Dialect)
}

// longValue returns the contents of [==[ ]==]: without a first line break, with others as \n.
func longValue(s string) string {
	level := 1
	for level < len(s) && s[level] == '=' {
		level++
	}
	level++
	if len(s) < 2*level {
		return ""
	}
	s = s[level : len(s)-level]
	if len(s) > 0 && (s[0] == '\n' || s[0] == '\r') {
		s = s[1+pairedBreak(s):]
	}
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\r' || s[i] == '\n' {
			i += pairedBreak(s[i:])
			b.WriteByte('\n')
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// pairedBreak returns 1 if s starts with \r\n or \n\r, else 0.
func pairedBreak(s string) int {
	if len(s) > 1 && (s[1] == '\n' || s[1] == '\r') && s[1] != s[0] {
		return 1
	}
	return 0
}

// unescape decodes the inside of a quoted string.
func unescape(s string, d Dialect) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		i++
		if c != '\\' || i >= len(s) {
			b.WriteByte(c)
			continue
		}
		c = s[i]
		i++
		if at := strings.IndexByte("abfnrtv", c); at >= 0 {
			b.WriteByte("\a\b\f\n\r\t\v"[at])
			continue
		}
		switch {
		case c == '\n' || c == '\r':
			i += pairedBreak(s[i-1:])
			b.WriteByte('\n')
		case c == 'x' && d != Lua51 && i+1 < len(s):
			b.WriteByte(hexValue(s[i])<<4 | hexValue(s[i+1]))
			i += 2
		case c == 'z' && d != Lua51:
			for i < len(s) && class[s[i]]&cSpace != 0 {
				i++
			}
		case c == 'u' && d != Lua51 && i < len(s) && s[i] == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				break
			}
			v, _ := strconv.ParseUint(s[i+1:i+end], 16, 32)
			b.Write(appendWideUTF8(nil, uint32(v)))
			i += end + 1
		case class[c]&cDigit != 0:
			v := int(c - '0')
			for k := 0; k < 2 && i < len(s) && class[s[i]]&cDigit != 0; k++ {
				v = v*10 + int(s[i]-'0')
				i++
			}
			b.WriteByte(byte(v))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// appendWideUTF8 encodes code points up to 2^31, as Lua 5.4 does.
func appendWideUTF8(b []byte, v uint32) []byte {
	if v < utf8.RuneSelf {
		return append(b, byte(v))
	}
	n := 2
	for ; n < 6 && v>>(5*uint(n)+1) != 0; n++ {
	}
	b = append(b, byte(0xFF<<(8-n))|byte(v>>(6*uint(n-1))))
	for k := n - 2; k >= 0; k-- {
		b = append(b, 0x80|byte(v>>(6*uint(k)))&0x3F)
	}
	return b
}

func commentText(s string) string {
	switch {
	case strings.HasPrefix(s, "#"):
		return strings.TrimSpace(s[1:])
	case strings.HasPrefix(s, "--["):
		level := 3
		for level < len(s) && s[level] == '=' {
			level++
		}
		if level < len(s) && s[level] == '[' {
			s = s[level+1:]
			return strings.TrimSpace(strings.TrimSuffix(s, "]"+strings.Repeat("=", level-3)+"]"))
		}
	}
	return strings.TrimSpace(strings.TrimLeft(s, "-"))
}

func annotation(s string) (tag, rest string, ok bool) {
	s, found := strings.CutPrefix(s, "---")
	if !found {
		return "", "", false
	}
	s, found = strings.CutPrefix(strings.TrimLeft(s, " \t"), "@")
	if !found {
		return "", "", false
	}
	end := 0
	for end < len(s) && (class[s[end]]&(cAlpha|cDigit) != 0 || s[end] == '-') {
		end++
	}
	return s[:end], strings.TrimSpace(s[end:]), end > 0
}
