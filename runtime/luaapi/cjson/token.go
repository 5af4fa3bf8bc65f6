package cjson

import (
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/thread"
)

type kind uint8

const (
	objectBegin kind = iota
	objectEnd
	arrayBegin
	arrayEnd
	textToken
	numberToken
	booleanToken
	nullToken
	colon
	comma
	end
	failure
)

// kindNames are those of lua-cjson: its messages show them.
var kindNames = [...]string{
	"T_OBJ_BEGIN", "T_OBJ_END", "T_ARR_BEGIN", "T_ARR_END", "T_STRING", "T_NUMBER", "T_BOOLEAN", "T_NULL", "T_COLON", "T_COMMA", "T_END", "T_ERROR",
}

// A token is a word of JSON. The value is that of a string, number or boolean.
type token struct {
	kind    kind
	at      int
	value   lua.LValue
	problem string // of a failure
}

var punctuation = map[byte]kind{'{': objectBegin, '}': objectEnd, '[': arrayBegin, ']': arrayEnd, ':': colon, ',': comma}

// next reads the next token.
func (d *decoder) next() token {
	limit.Of(d.L).Work(d.L, valueWork)
	from := d.at
	for d.at < len(d.text) && strings.IndexByte(" \t\n\r", d.text[d.at]) >= 0 {
		d.at++
	}
	if d.at-from > 64 {
		limit.Of(d.L).Work(d.L, int64(d.at-from)/16)
	}
	if d.at == len(d.text) {
		return token{kind: end, at: d.at}
	}
	c, rest := d.text[d.at], d.text[d.at:]
	at := d.at
	if k, ok := punctuation[c]; ok {
		d.at++
		return token{kind: k, at: at}
	}
	switch {
	case c == '"':
		return d.string()
	case c == '-' || '0' <= c && c <= '9':
		if !d.decodeInvalid && isInvalid(rest) {
			return d.fail("invalid number")
		}
		return d.number()
	case strings.HasPrefix(rest, "true"):
		d.at += 4
		return token{kind: booleanToken, at: at, value: lua.LTrue}
	case strings.HasPrefix(rest, "false"):
		d.at += 5
		return token{kind: booleanToken, at: at, value: lua.LFalse}
	case strings.HasPrefix(rest, "null"):
		d.at += 4
		return token{kind: nullToken, at: at}
	case d.decodeInvalid && isInvalid(rest):
		return d.number()
	}
	return d.fail("invalid token")
}

func (d *decoder) fail(problem string) token { return token{kind: failure, at: d.at, problem: problem} }

// isInvalid reports whether a text begins with a number that JSON has not.
func isInvalid(s string) bool {
	if s[0] == '+' {
		return true
	}
	s = strings.TrimPrefix(s, "-")
	switch {
	case s == "":
		return false
	case s[0] == '0':
		return len(s) > 1 && (s[1]|0x20 == 'x' || '0' <= s[1] && s[1] <= '9')
	case s[0] <= '9':
		return false
	}
	return hasWord(s, "inf") || hasWord(s, "nan")
}

func hasWord(s, word string) bool {
	return len(s) >= len(word) && strings.EqualFold(s[:len(word)], word)
}

// number reads what C's strtod reads.
func (d *decoder) number() token {
	n := numberLength(d.text[d.at:])
	if n == 0 {
		return d.fail("invalid number")
	}
	text := d.text[d.at : d.at+n]
	at := d.at
	d.at += n
	limit.Of(d.L).Work(d.L, int64(n)/4)
	digits := strings.TrimLeft(text, "+-")
	negative := text[0] == '-'
	var x lua.LNumber
	switch {
	case hasWord(digits, "inf"):
		x = infinity
	case hasWord(digits, "nan"):
		x = nan
	default:
		f, exact, ok := number.Read(text)
		if !ok {
			d.at = at
			return d.fail("invalid number")
		}
		if !exact {
			thread.Errorf(d.L, "integer %s at character %d is beyond 2^53 and cannot be held exactly (see docs/LUA.md, integers)", text, at+1)
		}
		return token{kind: numberToken, at: at, value: lua.LNumber(f)}
	}
	if negative {
		x = -x
	}
	return token{kind: numberToken, at: at, value: x}
}

