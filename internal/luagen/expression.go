package luagen

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/syntax"
)

func (g *generator) expressions(n int) {
	for i := range n {
		if i > 0 {
			g.emit(",")
		}
		g.expression()
	}
}

func (g *generator) expression() {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > 30 || g.budget <= 0 {
		g.simple()
		return
	}
	switch n := g.r.IntN(100); {
	case n < 45:
		g.simple()
	case n < 65:
		g.expression()
		g.emit(g.binaryOperator())
		g.expression()
	case n < 72:
		g.emit(g.unaryOperator())
		g.expression()
	case n < 84:
		g.prefix(true)
		for g.chance(2) {
			g.suffix()
		}
	case n < 92:
		g.table()
	case n < 96:
		g.emit("function")
		g.functionBody(false)
	default:
		g.emit("(")
		g.expression()
		g.emit(")")
	}
}

func (g *generator) binaryOperator() string {
	ops := []string{"or", "and", "<", ">", "<=", ">=", "~=", "==", "..", "+", "-", "*", "/", "%", "^"}
	if g.since(syntax.Lua53) || g.chance(150) {
		ops = append(ops, "//", "&", "|", "~", "<<", ">>")
	}
	return g.pick(ops...)
}

func (g *generator) unaryOperator() string {
	if g.since(syntax.Lua53) && g.chance(5) {
		return "~"
	}
	return g.pick("not", "-", "#")
}

// simple writes an expression of one token.
func (g *generator) simple() {
	switch n := g.r.IntN(100); {
	case n < 40:
		g.emit(g.variable(false))
	case n < 60:
		g.emit(g.number())
	case n < 80:
		g.emit(g.text())
	case n < 84:
		if g.fn.vararg || g.chance(200) {
			g.emit("...")
		} else {
			g.emit("nil")
		}
	default:
		g.emit(g.pick("nil", "true", "false"))
	}
}

// prefix writes what a call or an index can follow. Without parentheses it can start
// a statement and not be taken for the rest of the one before.
func (g *generator) prefix(parens bool) {
	if parens && g.chance(6) {
		g.emit("(")
		g.expression()
		g.emit(")")
	} else {
		g.emit(g.variable(false))
	}
	for g.chance(3) && g.budget > 0 {
		g.suffix()
	}
}

func (g *generator) suffix() {
	if g.chance(2) {
		g.index()
	} else {
		g.call()
	}
}

func (g *generator) index() {
	if g.chance(3) {
		g.emit("[")
		g.expression()
		g.emit("]")
		return
	}
	g.emit(".", g.word())
}

func (g *generator) call() {
	if g.chance(4) {
		g.emit(":", g.word())
	}
	switch g.r.IntN(8) {
	case 0:
		g.emit(g.text())
	case 1:
		g.table()
	default:
		g.emit("\v(")
		n := g.r.IntN(4)
		if g.budget <= 0 {
			n = 0
		}
		g.expressions(n)
		g.emit(")")
	}
}

func (g *generator) table() {
	g.emit("{")
	n := g.r.IntN(4)
	if g.budget <= 0 {
		n = 0
	}
	for i := range n {
		switch g.r.IntN(3) {
		case 0:
			g.emit(g.word(), "=")
		case 1:
			g.emit("[")
			g.expression()
			g.emit("]", "=")
		}
		g.expression()
		if i < n-1 || g.chance(2) {
			g.emit(g.pick(",", ";"))
		}
	}
	g.emit("}")
}

var numbers = []string{
	"0", "1", "42", "007", "3.14", ".5", "5.", "1e10", "1E-5", "1.5e+3", "0x1F", "0Xff", "0xA.8", "0x.1p4", "0x1p-2", "0xFFFFFFFFFFFFFFFFFF",
	"9223372036854775807", "9223372036854775808", "1e400",
}

var jitNumbers = []string{"1LL", "0x10ull", "2i", "1.5I", "0b101", "0B0", "0b11LL"}

var badNumbers = []string{"1x", "0x", "1e", "1e+", "3..2", "0xg", "1.2.3", "0x1p", "1LLL", "0b2", "1_000", "0x1.8LL", "1e5i2"}

func (g *generator) number() string {
	switch {
	case g.chance(300):
		return g.pick(badNumbers...)
	case g.d == syntax.LuaJIT && g.chance(4):
		return g.pick(jitNumbers...)
	case g.chance(4):
		return fmt.Sprint(g.r.IntN(100000))
	}
	n := g.pick(numbers...)
	if g.d == syntax.Lua51 && strings.ContainsAny(n, "xX") && strings.ContainsAny(n, "pP.") {
		return "0x10" // the real one leaves these to the C library
	}
	return n
}

// text returns a string literal.
func (g *generator) text() string {
	if g.chance(5) {
		level := strings.Repeat("=", g.r.IntN(3))
		return "[" + level + "[" + g.pick("", "\n", "text", "two\nlines", "\r\nx\r", "\\x", "]", "-- no comment", "\xff\x00") + "]" + level + "]"
	}
	quote := g.pick(`"`, `'`)
	var b strings.Builder
	b.WriteString(quote)
	for range g.r.IntN(4) {
		switch n := g.r.IntN(30); {
		case n < 18:
			b.WriteString(g.pick("text", "a b", "x", "%s", "[[", "--", "lua", "\xe4\xb8\xad", "\t"))
		case n < 24:
			b.WriteString(g.pick(`\n`, `\\`, `\"`, `\'`, `\0`, `\255`, `\10`, `\065`, "\\\n", "\\\r\n", `\a`))
		case n < 27 && g.d != syntax.Lua51:
			b.WriteString(g.pick(`\x41`, `\xfF`, `\z  `, "\\z\n \r\n"))
		case n < 29 && (g.since(syntax.Lua53) || g.d == syntax.LuaJIT):
			b.WriteString(g.pick(`\u{41}`, `\u{10FFFF}`, `\u{00000}`))
		case g.chance(20):
			b.WriteString(g.pick(`\q`, `\256`, `\x4`, `\xg1`, `\u{}`, `\u{110000}`, `\u{80000000}`, `\u41`, "\n", "\\"))
		}
	}
	b.WriteString(quote)
	return b.String()
}
