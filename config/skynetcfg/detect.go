package skynetcfg

import "strings"

// maxScan is how much of a text LooksLike reads.
const maxScan = 64 << 10

// evidence that a global of this name gives; enough of it makes a text a config file. Keys
// that nothing but skynet has are enough by themselves.
var telling = map[string]int{
	"luaservice": 2, "lua_path": 2, "lua_cpath": 2, "lualoader": 2, "cpath": 2, "bootstrap": 2,
	"harbor": 1, "thread": 1, "start": 1, "snax": 1, "preload": 1, "cluster": 1, "standalone": 1, "include": 1,
}

const enough = 2

// LooksLike reports whether a text is a skynet config file: whether it begins with
// assignments to globals, among them enough that skynet knows. It is cheap: it gives up at
// the first statement that a config file does not have, which in other files is the first
// or second.
func LooksLike(text string) bool {
	s := scan{text: strings.TrimPrefix(text[:min(len(text), maxScan)], "\ufeff")}
	score := 0
	seen := make(map[string]bool, 4)
	for score < enough {
		name := s.statement()
		if name == "" {
			return false
		}
		if weight := telling[name]; weight > 0 && !seen[name] {
			seen[name] = true
			score += weight
		}
	}
	return true
}

// scan reads the tokens of Lua, just well enough to find the ends of statements.
type scan struct {
	text string
	at   int
}

// statement reads one statement and returns the global that it assigns, "include" for an
// include, "local" for a local declaration, and "" at the end of the text and for any other
// statement.
func (s *scan) statement() string {
	for s.space(); s.peek() == ';'; s.space() {
		s.at++
	}
	name := s.name()
	switch name {
	case "", "if", "for", "while", "repeat", "do", "function", "return", "goto", "global":
		return ""
	case "local":
		if !s.locals() {
			return ""
		}
		return name
	case "include":
		if s.space(); s.peek() == '(' || s.peek() == '"' || s.peek() == '\'' || s.peek() == '[' {
			if !s.operand() {
				return ""
			}
			return name
		}
	}
	if !s.assigned() {
		return ""
	}
	return name
}

// helper reads a local function behind its keyword. A config file may have one that joins paths;
// in other files the first of them ends the search, unless the rest names what skynet knows.
func (s *scan) helper() bool {
	if !strings.Contains(s.text[s.at:], "luaservice") && !strings.Contains(s.text[s.at:], "lualoader") && !strings.Contains(s.text[s.at:], "bootstrap") {
		return false
	}
	if s.space(); s.name() == "" {
		return false
	}
	for depth := 1; s.at < len(s.text); {
		s.space()
		switch c := s.peek(); {
		case c == '"' || c == '\'':
			if !s.quoted() {
				return false
			}
		case c == '[' && s.isLong():
			if !s.long() {
				return false
			}
		case c >= '0' && c <= '9':
			for s.at < len(s.text) && isNameByte(s.text[s.at]) {
				s.at++
			}
		case isNameByte(c):
			switch s.name() {
			case "function", "if", "do", "repeat": // while and for have a do
				depth++
			case "require":
				return false
			case "end", "until":
				if depth--; depth == 0 {
					return true
				}
			}
		default:
			s.at++
		}
	}
	return false
}

// assigned reads "= expression".
func (s *scan) assigned() bool {
	s.space()
	if s.peek() != '=' || strings.HasPrefix(s.text[s.at:], "==") {
		return false
	}
	s.at++
	return s.expression()
}

// locals reads "a, b <const> = x, y" behind local, and a local function.
func (s *scan) locals() bool {
	for first := true; ; first = false {
		s.space()
		switch s.name() {
		case "":
			return false
		case "function":
			return first && s.helper()
		}
		if s.space(); s.peek() == '<' {
			s.at++
			s.space()
			s.name()
			if s.space(); s.peek() != '>' {
				return false
			}
			s.at++
			s.space()
		}
		if s.peek() != ',' {
			break
		}
		s.at++
	}
	if s.peek() != '=' {
		return true
	}
	for s.at++; ; s.at++ {
		if !s.expression() {
			return false
		}
		if s.space(); s.peek() != ',' {
			return true
		}
	}
}

