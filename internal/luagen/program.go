// Package luagen makes random Lua programs, changes them at random, and shrinks those
// that show a fault. Everything depends on the seed alone.
package luagen

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/skylint/skylint/syntax"
)

// Rand returns the source of random numbers for a seed.
func Rand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed^0x9E3779B97F4A7C15)) }

// Program returns a random program of about size tokens. Most programs are valid in
// the dialect; some break a rule that a scanner and a grammar alone do not see (a
// jump into a scope, an assignment to a constant, a line break before a parenthesis).
func Program(r *rand.Rand, d syntax.Dialect, size int) string {
	g := &generator{r: r, d: d, budget: size}
	g.fn = &function{vararg: true}
	if g.chance(40) {
		g.b.WriteString([]string{"#!/usr/bin/lua\n", "# a first line\n", "--[==[ first ]==]"}[r.IntN(3)])
	}
	g.scope(false, func() {
		for g.budget > 0 {
			g.statement()
		}
		if g.chance(3) {
			g.returnStat()
		}
	})
	if g.chance(2) {
		g.b.WriteByte('\n')
	}
	return g.b.String()
}

// since reports whether the dialect is a later one than LuaJIT and 5.1, and at least d.
func (g *generator) since(d syntax.Dialect) bool { return g.d != syntax.LuaJIT && g.d >= d }

type generator struct {
	r      *rand.Rand
	d      syntax.Dialect
	b      strings.Builder
	budget int // tokens left
	depth  int // of expressions and blocks
	labels int // made so far
	strict bool
	fn     *function
}

type function struct {
	outer  *function
	vararg bool
	locals int // active ones
	scopes []*scope
}

type scope struct {
	loop   bool
	names  []variable
	labels []string // that can be jumped to from here
}

type variable struct {
	name  string
	fixed bool
}

func (g *generator) chance(oneIn int) bool { return g.r.IntN(oneIn) == 0 }

func (g *generator) pick(s ...string) string { return s[g.r.IntN(len(s))] }

// emit writes tokens, each behind some white space or comment. "\v(" is a parenthesis
// that must stay on the line of the token before it.
func (g *generator) emit(tokens ...string) {
	for _, t := range tokens {
		g.budget--
		if rest, ok := strings.CutPrefix(t, "\v"); ok {
			if !g.chance(400) {
				g.b.WriteString(strings.Repeat(" ", g.r.IntN(2)))
				g.b.WriteString(rest)
				continue
			}
			t = rest
		}
		g.space(t)
		g.b.WriteString(t)
	}
}

// space writes what separates the text so far from token t.
func (g *generator) space(t string) {
	n := g.r.IntN(100)
	switch {
	case n < 60:
		if s := g.b.String(); s != "" && (strings.ContainsAny(t[:1], "(){};,") || strings.ContainsAny(s[len(s)-1:], "(){};,")) && g.chance(2) {
			return
		}
		g.b.WriteByte(' ')
	case n < 85:
		g.b.WriteByte('\n')
	case n < 87:
		g.b.WriteString(g.pick("\r\n", "\n\r", "\r", "\n\n", "\f", "\v"))
	case n < 90:
		g.b.WriteString("\t")
	case n < 93:
		g.b.WriteString(g.pick(" -- a comment\n", "--\n", " --[ no long one\n", "--[=no long one\r\n", "---@param x integer\n"))
	case n < 95:
		g.b.WriteString(g.pick(" --[[ long ]]", "--[==[ ]] \n ]==] ", " --[[]]--\n", " --[[ \r\n\n\r ]] "))
	default:
		g.b.WriteString("  ")
	}
}

var pool = []string{
	"a", "b", "c", "d", "e", "f", "g", "i", "k", "n", "s", "t", "v", "x", "y", "self", "skynet", "cmd", "address", "_", "_G", "_ENV",
	"print", "result", "continue", "global", "ends", "ifx", "a1", "A_b",
}

// word returns a name without regard to what it stands for.
func (g *generator) word() string {
	if g.chance(60) {
		switch g.d {
		case syntax.Lua51:
			return "goto"
		case syntax.LuaJIT:
			return g.pick("goto", "größe", "\xff")
		}
	}
	w := pool[g.r.IntN(len(pool))]
	if w == "global" && g.d == syntax.Lua55 || w == "_ENV" && g.strict {
		return "glob"
	}
	return w
}

// lookup finds the variable that a name means; ok is false for a global.
func (g *generator) lookup(name string) (v variable, ok bool) {
	for f := g.fn; f != nil; f = f.outer {
		for i := len(f.scopes) - 1; i >= 0; i-- {
			names := f.scopes[i].names
			for k := len(names) - 1; k >= 0; k-- {
				if names[k].name == name {
					return names[k], true
				}
			}
		}
	}
	return variable{}, false
}

// variable returns a name to be read or, with assign, mostly one that may be assigned.
func (g *generator) variable(assign bool) string {
	for range 20 {
		w := g.word()
		v, ok := g.lookup(w)
		if g.strict && !ok && !g.chance(200) {
			continue
		}
		if assign && v.fixed && !g.chance(100) {
			continue
		}
		return w
	}
	return "a"
}

func (g *generator) declare(name string, fixed bool) {
	s := g.fn.scopes[len(g.fn.scopes)-1]
	s.names = append(s.names, variable{name, fixed})
	g.fn.locals++
}

// scope runs body within a new block and writes labels that jumps in it may use.
func (g *generator) scope(loop bool, body func()) {
	s := &scope{loop: loop}
	f := g.fn
	f.scopes = append(f.scopes, s)
	g.depth++
	locals, strict := f.locals, g.strict
	forward := ""
	if g.d != syntax.Lua51 && g.chance(4) {
		g.labels++
		name := fmt.Sprintf("l%d", g.labels)
		if g.chance(20) {
			name = "continue" // may be there already
		}
		if g.chance(2) {
			s.labels = append(s.labels, name)
			g.emit("::", name, "::")
		} else {
			forward = name
			s.labels = append(s.labels, name)
		}
	}
	body()
	if forward != "" && !g.endsInReturn() {
		g.emit("::", forward, "::")
		if g.since(syntax.Lua52) && g.chance(4) {
			g.emit(";")
		}
	}
	f.locals, g.strict = locals, strict
	g.depth--
	f.scopes = f.scopes[:len(f.scopes)-1]
}

// endsInReturn reports whether the block that is being written has had its last statement.
func (g *generator) endsInReturn() bool {
	s := g.fn.scopes[len(g.fn.scopes)-1]
	return len(s.names) > 0 && s.names[len(s.names)-1].name == closed
}

// closed is the name of a mark among the variables of a scope: no statement may follow.
const closed = " closed"

func (g *generator) inLoop() bool {
	for _, s := range g.fn.scopes {
		if s.loop {
			return true
		}
	}
	return false
}

// label returns a label to jump to, "" if there is none.
func (g *generator) label() string {
	var all []string
	for _, s := range g.fn.scopes {
		all = append(all, s.labels...)
	}
	if len(all) == 0 {
		return ""
	}
	return all[g.r.IntN(len(all))]
}
