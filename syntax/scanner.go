package syntax

import (
	"strconv"
	"strings"
)

// A token is the kind of a lexical element.
type token uint8

const (
	tEOF token = iota
	tBad       // a byte that starts no token
	tName
	tString
	tNumber

	// Keywords, in the order of keywordNames.
	tAnd
	tBreak
	tDo
	tElse
	tElseif
	tEnd
	tFalse
	tFor
	tFunction
	tGoto
	tIf
	tIn
	tLocal
	tNil
	tNot
	tOr
	tRepeat
	tReturn
	tThen
	tTrue
	tUntil
	tWhile

	// Operators and punctuation.
	tPlus
	tMinus
	tStar
	tSlash
	tDoubleSlash
	tPercent
	tCaret
	tHash
	tAmp
	tTilde
	tPipe
	tShl
	tShr
	tEq
	tNe
	tLe
	tGe
	tLt
	tGt
	tAssign
	tLParen
	tRParen
	tLBrace
	tRBrace
	tLBracket
	tRBracket
	tColon
	tDoubleColon
	tSemi
	tComma
	tDot
	tConcat
	tDots
	tokenCount
)

var tokenNames = [tokenCount]string{
	"end of file", "symbol", "name", "string", "number",
	"'and'", "'break'", "'do'", "'else'", "'elseif'", "'end'", "'false'", "'for'", "'function'", "'goto'", "'if'", "'in'",
	"'local'", "'nil'", "'not'", "'or'", "'repeat'", "'return'", "'then'", "'true'", "'until'", "'while'",
	"'+'", "'-'", "'*'", "'/'", "'//'", "'%'", "'^'", "'#'", "'&'", "'~'", "'|'", "'<<'", "'>>'",
	"'=='", "'~='", "'<='", "'>='", "'<'", "'>'", "'='", "'('", "')'", "'{'", "'}'", "'['", "']'",
	"':'", "'::'", "';'", "','", "'.'", "'..'", "'...'",
}

func (t token) String() string { return tokenNames[t] }

// Classes of bytes.
const (
	cSpace uint8 = 1 << iota
	cAlpha       // letters and _
	cDigit
	cHex
	cHigh // 0x80 and above: a letter to LuaJIT
)

var class = func() (t [256]uint8) {
	for _, c := range " \t\n\r\v\f" {
		t[c] |= cSpace
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] |= cAlpha
		t[c-'a'+'A'] |= cAlpha
	}
	t['_'] |= cAlpha
	for c := '0'; c <= '9'; c++ {
		t[c] |= cDigit | cHex
	}
	for c := 'a'; c <= 'f'; c++ {
		t[c] |= cHex
		t[c-'a'+'A'] |= cHex
	}
	for c := 0x80; c <= 0xff; c++ {
		t[c] |= cHigh
	}
	return
}()

// keyword returns the token of a reserved word, tName for any other word.
func keyword(s string) token {
	if len(s) < 2 || len(s) > 8 {
		return tName
	}
	switch s[0] {
	case 'a':
		if s == "and" {
			return tAnd
		}
	case 'b':
		if s == "break" {
			return tBreak
		}
	case 'd':
		if s == "do" {
			return tDo
		}
	case 'e':
		switch s {
		case "end":
			return tEnd
		case "else":
			return tElse
		case "elseif":
			return tElseif
		}
	case 'f':
		switch s {
		case "function":
			return tFunction
		case "for":
			return tFor
		case "false":
			return tFalse
		}
	case 'g':
		if s == "goto" {
			return tGoto
		}
	case 'i':
		switch s {
		case "if":
			return tIf
		case "in":
			return tIn
		}
	case 'l':
		if s == "local" {
			return tLocal
		}
	case 'n':
		switch s {
		case "nil":
			return tNil
		case "not":
			return tNot
		}
	case 'o':
		if s == "or" {
			return tOr
		}
	case 'r':
		switch s {
		case "return":
			return tReturn
		case "repeat":
			return tRepeat
		}
	case 't':
		switch s {
		case "then":
			return tThen
		case "true":
			return tTrue
		}
	case 'u':
		if s == "until" {
			return tUntil
		}
	case 'w':
		if s == "while" {
			return tWhile
		}
	}
	return tName
}

