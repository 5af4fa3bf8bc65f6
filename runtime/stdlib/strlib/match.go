package strlib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/pattern"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// A search matches a pattern for one call of a function.
type search struct {
	pattern.Matcher
	L     *lua.LState
	steps int64
}

// stepsPerInstruction is how many steps of a match take as long as an instruction.
const stepsPerInstruction = 4

// Steps implements pattern.Host.
func (s *search) Steps(n int) {
	s.steps += int64(n)
	b := limit.Of(s.L)
	b.Charge(s.L, limit.Pattern, s.steps)
	b.Work(s.L, int64(n/stepsPerInstruction))
}

// Fail implements pattern.Host.
func (s *search) Fail(message string) { thread.Errorf(s.L, "%s", message) }

// cache holds what is used again in one state.
type cache struct {
	anchored, loose map[string]*pattern.Program
	free            []*search
}

const (
	maxPrograms = 500
	maxPattern  = 200 // longer ones are not kept
)

func cacheOf(L *lua.LState) *cache {
	h := host.Of(L)
	if c, ok := h.Strings.(*cache); ok {
		return c
	}
	c := &cache{anchored: make(map[string]*pattern.Program), loose: make(map[string]*pattern.Program)}
	h.Strings = c
	return c
}

func (c *cache) program(L *lua.LState, p string, loose bool) *pattern.Program {
	programs := c.anchored
	if loose {
		programs = c.loose
	}
	if program, ok := programs[p]; ok {
		return program
	}
	limit.Of(L).Charge(L, limit.Memory, int64(len(p))*72)
	limit.Of(L).Work(L, int64(len(p)))
	compile := pattern.Compile
	if loose {
		compile = pattern.CompileLoose
	}
	program := compile(p)
	if len(p) <= maxPattern {
		if len(programs) >= maxPrograms {
			clear(programs)
		}
		programs[strings.Clone(p)] = program
	}
	return program
}

// begin returns a search, which end gives back.
func begin(L *lua.LState, text, p string, loose bool) *search {
	c := cacheOf(L)
	program := c.program(L, p, loose)
	var s *search
	if n := len(c.free); n > 0 {
		s = c.free[n-1]
		c.free = c.free[:n-1]
	} else {
		s = new(search)
	}
	s.L, s.steps = L, 0
	s.Reset(program, text, s)
	return s
}

func (s *search) end() {
	c := cacheOf(s.L)
	s.Reset(nil, "", nil)
	s.L = nil
	if len(c.free) < 4 {
		c.free = append(c.free, s)
	}
}

// capture returns a capture as a value.
func (s *search) capture(i int, text string, from, to int) lua.LValue {
	start, end, isPlace := s.Span(i, from, to)
	if isPlace {
		return lua.LNumber(start + 1)
	}
	return part(s.L, text, start, end)
}

// pushCaptures pushes the captures of a match or, if there are none, the whole match.
func (s *search) pushCaptures(text string, from, to int) int {
	n := s.Captures()
	for i := range n {
		s.L.Push(s.capture(i, text, from, to))
	}
	return n
}

func find(L *lua.LState) int  { return search1(L, true) }
func match(L *lua.LState) int { return search1(L, false) }

func search1(L *lua.LState, places bool) int {
	text, p := arg.String(L, 1), arg.String(L, 2)
	at := 0
	if L.GetTop() >= 3 {
		place := arg.OptInteger(L, 3, 1)
		if place > int64(len(text))+1 {
			L.Push(lua.LNil)
			return 1
		}
		at = start(place, len(text)) - 1
	}
	if places && (lua.LVAsBool(L.Get(4)) || pattern.Plain(p)) {
		limit.Of(L).Work(L, int64(len(text)-at)/32)
		i := strings.Index(text[at:], p)
		if i < 0 {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LNumber(at + i + 1))
		L.Push(lua.LNumber(at + i + len(p)))
		return 2
	}
	s := begin(L, text, p, false)
	from, to, ok := s.Find(at)
	if !ok {
		s.end()
		L.Push(lua.LNil)
		return 1
	}
	n := 0
	if places {
		L.Push(lua.LNumber(from + 1))
		L.Push(lua.LNumber(to))
		n = 2
		if s.Level() == 0 {
			s.end()
			return n
		}
	}
	n += s.pushCaptures(text, from, to)
	s.end()
	return n
}