// numberLength returns how much of a text is a number for strtod; 0 for none.
func numberLength(s string) int {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	switch {
	case hasWord(s[i:], "infinity"):
		return i + 8
	case hasWord(s[i:], "inf"), hasWord(s[i:], "nan"):
		return i + 3
	}
	isDigit, exponent := func(c byte) bool { return '0' <= c && c <= '9' }, byte('e')
	if len(s) > i+2 && s[i] == '0' && s[i+1]|0x20 == 'x' {
		hex := func(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }
		if hex(s[i+2]) || s[i+2] == '.' && len(s) > i+3 && hex(s[i+3]) {
			isDigit, exponent = hex, 'p'
			i += 2
		}
	}
	digits := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		fraction := i + 1
		for ; fraction < len(s) && isDigit(s[fraction]); fraction++ {
			digits++
		}
		if digits > 0 {
			i = fraction
		}
	}
	if digits == 0 {
		return 0
	}
	if i < len(s) && s[i]|0x20 == exponent {
		e := i + 1
		if e < len(s) && (s[e] == '+' || s[e] == '-') {
			e++
		}
		if e < len(s) && '0' <= s[e] && s[e] <= '9' {
			for i = e; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
			}
		}
	}
	return i
}

// unescaped has what stands behind a backslash, and the byte that it means.
var unescaped = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r'}

// string reads a string. Bytes that are no UTF-8, and control characters, are taken as they are.
func (d *decoder) string() token {
	at := d.at
	d.at++
	from := d.at
	for d.at < len(d.text) && d.text[d.at] != '"' && d.text[d.at] != '\\' && d.text[d.at] != 0 {
		d.at++
	}
	limit.Of(d.L).Work(d.L, int64(d.at-from)/16)
	if d.at < len(d.text) && d.text[d.at] == '"' {
		s := d.text[from:d.at]
		d.at++
		if len(s) > 64 {
			limit.Of(d.L).Charge(d.L, limit.String, int64(len(s)))
		}
		return token{kind: textToken, at: at, value: lua.LString(strings.Clone(s))}
	}
	// What the rest takes at most, without the text behind the string.
	size := d.at - from
	for i := d.at; i < len(d.text) && d.text[i] != '"'; i++ {
		if d.text[i] == '\\' {
			i++
		}
		size++
	}
	limit.Of(d.L).Work(d.L, int64(size)/8)
	limit.Of(d.L).Charge(d.L, limit.String, int64(size))
	out := append(make([]byte, 0, size), d.text[from:d.at]...)
	for {
		if d.at == len(d.text) || d.text[d.at] == 0 {
			return d.fail("unexpected end of string")
		}
		switch c := d.text[d.at]; {
		case c == '"':
			d.at++
			return token{kind: textToken, at: at, value: lua.LString(out)}
		case c != '\\':
			out = append(out, c)
			d.at++
		case d.at+1 < len(d.text) && d.text[d.at+1] == 'u':
			r, n := unicodeEscape(d.text[d.at:])
			if n == 0 {
				return d.fail("invalid unicode escape code")
			}
			out = utf8.AppendRune(out, r)
			d.at += n
		default:
			var meant byte
			if d.at+1 < len(d.text) {
				meant = unescaped[d.text[d.at+1]]
			}
			if meant == 0 {
				return d.fail("invalid escape code")
			}
			out = append(out, meant)
			d.at += 2
		}
	}
}

// unicodeEscape reads \uXXXX, or two of them that are the halves of a surrogate pair, and
// returns how many bytes that took; 0 if it is none.
func unicodeEscape(s string) (r rune, n int) {
	high, ok := fourDigits(s)
	if !ok {
		return 0, 0
	}
	if high&0xf800 != 0xd800 {
		return high, 6
	}
	low, ok := fourDigits(s[6:])
	if high&0x400 != 0 || !ok || low&0xfc00 != 0xdc00 {
		return 0, 0
	}
	return (high&0x3ff)<<10 + low&0x3ff + 0x10000, 12
}

func fourDigits(s string) (r rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(s[2:6]) {
		r <<= 4
		switch {
		case '0' <= c && c <= '9':
			r |= rune(c - '0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r |= rune(c|0x20-'a') + 10
		default:
			return 0, false
		}
	}
	return r, true
}