// lexeme is a token with its place.
type lexeme struct {
	tok        token
	start, end uint32
}

// scanner cuts the text into lexemes. Comments are collected, errors reported through
// fail; the token after an error is as good as can be had.
type scanner struct {
	src      string
	pos      int
	dialect  Dialect
	comments []Comment
	fail     func(Error)
}

func (s *scanner) peek(ahead int) byte {
	if i := s.pos + ahead; i < len(s.src) {
		return s.src[i]
	}
	return 0
}

func (s *scanner) errorAt(start, end, noticed int, message string, accepts DialectSet) {
	e := Error{Message: message, Noticed: uint32(min(noticed, len(s.src))), Accepts: accepts}
	e.Start, e.End = uint32(start), uint32(end)
	e.order = order(e.Noticed)&^0xFFFFFFFF + 1 // before what is wrong with the token
	s.fail(e)
}

// next scans one token.
func (s *scanner) next() lexeme {
	src := s.src
	for {
		for s.pos < len(src) && class[src[s.pos]]&cSpace != 0 {
			s.pos++
		}
		if s.pos >= len(src) {
			return lexeme{tEOF, uint32(len(src)), uint32(len(src))}
		}
		start := s.pos
		c := src[start]
		if class[c]&cAlpha != 0 {
			i := start + 1
			for i < len(src) && class[src[i]]&(cAlpha|cDigit) != 0 {
				i++
			}
			if i < len(src) && class[src[i]]&cHigh != 0 {
				return s.wideName(start)
			}
			s.pos = i
			return lexeme{keyword(src[start:i]), uint32(start), uint32(i)}
		}
		if class[c]&cDigit != 0 {
			return s.number()
		}
		t, n := tBad, 1
		switch c {
		case '-':
			if s.peek(1) == '-' {
				s.comment()
				continue
			}
			t = tMinus
		case '"', '\'':
			return s.quoted(c)
		case '[':
			if level, ok := s.longBracket(); ok {
				s.long(start, level, "string")
				return lexeme{tString, uint32(start), uint32(s.pos)}
			} else if level > 0 {
				s.pos = start + 1 + level
				s.errorAt(start, s.pos, s.pos, "bad long string: "+src[start:s.pos]+" is not followed by '['", 0)
				return lexeme{tString, uint32(start), uint32(s.pos)}
			}
			t = tLBracket
		case '.':
			switch {
			case s.peek(1) == '.' && s.peek(2) == '.':
				t, n = tDots, 3
			case s.peek(1) == '.':
				t, n = tConcat, 2
			case class[s.peek(1)]&cDigit != 0:
				return s.number()
			default:
				t = tDot
			}
		case '=':
			t, n = s.either('=', tAssign, tEq)
		case '<':
			if t, n = s.either('=', tLt, tLe); n == 1 && s.peek(1) == '<' {
				t, n = tShl, 2
			}
		case '>':
			if t, n = s.either('=', tGt, tGe); n == 1 && s.peek(1) == '>' {
				t, n = tShr, 2
			}
		case '~':
			t, n = s.either('=', tTilde, tNe)
		case '/':
			t, n = s.either('/', tSlash, tDoubleSlash)
		case ':':
			t, n = s.either(':', tColon, tDoubleColon)
		case '+':
			t = tPlus
		case '*':
			t = tStar
		case '%':
			t = tPercent
		case '^':
			t = tCaret
		case '#':
			t = tHash
		case '&':
			t = tAmp
		case '|':
			t = tPipe
		case '(':
			t = tLParen
		case ')':
			t = tRParen
		case '{':
			t = tLBrace
		case '}':
			t = tRBrace
		case ']':
			t = tRBracket
		case ';':
			t = tSemi
		case ',':
			t = tComma
		default:
			if class[c]&cHigh != 0 {
				return s.wideName(start)
			}
		}
		s.pos = start + n
		return lexeme{t, uint32(start), uint32(s.pos)}
	}
}

