package luagen

import (
	"math/rand/v2"
	"strings"
)

// Cut splits a text into rough tokens: names, numerals, strings, comments, runs of
// white space, operators, single other bytes. Put together again they are the text.
func Cut(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		n := tokenLength(text[i:])
		out = append(out, text[i:i+n])
		i += n
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c >= 0x80
}

func tokenLength(s string) int {
	switch c := s[0]; {
	case isWord(c):
		return run(s, isWord)
	case strings.IndexByte(" \t\r\n\v\f", c) >= 0:
		return run(s, func(c byte) bool { return strings.IndexByte(" \t\r\n\v\f", c) >= 0 })
	case c == '"' || c == '\'':
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i += escapeLength(s[i+1:])
			case '\n', '\r':
				return i
			case c:
				return i + 1
			}
		}
		return len(s)
	case strings.HasPrefix(s, "--"):
		if n := longLength(s[2:]); n > 0 {
			return 2 + n
		}
		return run(s, func(c byte) bool { return c != '\n' && c != '\r' })
	case c == '[':
		return max(1, longLength(s))
	}
	for _, op := range []string{"...", "..", "::", "//", "==", "~=", "<=", ">=", "<<", ">>"} {
		if strings.HasPrefix(s, op) {
			return len(op)
		}
	}
	return 1
}

// escapeLength returns the length of an escape sequence without its backslash, as far as it
// may hold a line break.
func escapeLength(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n") || strings.HasPrefix(s, "\n\r"):
		return 2
	case strings.HasPrefix(s, "z"):
		return len(s) - len(strings.TrimLeft(s[1:], " \t\r\n\v\f"))
	}
	return 1
}

func run(s string, in func(byte) bool) int {
	i := 1
	for i < len(s) && in(s[i]) {
		i++
	}
	return i
}

// longLength returns the length of the [[long string]] that s starts with, or 0.
func longLength(s string) int {
	if s == "" || s[0] != '[' {
		return 0
	}
	level := 1
	for level < len(s) && s[level] == '=' {
		level++
	}
	if level >= len(s) || s[level] != '[' {
		return 0
	}
	end := strings.Index(s, "]"+s[1:level]+"]")
	if end < 0 {
		return len(s)
	}
	return end + level + 1
}

var vocabulary = []string{
	"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or", "repeat",
	"return", "then", "true", "until", "while", "global", "a", "x", "self", "1", "0x", "'s'", "[[s]]", "[=[", "]]", "--[[", "--", "\"", "'",
	"\\", "+", "-", "*", "/", "//", "%", "^", "#", "&", "~", "|", "<<", ">>", "==", "~=", "<=", ">=", "<", ">", "=", "(", ")", "{", "}",
	"[", "]", "::", ";", ":", ",", ".", "..", "...", "!", "@", "$", "`", "?", "\x00", "\xff", "é", "\n", "\r", "\r\n", "<const>", "<close>",
	"::l1::", "goto l1", "break;", ";;", "end end", "#!", "\ufeff", "\x1b", "\x0b",
}

// Mutate returns text with one to three random changes; other is a second text from
// which parts are taken.
func Mutate(r *rand.Rand, text, other string) string {
	for range 1 + r.IntN(3) {
		text = mutateOnce(r, text, other)
	}
	return text
}

func mutateOnce(r *rand.Rand, text, other string) string {
	tokens := Cut(text)
	if len(tokens) == 0 {
		return vocabulary[r.IntN(len(vocabulary))]
	}
	i, j := r.IntN(len(tokens)), r.IntN(len(tokens))
	// Most white space does not matter: prefer what does.
	for range 3 {
		if strings.TrimSpace(tokens[i]) == "" {
			i = r.IntN(len(tokens))
		}
	}
	word := vocabulary[r.IntN(len(vocabulary))]
	switch r.IntN(14) {
	case 0, 1, 2: // delete
		tokens[i] = ""
	case 3: // repeat
		tokens[i] += " " + tokens[i]
	case 4: // exchange two
		tokens[i], tokens[j] = tokens[j], tokens[i]
	case 5: // exchange neighbours
		if i+2 < len(tokens) {
			tokens[i], tokens[i+2] = tokens[i+2], tokens[i]
		}
	case 6, 7: // insert
		tokens[i] += " " + word + " "
	case 8: // replace
		tokens[i] = word
	case 9: // replace by one of the same text
		tokens[i] = tokens[j]
	case 10: // cut off
		if r.IntN(2) == 0 {
			tokens = tokens[:i]
		} else {
			return text[:r.IntN(len(text)+1)]
		}
	case 11: // flip or insert a byte
		b := []byte(text)
		at := r.IntN(len(b))
		if r.IntN(2) == 0 {
			b[at] ^= 1 << r.IntN(8)
			return string(b)
		}
		return string(b[:at]) + string(rune(r.IntN(128))) + string(b[at:])
	case 12: // splice
		rest := Cut(other)
		if len(rest) > 0 {
			tokens = append(tokens[:i:i], rest[r.IntN(len(rest)):]...)
		}
	case 13: // one line, or a line each
		if r.IntN(2) == 0 {
			tokens[i] += "\n"
			break
		}
		for k := range tokens {
			if strings.TrimSpace(tokens[k]) == "" {
				tokens[k] = " "
			}
		}
	}
	return strings.Join(tokens, "")
}
