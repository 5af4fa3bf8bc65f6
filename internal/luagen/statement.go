package luagen

import "github.com/skylint/skylint/syntax"

// block writes the statements of a block, with all its tokens but the ones around it.
func (g *generator) block(loop bool, before func()) {
	g.scope(loop, func() {
		if before != nil {
			before()
		}
		n := g.r.IntN(5)
		if g.depth > 12 || g.budget <= 0 {
			n = 0
		}
		for range n {
			g.statement()
		}
		switch {
		case g.chance(6):
			g.returnStat()
		case g.inLoop() && g.chance(6):
			g.emit("break")
			g.optionalSemicolon()
			g.declare(closed, false)
			g.fn.locals--
		}
	})
}

func (g *generator) optionalSemicolon() {
	if g.chance(6) {
		g.emit(";")
	}
}

func (g *generator) returnStat() {
	g.emit("return")
	if !g.chance(4) {
		g.expressions(1 + g.r.IntN(3))
	}
	g.optionalSemicolon()
	g.declare(closed, false)
	g.fn.locals--
}

func (g *generator) statement() {
	if g.depth > 25 {
		g.callStat()
		return
	}
	switch n := g.r.IntN(100); {
	case n < 22:
		g.localStat()
	case n < 42:
		g.assignStat()
	case n < 58:
		g.callStat()
	case n < 66:
		g.ifStat()
	case n < 69:
		g.emit("while")
		g.expression()
		g.emit("do")
		g.block(true, nil)
		g.emit("end")
	case n < 72:
		g.emit("repeat")
		g.block(true, nil)
		g.emit("until")
		g.expression()
	case n < 76:
		g.numericFor()
	case n < 80:
		g.genericFor()
	case n < 83:
		g.emit("do")
		g.block(false, nil)
		g.emit("end")
	case n < 88:
		g.functionStat()
	case n < 91:
		g.localFunction()
	case n < 94:
		g.gotoStat()
	case n < 96 && g.since(syntax.Lua52):
		g.emit(";")
		return
	case n < 97 && g.since(syntax.Lua52) && g.inLoop():
		g.emit("break")
	case n < 99 && g.d == syntax.Lua55:
		g.globalStat()
	default:
		g.callStat()
	}
	g.optionalSemicolon()
}

func (g *generator) localStat() {
	n := 1 + g.r.IntN(3)
	if g.fn.locals+n > 100 {
		g.callStat()
		return
	}
	g.emit("local")
	attributes := g.since(syntax.Lua54)
	prefixed := false
	if g.d == syntax.Lua55 && g.chance(12) {
		prefixed = true
		g.emit("<", "const", ">")
	}
	closes := 0
	var names []variable
	for i := range n {
		if i > 0 {
			g.emit(",")
		}
		v := variable{g.word(), prefixed}
		g.emit(v.name)
		if attributes && g.chance(8) {
			attribute := "const"
			if closes == 0 && g.chance(3) || g.chance(100) {
				attribute = "close"
				closes++
			} else if g.chance(80) {
				attribute = g.pick("constant", "goto", "x")
			}
			v.fixed = true
			g.emit("<", attribute, ">")
		}
		names = append(names, v)
	}
	if !g.chance(4) {
		g.emit("=")
		g.expressions(n + g.r.IntN(2))
	}
	for _, v := range names {
		g.declare(v.name, v.fixed)
	}
}

func (g *generator) assignStat() {
	n := 1
	if g.chance(4) {
		n += g.r.IntN(3)
	}
	for i := range n {
		if i > 0 {
			g.emit(",")
		}
		if g.chance(2) {
			g.emit(g.variable(true))
			continue
		}
		g.prefix(false)
		g.index()
	}
	g.emit("=")
	g.expressions(n)
}

func (g *generator) callStat() {
	g.prefix(false)
	g.call()
}

func (g *generator) ifStat() {
	g.emit("if")
	g.expression()
	g.emit("then")
	g.block(false, nil)
	for g.chance(3) && g.budget > 0 {
		g.emit("elseif")
		g.expression()
		g.emit("then")
		g.block(false, nil)
	}
	if g.chance(2) {
		g.emit("else")
		g.block(false, nil)
	}
	g.emit("end")
}

func (g *generator) numericFor() {
	g.emit("for")
	name := g.word()
	g.emit(name, "=")
	g.expressions(2 + g.r.IntN(2))
	g.emit("do")
	g.block(true, func() { g.declare(name, g.d == syntax.Lua55) })
	g.emit("end")
}

func (g *generator) genericFor() {
	g.emit("for")
	names := []string{g.word()}
	g.emit(names[0])
	for g.chance(2) && len(names) < 4 {
		names = append(names, g.word())
		g.emit(",", names[len(names)-1])
	}
	g.emit("in")
	g.expressions(1 + g.r.IntN(2))
	g.emit("do")
	g.block(true, func() {
		for i, name := range names {
			g.declare(name, g.d == syntax.Lua55 && i == 0)
		}
	})
	g.emit("end")
}

func (g *generator) functionStat() {
	g.emit("function", g.variable(true))
	for g.chance(2) {
		g.emit(".", g.word())
	}
	method := g.chance(4)
	if method {
		g.emit(":", g.word())
	}
	g.functionBody(method)
}

func (g *generator) localFunction() {
	if g.fn.locals > 100 {
		g.callStat()
		return
	}
	name := g.word()
	g.emit("local", "function", name)
	g.declare(name, false)
	g.functionBody(false)
}

func (g *generator) functionBody(method bool) {
	g.fn = &function{outer: g.fn}
	g.emit("(")
	var names []string
	if method {
		names = append(names, "self")
	}
	n := g.r.IntN(4)
	for i := range n {
		if i > 0 {
			g.emit(",")
		}
		names = append(names, g.word())
		g.emit(names[len(names)-1])
	}
	table := ""
	if g.chance(3) {
		if n > 0 {
			g.emit(",")
		}
		g.emit("...")
		g.fn.vararg = true
		if g.d == syntax.Lua55 && g.chance(3) {
			table = g.word()
			g.emit(table)
		}
	}
	g.emit(")")
	g.block(false, func() {
		for _, name := range names {
			g.declare(name, false)
		}
		if table != "" {
			g.declare(table, true)
		}
	})
	g.emit("end")
	g.fn = g.fn.outer
}

func (g *generator) gotoStat() {
	if g.d == syntax.Lua51 {
		g.callStat()
		return
	}
	label := g.label()
	if label == "" || g.chance(60) {
		if !g.chance(30) {
			g.callStat()
			return
		}
		label = "nowhere"
	}
	if g.chance(2) {
		g.emit("if")
		g.expression()
		g.emit("then", "goto", label, "end")
		return
	}
	g.emit("goto", label)
}

func (g *generator) globalStat() {
	g.emit("global")
	if g.chance(6) {
		g.emit("function")
		name := g.word()
		g.emit(name)
		g.strict = true
		g.declare(name, false)
		g.functionBody(false)
		return
	}
	fixed := g.chance(6)
	if fixed {
		g.emit("<", "const", ">")
	}
	if g.chance(2) {
		g.emit("*")
		if g.strict {
			g.strict = fixed // names are free again, though constants with the attribute
		}
		return
	}
	var names []string
	for i := range 1 + g.r.IntN(3) {
		if i > 0 {
			g.emit(",")
		}
		names = append(names, g.word())
		g.emit(names[i])
	}
	if g.chance(3) {
		g.emit("=")
		g.expressions(len(names))
	}
	g.strict = true
	for _, name := range names {
		g.declare(name, fixed)
	}
}