func (s *scanner) either(second byte, one, two token) (token, int) {
	if s.peek(1) == second {
		return two, 2
	}
	return one, 1
}

// wideName scans a name with bytes above 0x7f, which only LuaJIT takes for letters.
func (s *scanner) wideName(start int) lexeme {
	i := start
	bad := -1
	for i < len(s.src) && class[s.src[i]]&(cAlpha|cDigit|cHigh) != 0 {
		if bad < 0 && class[s.src[i]]&cHigh != 0 {
			bad = i
		}
		i++
	}
	s.pos = i
	if s.dialect != LuaJIT {
		s.errorAt(start, i, bad, "a name outside a string may have only the letters A to Z, digits and _ here", DialectsOf(LuaJIT))
	}
	return lexeme{tName, uint32(start), uint32(i)}
}

// longBracket looks at "[", "="*level, "[" from the current position.
func (s *scanner) longBracket() (level int, ok bool) {
	i := s.pos + 1
	for i < len(s.src) && s.src[i] == '=' {
		i++
	}
	return i - s.pos - 1, i < len(s.src) && s.src[i] == '['
}

// long moves behind a long string or comment whose "[" is at the current position.
func (s *scanner) long(start, level int, what string) {
	i := s.pos + level + 2
	if level == 0 && s.dialect == Lua51 {
		if at := strings.Index(s.src[i:], "[["); at >= 0 {
			if end := strings.Index(s.src[i:], "]]"); end < 0 || at < end {
				s.errorAt(i+at, i+at+2, i+at+2, "[[ within [[ ]] is not allowed: use [=[ ]=]", AllDialects&^DialectsOf(Lua51))
			}
		}
	}
	for {
		at := strings.IndexByte(s.src[i:], ']')
		if at < 0 {
			break
		}
		i += at + 1
		j := i
		for j < len(s.src) && s.src[j] == '=' {
			j++
		}
		if j-i == level && j < len(s.src) && s.src[j] == ']' {
			s.pos = j + 1
			return
		}
		i = j
	}
	s.pos = len(s.src)
	s.errorAt(start, min(start+2+level, len(s.src)), len(s.src),
		"unfinished long "+what+": no ]"+strings.Repeat("=", min(level, 40))+"] follows", 0)
}

// comment moves behind a comment and keeps it.
func (s *scanner) comment() {
	start := s.pos
	s.pos += 2
	long := false
	if s.peek(0) == '[' {
		if level, ok := s.longBracket(); ok {
			s.long(start, level, "comment")
			long = true
		}
	}
	if !long {
		s.pos = lineEnd(s.src, s.pos)
	}
	c := Comment{Long: long}
	c.Start, c.End = uint32(start), uint32(s.pos)
	s.comments = append(s.comments, c)
}

// lineEnd returns the offset of the first line break at or behind from, or the length.
func lineEnd(src string, from int) int {
	for i := from; i < len(src); i++ {
		if src[i] == '\n' || src[i] == '\r' {
			return i
		}
	}
	return len(src)
}

// quoted scans a string in quotes and checks its escape sequences.
func (s *scanner) quoted(quote byte) lexeme {
	start := s.pos
	src := s.src
	i := start + 1
	for i < len(src) {
		switch c := src[i]; c {
		case quote:
			s.pos = i + 1
			return lexeme{tString, uint32(start), uint32(s.pos)}
		case '\n', '\r':
			s.errorAt(start, i, i, "unfinished string: no "+string(quote)+" before the end of the line", 0)
			s.pos = i
			return lexeme{tString, uint32(start), uint32(i)}
		case '\\':
			i = s.escape(i)
		default:
			i++
		}
	}
	s.errorAt(start, min(start+1, len(src)), len(src), "unfinished string: no "+string(quote)+" before the end of the file", 0)
	s.pos = len(src)
	return lexeme{tString, uint32(start), uint32(len(src))}
}

