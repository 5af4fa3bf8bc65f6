package pattern

import (
	"strconv"
	"strings"
)

// A Host hears of a matcher's work. Both methods may panic, which ends the match.
type Host interface {
	// Steps is told of a number of steps before they are taken.
	Steps(n int)
	// Fail is told why the pattern cannot be matched. It must not return.
	Fail(message string)
}

// block is how many steps are reported at a time.
const block = 1024

const (
	unfinished = -1
	isPosition = -2
)

type capture struct{ at, length int }

// A Matcher matches one program against one text. It is not safe for concurrent use.
// It can be used again, with Reset.
type Matcher struct {
	program *Program
	text    string
	host    Host
	left    int // steps that the host has been told of
	depth   int
	level   int // captures in use
	capture [MaxCaptures]capture
}

// Reset prepares a matcher for a program and a text.
func (m *Matcher) Reset(program *Program, text string, host Host) {
	m.program, m.text, m.host = program, text, host
	m.level = 0
}

func (m *Matcher) steps(n int) {
	m.left -= n
	if m.left < 0 {
		n = max(block, -m.left)
		m.host.Steps(n)
		m.left += n
	}
}

// Match matches at one place. It returns where the match ends.
func (m *Matcher) Match(at int) (end int, ok bool) {
	m.level = 0
	m.depth = maxDepth
	end = m.match(at, 0)
	return end, end >= 0
}

// Find looks for the first match that begins at a place or, unless the program is
// anchored, after it.
func (m *Matcher) Find(at int) (start, end int, ok bool) {
	if at > len(m.text) {
		return 0, 0, false
	}
	if m.program.anchored {
		end, ok = m.Match(at)
		return at, end, ok
	}
	for {
		if at = m.skip(at); at < 0 {
			return 0, 0, false
		}
		if end, ok = m.Match(at); ok {
			return at, end, true
		}
		if at++; at > len(m.text) {
			return 0, 0, false
		}
	}
}

// skip returns the first place, not before at, where a match can begin; -1 if there
// is none.
func (m *Matcher) skip(at int) int {
	if prefix := m.program.prefix; prefix != "" {
		i := strings.Index(m.text[at:], prefix)
		if i < 0 {
			m.steps((len(m.text) - at) / 16)
			return -1
		}
		m.steps(1 + i/16)
		return at + i
	}
	if first := &m.program.items[0]; first.kind == set && (first.repeat == 0 || first.repeat == '+') {
		from := at
		for at < len(m.text) && !first.set.has(m.text[at]) {
			at++
		}
		m.steps(1 + (at-from)/8)
		if at == len(m.text) {
			return -1
		}
	}
	return at
}

// Captures returns how many captures a match has: the whole match, if the program has
// none of its own.
func (m *Matcher) Captures() int { return max(1, m.level) }

// Level returns how many captures the program has made in the last match.
func (m *Matcher) Level() int { return m.level }

// Span returns where a capture of the last match is, which went from start to end. A capture
// of a place has no length. Without captures the first one is the whole match.
func (m *Matcher) Span(i, start, end int) (from, to int, isPlace bool) {
	if i >= m.level {
		if i != 0 {
			m.host.Fail("invalid capture index %" + strconv.Itoa(i+1))
		}
		return start, end, false
	}
	c := m.capture[i]
	switch c.length {
	case unfinished:
		m.host.Fail("unfinished capture")
	case isPosition:
		return c.at, c.at, true
	}
	return c.at, c.at + c.length, false
}

// one reports whether a byte is what an item stands for.
func (it *item) one(c byte) bool {
	switch it.kind {
	case char:
		return it.c == c
	case set:
		return it.set.has(c)
	}
	return true
}

// match matches the items from i on at s. It returns where the match ends, or -1.
func (m *Matcher) match(s, i int) int {
	m.depth--
	if m.depth < 0 {
		m.host.Fail("pattern too complex")
	}
	e := m.run(s, i)
	m.depth++
	return e
}

