package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

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