// escape checks the escape sequence at i and returns the offset behind it.
func (s *scanner) escape(i int) int {
	src := s.src
	at := i
	i++
	if i >= len(src) {
		return i
	}
	switch c := src[i]; c {
	case 'a', 'b', 'f', 'n', 'r', 't', 'v', '\\', '"', '\'':
		return i + 1
	case '\n', '\r':
		if i+1 < len(src) && (src[i+1] == '\n' || src[i+1] == '\r') && src[i+1] != c {
			i++
		}
		return i + 1
	case 'x':
		if s.dialect == Lua51 {
			return i + 1
		}
		for k := 1; k <= 2; k++ {
			if i+k >= len(src) || class[src[i+k]]&cHex == 0 {
				s.errorAt(at, min(i+k+1, len(src)), i+k, "bad escape sequence: \\x wants two hexadecimal digits", DialectsOf(Lua51))
				return i + k
			}
		}
		return i + 3
	case 'z':
		if s.dialect == Lua51 {
			return i + 1
		}
		i++
		for i < len(src) && class[src[i]]&cSpace != 0 {
			i++
		}
		return i
	case 'u':
		if s.dialect == Lua51 {
			return i + 1
		}
		return s.unicodeEscape(at)
	default:
		if class[c]&cDigit != 0 {
			v, k := 0, 0
			for k < 3 && i+k < len(src) && class[src[i+k]]&cDigit != 0 {
				v = v*10 + int(src[i+k]-'0')
				k++
			}
			if v > 255 {
				s.errorAt(at, i+k, i+k, "bad escape sequence: "+src[at:i+k]+" is above \\255", 0)
			}
			return i + k
		}
		if s.dialect == Lua51 {
			return i + 1
		}
		s.errorAt(at, i+1, i, "bad escape sequence: use \\\\ for a backslash", DialectsOf(Lua51))
		return i + 1
	}
}

func (s *scanner) unicodeEscape(at int) int {
	src := s.src
	i := at + 2
	if s.dialect == Lua52 {
		s.errorAt(at, i, at+1, "bad escape sequence: \\u{XXX} is not known here", AllDialects&^DialectsOf(Lua52))
		return i
	}
	bad := func(end int, message string, accepts DialectSet) int {
		s.errorAt(at, min(end, len(src)), end-1, "bad escape sequence: "+message, accepts|DialectsOf(Lua51))
		return end - 1
	}
	if i >= len(src) || src[i] != '{' {
		return bad(i+1, "\\u wants a code point in braces, \\u{XXX}", 0)
	}
	i++
	limit := uint64(0x7FFFFFFF)
	if s.dialect == Lua53 || s.dialect == LuaJIT {
		limit = 0x10FFFF
	}
	v, digits := uint64(0), 0
	for i < len(src) && class[src[i]]&cHex != 0 {
		v = v<<4 | uint64(hexValue(src[i]))
		digits++
		if v > limit {
			return bad(i+1, "the code point is too large", widerUnicode(src[at+3:], limit))
		}
		i++
	}
	if digits == 0 {
		return bad(i+1, "\\u{ wants hexadecimal digits", 0)
	}
	if i >= len(src) || src[i] != '}' {
		return bad(i+1, "no } behind \\u{"+clip(src[at+3:i]), 0)
	}
	if s.dialect == LuaJIT && v >= 0xD800 && v < 0xE000 {
		return bad(i+1, "a surrogate is no code point", since53)
	}
	return i + 1
}

// widerUnicode returns the dialects that take the code point at the start of s, which is
// above limit.
func widerUnicode(s string, limit uint64) DialectSet {
	s = s[:min(len(s), 40)]
	end := strings.IndexByte(s, '}')
	if end < 0 || limit > 0x10FFFF {
		return 0
	}
	if v, err := strconv.ParseUint(s[:end], 16, 31); err != nil || v <= limit {
		return 0
	}
	return since54
}

func hexValue(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	default:
		return c - 'A' + 10
	}
}

// clip shortens text for a message.
func clip(text string) string {
	if len(text) > 40 {
		return text[:37] + "..."
	}
	return text
}