func gmatch(L *lua.LState) int {
	text, p := arg.String(L, 1), arg.String(L, 2)
	at := 0
	if place := arg.OptInteger(L, 3, 1); place > int64(len(text))+1 {
		at = len(text) + 1
	} else {
		at = start(place, len(text)) - 1
	}
	lastEnd := -1
	s := begin(L, text, p, true)
	var held []lua.LValue
	if len(text) > longText {
		held = []lua.LValue{lua.LString(text)}
	}
	L.Push(library.Closure(func(L *lua.LState) int {
		s.L = L
		for at <= len(text) {
			from, to, ok := s.Find(at)
			if !ok {
				break
			}
			if to == lastEnd { // an empty match where the last one ended
				at = from + 1
				continue
			}
			at, lastEnd = to, to
			return s.pushCaptures(text, from, to)
		}
		at = len(text) + 1
		return 0
	}, held...))
	return 1
}

func gsub(L *lua.LState) int {
	text, p := arg.String(L, 1), arg.String(L, 2)
	with := L.Get(3)
	switch with.(type) {
	case lua.LString, lua.LNumber, *lua.LTable, *lua.LFunction:
	default:
		arg.TypeError(L, 3, "string/function/table")
	}
	most := arg.OptInteger(L, 4, int64(len(text))+1)
	s := begin(L, text, p, false)
	r := replacer{search: s, text: text, with: with}
	switch w := with.(type) {
	case lua.LString:
		r.template = string(w)
	case lua.LNumber:
		r.template = arg.String(L, 3)
	}
	r.simple = !strings.Contains(r.template, "%")
	r.out.L = L
	anchored := strings.HasPrefix(p, "^")
	n, at, copied := int64(0), 0, 0
	lastEnd := -1
	for n < most {
		from, to, ok := s.Find(at)
		if !ok {
			break
		}
		if to == lastEnd {
			if anchored || from >= len(text) {
				break
			}
			at = from + 1
			continue
		}
		n++
		if r.replace(from, to, copied) {
			copied = to
		}
		at, lastEnd = to, to
		if anchored {
			break
		}
	}
	s.end()
	if copied == 0 && r.out.Len() == 0 {
		L.Push(lua.LString(text))
	} else {
		r.out.text(text[copied:])
		r.out.push()
	}
	L.Push(lua.LNumber(n))
	return 2
}

// replacer puts something in the place of matches.
type replacer struct {
	search   *search
	text     string
	with     lua.LValue
	template string
	simple   bool // the template is taken as it is
	out      builder
}

// replace writes what stands for a match, after the text since the last one. It returns
// false, and has written nothing, if the match stays as it is.
func (r *replacer) replace(from, to, copied int) bool {
	L := r.out.L
	var v lua.LValue
	switch with := r.with.(type) {
	case *lua.LTable:
		v = value.Index(L, with, r.search.capture(0, r.text, from, to))
	case *lua.LFunction:
		L.Push(with)
		n := r.search.pushCaptures(r.text, from, to)
		limit.CallPinned(L, n, 1)
		v = L.Get(-1)
		L.Pop(1)
	default:
		r.out.text(r.text[copied:from])
		if r.simple {
			r.out.text(r.template)
		} else {
			r.expand(from, to)
		}
		return true
	}
	if lua.LVIsFalse(v) {
		return false
	}
	var text string
	switch v := v.(type) {
	case lua.LString:
		text = string(v)
	case lua.LNumber:
		text = value.ToString(L, v)
	default:
		thread.Errorf(L, "invalid replacement value (a %s)", value.TypeName(L, v))
	}
	r.out.text(r.text[copied:from])
	r.out.text(text)
	return true
}

// expand writes the template with its captures filled in.
func (r *replacer) expand(from, to int) {
	L, t := r.out.L, r.template
	for {
		i := strings.IndexByte(t, '%')
		if i < 0 {
			r.out.text(t)
			return
		}
		r.out.text(t[:i])
		if i+1 >= len(t) {
			thread.Errorf(L, "invalid use of '%%' in replacement string")
		}
		switch c := t[i+1]; {
		case c == '%':
			r.out.byte('%')
		case c == '0':
			r.out.text(r.text[from:to])
		case '1' <= c && c <= '9':
			start, end, isPlace := r.search.Span(int(c-'1'), from, to)
			if isPlace {
				r.out.text(value.ToString(L, lua.LNumber(start+1)))
			} else {
				r.out.text(r.text[start:end])
			}
		default:
			thread.Errorf(L, "invalid use of '%%' in replacement string")
		}
		t = t[i+2:]
	}
}
