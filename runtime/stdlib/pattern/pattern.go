// Package pattern matches Lua 5.4 patterns, with a count of the steps taken.
//
// A pattern is compiled once and matched many times. A matcher reports its steps to its
// host, which may end it: patterns backtrack, and some would go on for ever.
package pattern

import "strings"

// MaxCaptures is the number of captures that a pattern may have.
const MaxCaptures = 32

// maxDepth is how deep the matcher may call itself, as in Lua.
const maxDepth = 200

type kind uint8

const (
	end        kind = iota // of the pattern
	char                   // one byte that is the item's
	any                    // one byte
	set                    // one byte out of a set
	open                   // (
	position               // ()
	closing                // )
	balance                // %bxy
	frontier               // %f[set]
	back                   // %1
	lastAnchor             // $ at the end
	malformed              // what follows is no pattern
)

type item struct {
	kind   kind
	repeat byte // 0, '*', '+', '-' or '?'
	c, d   byte
	set    byteSet
	err    string
}

// A Program is a compiled pattern. It is not changed by matching, and safe for
// concurrent use.
type Program struct {
	items    []item
	anchored bool
	prefix   string // every match begins with it
}

// Anchored reports whether the pattern begins with ^.
func (p *Program) Anchored() bool { return p.anchored }

// HasCaptures reports whether the pattern has a capture of its own.
func (p *Program) HasCaptures() bool {
	for i := range p.items {
		if k := p.items[i].kind; k == open || k == position {
			return true
		}
	}
	return false
}

// Plain reports whether a text holds no byte with a meaning in patterns, so that it
// can be searched as it is.
func Plain(text string) bool { return !strings.ContainsAny(text, "^$*+?.([%-") }

// Compile reads a pattern; a ^ at its beginning is an anchor. What is malformed is found
// when a match gets there, as in Lua.
func Compile(pattern string) *Program {
	if strings.HasPrefix(pattern, "^") {
		p := CompileLoose(pattern[1:])
		p.anchored = true
		return p
	}
	return CompileLoose(pattern)
}

// CompileLoose is Compile for gmatch, where ^ is a byte like others.
func CompileLoose(pattern string) *Program {
	p := &Program{items: make([]item, 0, len(pattern)+1)}
	for i := 0; i < len(pattern); {
		it, next := parse(pattern, i)
		if it.kind <= set && it.kind != end && next < len(pattern) {
			switch c := pattern[next]; c {
			case '*', '+', '-', '?':
				it.repeat = c
				next++
			}
		}
		p.items = append(p.items, it)
		if it.kind == malformed {
			break
		}
		i = next
	}
	p.items = append(p.items, item{kind: end})
	p.findPrefix()
	return p
}

func (p *Program) findPrefix() {
	n := 0
	for p.items[n].kind == char && p.items[n].repeat == 0 {
		n++
	}
	bytes := make([]byte, n)
	for i := range bytes {
		bytes[i] = p.items[i].c
	}
	p.prefix = string(bytes)
}

func broken(message string) item { return item{kind: malformed, err: message} }

// parse reads one item, without what repeats it.
func parse(p string, i int) (item, int) {
	c := p[i]
	switch c {
	case '(':
		if i+1 < len(p) && p[i+1] == ')' {
			return item{kind: position}, i + 2
		}
		return item{kind: open}, i + 1
	case ')':
		return item{kind: closing}, i + 1
	case '$':
		if i+1 == len(p) {
			return item{kind: lastAnchor}, i + 1
		}
	case '.':
		return item{kind: any}, i + 1
	case '[':
		it := item{kind: set}
		next := it.set.read(p, i+1)
		if next < 0 {
			return broken("malformed pattern (missing ']')"), len(p)
		}
		return it, next
	case '%':
		return parseEscape(p, i+1)
	}
	return item{kind: char, c: c}, i + 1
}

// parseEscape reads what follows a %.
func parseEscape(p string, i int) (item, int) {
	if i >= len(p) {
		return broken("malformed pattern (ends with '%')"), i
	}
	c := p[i]
	switch {
	case c == 'b':
		if i+2 >= len(p) {
			return broken("malformed pattern (missing arguments to '%b')"), len(p)
		}
		return item{kind: balance, c: p[i+1], d: p[i+2]}, i + 3
	case c == 'f':
		if i+1 >= len(p) || p[i+1] != '[' {
			return broken("missing '[' after '%f' in pattern"), len(p)
		}
		it := item{kind: frontier}
		next := it.set.read(p, i+2)
		if next < 0 {
			return broken("malformed pattern (missing ']')"), len(p)
		}
		return it, next
	case '0' <= c && c <= '9':
		return item{kind: back, c: c}, i + 1
	}
	it := item{kind: set}
	if !it.set.addClass(c) {
		return item{kind: char, c: c}, i + 1
	}
	return it, i + 1
}