func (m *Matcher) run(s, i int) int {
	text := m.text
	for ; ; i++ {
		if m.left--; m.left < 0 {
			m.steps(0)
		}
		it := &m.program.items[i]
		switch it.kind {
		case end:
			return s
		case char, any, set:
			switch it.repeat {
			case 0:
				if s >= len(text) || !it.one(text[s]) {
					return -1
				}
				s++
			case '?':
				if s < len(text) && it.one(text[s]) {
					if e := m.match(s+1, i+1); e >= 0 {
						return e
					}
				}
			case '+':
				if s >= len(text) || !it.one(text[s]) {
					return -1
				}
				return m.longest(s, s+1, i)
			case '*':
				return m.longest(s, s, i)
			case '-':
				return m.shortest(s, i)
			}
		case open, position:
			return m.openCapture(s, i, it.kind)
		case closing:
			return m.closeCapture(s, i)
		case balance:
			if s = m.balanced(s, it); s < 0 {
				return -1
			}
		case frontier:
			var before, here byte
			if s > 0 {
				before = text[s-1]
			}
			if s < len(text) {
				here = text[s]
			}
			if it.set.has(before) || !it.set.has(here) {
				return -1
			}
		case back:
			l := m.finished(it.c)
			c := m.capture[l]
			n := max(0, c.length)
			if c.length == isPosition || !strings.HasPrefix(text[s:], text[c.at:c.at+n]) {
				return -1
			}
			m.steps(n / 16)
			s += n
		case lastAnchor:
			if s != len(text) {
				return -1
			}
		case malformed:
			m.host.Fail(it.err)
		}
	}
}

// longest matches as many bytes as the item takes from s on, then what follows; if that
// fails, one byte less, down to least.
func (m *Matcher) longest(s, least, i int) int {
	text, it := m.text, &m.program.items[i]
	from := s
	switch it.kind {
	case any:
		s = len(text)
	case char:
		for s < len(text) && text[s] == it.c {
			s++
		}
	default:
		for s < len(text) && it.set.has(text[s]) {
			s++
		}
	}
	m.steps((s - from) / 8)
	next := &m.program.items[i+1]
	if next.kind == end {
		return s
	}
	if next.kind == char && (next.repeat == 0 || next.repeat == '+') {
		for from = s; s >= least; s-- {
			if s == len(text) || text[s] != next.c {
				continue
			}
			m.steps((from - s) / 8)
			from = s
			if e := m.match(s, i+1); e >= 0 {
				return e
			}
		}
		m.steps((from - s) / 8)
		return -1
	}
	for ; s >= least; s-- {
		if e := m.match(s, i+1); e >= 0 {
			return e
		}
	}
	return -1
}

// shortest matches what follows the item; if that fails, after one byte more.
func (m *Matcher) shortest(s, i int) int {
	text, it := m.text, &m.program.items[i]
	next := &m.program.items[i+1]
	literal := next.kind == char && (next.repeat == 0 || next.repeat == '+')
	from := s
	for ; ; s++ {
		if !literal || s < len(text) && text[s] == next.c {
			m.steps((s - from) / 8)
			from = s
			if e := m.match(s, i+1); e >= 0 {
				return e
			}
		}
		if s >= len(text) || !it.one(text[s]) {
			m.steps((s - from) / 8)
			return -1
		}
	}
}

func (m *Matcher) openCapture(s, i int, k kind) int {
	if m.level >= MaxCaptures {
		m.host.Fail("too many captures")
	}
	length := unfinished
	if k == position {
		length = isPosition
	}
	m.capture[m.level] = capture{s, length}
	m.level++
	e := m.match(s, i+1)
	if e < 0 {
		m.level--
	}
	return e
}

func (m *Matcher) closeCapture(s, i int) int {
	l := m.level - 1
	for ; l >= 0 && m.capture[l].length != unfinished; l-- {
	}
	if l < 0 {
		m.host.Fail("invalid pattern capture")
	}
	m.capture[l].length = s - m.capture[l].at
	e := m.match(s, i+1)
	if e < 0 {
		m.capture[l].length = unfinished
	}
	return e
}

func (m *Matcher) finished(digit byte) int {
	l := int(digit) - '1'
	if l < 0 || l >= m.level || m.capture[l].length == unfinished {
		m.host.Fail("invalid capture index %" + strconv.Itoa(l+1))
	}
	return l
}

func (m *Matcher) balanced(s int, it *item) int {
	text := m.text
	if s >= len(text) || text[s] != it.c {
		return -1
	}
	from, depth := s, 1
	for s++; s < len(text); s++ {
		switch text[s] {
		case it.d:
			if depth--; depth == 0 {
				m.steps((s - from) / 8)
				return s + 1
			}
		case it.c:
			depth++
		}
	}
	m.steps((s - from) / 8)
	return -1
}