// expression reads operands between operators, and nothing behind the last operand.
func (s *scan) expression() bool {
	for {
		if !s.operand() {
			return false
		}
		s.space()
		rest := s.text[s.at:]
		switch {
		case rest == "":
			return true
		case strings.HasPrefix(rest, "and") || strings.HasPrefix(rest, "or"):
			from := s.at
			if n := s.name(); n != "and" && n != "or" {
				s.at = from
				return true
			}
		case strings.HasPrefix(rest, "..") || strings.HasPrefix(rest, "==") || strings.HasPrefix(rest, "~=") ||
			strings.HasPrefix(rest, "<=") || strings.HasPrefix(rest, ">=") || strings.HasPrefix(rest, "//") ||
			strings.HasPrefix(rest, "<<") || strings.HasPrefix(rest, ">>"):
			s.at += 2
		case strings.IndexByte("+-*/%^<>&|~", rest[0]) >= 0:
			s.at++
		default:
			return true
		}
	}
}

// operand reads a value with what is indexed or called behind it.
func (s *scan) operand() bool {
	s.space()
	for c := s.peek(); c == '-' || c == '#' || c == '~'; c = s.peek() {
		s.at++
		s.space()
	}
	c := s.peek()
	switch {
	case c == '"' || c == '\'':
		return s.quoted()
	case c == '[':
		return s.long()
	case c == '{':
		return s.balanced('{', '}')
	case c >= '0' && c <= '9':
		for s.at < len(s.text) && (isNameByte(s.text[s.at]) || s.text[s.at] == '.') {
			s.at++
		}
		return true
	case c == '(':
		if !s.balanced('(', ')') {
			return false
		}
	case c == '$':
		s.at++
		return s.name() != ""
	default:
		switch name := s.name(); name {
		case "", "function", "require":
			return false
		case "not":
			return s.operand()
		}
	}
	return s.suffixes()
}

// suffixes reads .field, :method, [index], and arguments.
func (s *scan) suffixes() bool {
	for {
		s.space()
		ok := true
		switch c := s.peek(); {
		case c == '(':
			ok = s.balanced('(', ')')
		case c == '{':
			ok = s.balanced('{', '}')
		case c == '"' || c == '\'':
			ok = s.quoted()
		case c == '[' && strings.HasPrefix(s.text[s.at:], "[["):
			ok = s.long()
		case c == '[':
			ok = s.balanced('[', ']')
		case (c == '.' || c == ':') && !strings.HasPrefix(s.text[s.at:], "..") && !strings.HasPrefix(s.text[s.at:], "::"):
			s.at++
			s.space()
			ok = s.name() != ""
		default:
			return true
		}
		if !ok {
			return false
		}
	}
}

// balanced skips what stands in brackets. A function in it is none of a config file.
func (s *scan) balanced(open, close byte) bool {
	for depth := 0; s.at < len(s.text); {
		s.space()
		switch c := s.peek(); {
		case c == 0:
			return false
		case c == '"' || c == '\'':
			if !s.quoted() {
				return false
			}
			continue
		case c == '[' && s.isLong():
			if !s.long() {
				return false
			}
			continue
		case c == open:
			depth++
		case c == close:
			if depth--; depth == 0 {
				s.at++
				return true
			}
		case isNameByte(c):
			if n := s.name(); n == "function" || n == "require" {
				return false
			} else if n != "" {
				continue
			}
		}
		s.at++
	}
	return false
}

func (s *scan) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scan) name() string {
	start := s.at
	for s.at < len(s.text) && isNameByte(s.text[s.at]) {
		s.at++
	}
	if start < s.at && s.text[start] >= '0' && s.text[start] <= '9' {
		s.at = start
		return ""
	}
	return s.text[start:s.at]
}

// space skips white space and comments.
func (s *scan) space() {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			s.at++
		case strings.HasPrefix(s.text[s.at:], "--"):
			s.at += 2
			if s.peek() == '[' && s.isLong() {
				if !s.long() {
					return
				}
				continue
			}
			if i := strings.IndexByte(s.text[s.at:], '\n'); i >= 0 {
				s.at += i
			} else {
				s.at = len(s.text)
			}
		default:
			return
		}
	}
}

// quoted skips a string, which ends on its line.
func (s *scan) quoted() bool {
	quote := s.text[s.at]
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case quote:
			s.at++
			return true
		case '\\':
			s.at++
		case '\n':
			return false
		}
	}
	return false
}

// isLong reports whether [[ or [=[ stands here.
func (s *scan) isLong() bool {
	return strings.HasPrefix(strings.TrimLeft(s.text[s.at+1:min(len(s.text), s.at+64)], "="), "[")
}

// long skips a long string or the inside of a long comment.
func (s *scan) long() bool {
	if !s.isLong() {
		return false
	}
	level := strings.IndexByte(s.text[s.at+1:], '[')
	end := "]" + strings.Repeat("=", level) + "]"
	i := strings.Index(s.text[s.at:], end)
	if i < 0 {
		s.at = len(s.text)
		return false
	}
	s.at += i + len(end)
	return true
}
