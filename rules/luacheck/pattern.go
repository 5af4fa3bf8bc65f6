package luacheck

import (
	"regexp"
	"strings"
)

// A pattern selects warnings by code, by name or by both, in Lua's notation: "111",
// "11./foo.*", "_.*". A code has to begin with it, a name has to be it.
type pattern struct {
	code, name *matcher // nil for any
}

func patterns(args []string) []pattern {
	list := make([]pattern, 0, len(args))
	for _, arg := range args {
		code, name, both := strings.Cut(arg, "/")
		switch {
		case both:
			list = append(list, pattern{newMatcher(code, false), newMatcher(name, true)})
		case strings.ContainsFunc(arg, func(r rune) bool { return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }):
			list = append(list, pattern{nil, newMatcher(arg, true)})
		default:
			list = append(list, pattern{newMatcher(arg, false), nil})
		}
	}
	return list
}

func (p pattern) match(code, name string) bool {
	return (p.code == nil || p.code.match(code)) && (p.name == nil || p.name.match(name))
}

// A matcher is one Lua pattern. One that is a plain word is compared as text.
type matcher struct {
	word  string
	whole bool
	re    *regexp.Regexp // nil for a word
	never bool           // it cannot be translated, so it matches nothing
}

func newMatcher(s string, whole bool) *matcher {
	if !strings.ContainsAny(s, "^$()%.[]*+-?") {
		return &matcher{word: s, whole: whole}
	}
	if !strings.HasPrefix(s, "^") && !strings.HasSuffix(s, "$") {
		s = "^" + s
		if whole {
			s += "$"
		}
	}
	text, ok := translate(s)
	if !ok {
		return &matcher{never: true}
	}
	re, err := regexp.Compile(text)
	return &matcher{re: re, never: err != nil}
}

func (m *matcher) match(s string) bool {
	switch {
	case m.never:
		return false
	case m.re != nil:
		return m.re.MatchString(s)
	case m.whole:
		return s == m.word
	}
	return strings.HasPrefix(s, m.word)
}

// class returns what stands for %c inside of brackets; false for what has no counterpart.
func class(c byte) (string, bool) {
	name := ""
	switch c | 0x20 {
	case 'a':
		name = "alpha"
	case 'c':
		name = "cntrl"
	case 'd':
		name = "digit"
	case 'g':
		name = "graph"
	case 'l':
		name = "lower"
	case 'p':
		name = "punct"
	case 's':
		name = "space"
	case 'u':
		name = "upper"
	case 'w':
		name = "alnum"
	case 'x':
		name = "xdigit"
	}
	letter := 'a' <= c|0x20 && c|0x20 <= 'z'
	switch {
	case name != "" && c&0x20 == 0 && letter:
		return "[:^" + name + ":]", true
	case name != "" && letter:
		return "[:" + name + ":]", true
	case letter || '0' <= c && c <= '9':
		return "", false
	}
	return escaped(c), true
}

// translate turns a Lua pattern into a regular expression. Balances, frontiers and back
// references have none.
func translate(s string) (string, bool) {
	var b strings.Builder
	b.WriteString("(?s)")
	for i := 0; i < len(s); i++ {
		item := true // a quantifier may follow
		switch c := s[i]; {
		case c == '^' && i == 0, c == '$' && i == len(s)-1, c == '(', c == ')':
			b.WriteByte(c)
			item = false
		case c == '.':
			b.WriteByte('.')
		case c == '%' && i+1 < len(s):
			i++
			text, ok := class(s[i])
			if !ok {
				return "", false
			}
			if strings.HasPrefix(text, "[:") {
				text = "[" + text + "]"
			} else {
				text = regexp.QuoteMeta(s[i : i+1])
			}
			b.WriteString(text)
		case c == '[':
			text, n, ok := set(s[i:])
			if !ok {
				return "", false
			}
			b.WriteString(text)
			i += n - 1
		default:
			b.WriteString(regexp.QuoteMeta(s[i : i+1]))
		}
		if item && i+1 < len(s) {
			if q := strings.IndexByte("*+?-", s[i+1]); q >= 0 {
				b.WriteString([...]string{"*", "+", "?", "*?"}[q])
				i++
			}
		}
	}
	return b.String(), true
}

// set translates the set in brackets at the front of s and returns its length.
func set(s string) (text string, n int, ok bool) {
	var b strings.Builder
	b.WriteByte('[')
	i := 1
	if i < len(s) && s[i] == '^' {
		b.WriteByte('^')
		i++
	}
	for first := true; i < len(s); first = false {
		switch c := s[i]; {
		case c == ']' && !first:
			b.WriteByte(']')
			return b.String(), i + 1, true
		case c == '%' && i+1 < len(s):
			t, ok := class(s[i+1])
			if !ok {
				return "", 0, false
			}
			b.WriteString(t)
			i += 2
		case i+2 < len(s) && s[i+1] == '-' && s[i+2] != ']':
			b.WriteString(escaped(c) + "-" + escaped(s[i+2]))
			i += 3
		default:
			b.WriteString(escaped(c))
			i++
		}
	}
	return "", 0, false
}

// escaped returns a byte as it stands for itself in brackets.
func escaped(c byte) string {
	if strings.IndexByte(`\]^-[`, c) >= 0 {
		return `\` + string(rune(c))
	}
	return string(rune(c))
}
