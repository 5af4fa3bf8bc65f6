// Package luaprint writes a syntax tree as Lua again, for the tests that compare trees. It
// writes one space between tokens, parentheses around the arguments of each call, and each
// attribute behind its name. All tokens come from the tree, so that what a tree has lost is
// lost in the text.
package luaprint

import (
	"strings"

	"github.com/skylint/skylint/syntax"
)

type printer struct {
	*syntax.Tree
	group bool
	b     strings.Builder
}

// Print returns the text of a tree without errors.
func Print(t *syntax.Tree) string {
	p := &printer{Tree: t}
	p.block(t.Main)
	return p.b.String()
}

// Grouped returns the text of a tree without errors, with parentheses around every unary and
// binary operation, so that precedences do not matter.
func Grouped(t *syntax.Tree) string {
	p := &printer{Tree: t, group: true}
	p.block(t.Main)
	return p.b.String()
}

// Expression returns the text of an expression, grouped as by Grouped.
func Expression(t *syntax.Tree, n syntax.Node) string {
	p := &printer{Tree: t, group: true}
	p.expression(n)
	return strings.TrimSpace(p.b.String())
}

func (p *printer) put(tokens ...string) {
	for _, t := range tokens {
		p.b.WriteString(t)
		p.b.WriteByte(' ')
	}
}

func (p *printer) open() {
	if p.group {
		p.put("(")
	}
}

func (p *printer) close() {
	if p.group {
		p.put(")")
	}
}

func (p *printer) block(n syntax.Node) {
	for _, s := range p.Statements(n) {
		p.statement(s)
		if k := p.Kind(s); k != syntax.EmptyStat && (k != syntax.LabelStat || p.Dialect != syntax.LuaJIT) {
			p.put(";")
		}
	}
}

func (p *printer) expressions(list []syntax.Node) {
	for i, n := range list {
		if i > 0 {
			p.put(",")
		}
		p.expression(n)
	}
}

func (p *printer) decls(list []syntax.Node) {
	for i, n := range list {
		if i > 0 {
			p.put(",")
		}
		if p.IsVarargTable(n) {
			p.put("...")
		}
		p.put(p.Name(n))
		if a := p.Attrib(n); a != syntax.NoAttrib {
			p.put("<", a.String(), ">")
		}
	}
}

func (p *printer) statement(n syntax.Node) {
	switch p.Kind(n) {
	case syntax.EmptyStat:
		p.put(";")
	case syntax.LocalStat, syntax.GlobalStat:
		decls, values := p.Local(n)
		p.put(map[syntax.Kind]string{syntax.LocalStat: "local", syntax.GlobalStat: "global"}[p.Kind(n)])
		p.decls(decls)
		if len(values) > 0 {
			p.put("=")
			p.expressions(values)
		}
	case syntax.GlobalAll:
		p.put("global")
		if a := p.Attrib(n); a != syntax.NoAttrib {
			p.put("<", a.String(), ">")
		}
		p.put("*")
	case syntax.AssignStat:
		targets, values := p.Assign(n)
		p.expressions(targets)
		p.put("=")
		p.expressions(values)
	case syntax.CallStat:
		p.expression(p.Operand(n))
	case syntax.DoStat:
		p.put("do")
		p.block(p.Body(n))
		p.put("end")
	case syntax.WhileStat:
		cond, block := p.While(n)
		p.put("while")
		p.expression(cond)
		p.put("do")
		p.block(block)
		p.put("end")
	case syntax.RepeatStat:
		block, cond := p.Repeat(n)
		p.put("repeat")
		p.block(block)
		p.put("until")
		p.expression(cond)
	case syntax.IfStat:
		for i, c := range p.Clauses(n) {
			cond, block := p.Clause(c)
			switch {
			case cond == syntax.None:
				p.put("else")
			case i == 0:
				p.put("if")
			default:
				p.put("elseif")
			}
			if cond != syntax.None {
				p.expression(cond)
				p.put("then")
			}
			p.block(block)
		}
		p.put("end")
	case syntax.NumericFor:
		decl, from, to, step, block := p.NumericFor(n)
		p.put("for", p.Name(decl), "=")
		p.expressions([]syntax.Node{from, to})
		if step != syntax.None {
			p.put(",")
			p.expression(step)
		}
		p.put("do")
		p.block(block)
		p.put("end")
	case syntax.GenericFor:
		decls, values, block := p.GenericFor(n)
		p.put("for")
		p.decls(decls)
		p.put("in")
		p.expressions(values)
		p.put("do")
		p.block(block)
		p.put("end")
	case syntax.FunctionStat:
		name, function, method := p.FunctionStat(n)
		p.put("function")
		if method {
			object, key := p.Index(name)
			p.expression(object)
			p.put(":", p.Str(key))
		} else {
			p.expression(name)
		}
		p.function(function)
	case syntax.LocalFunction, syntax.GlobalFunc:
		decl, function := p.LocalFunction(n)
		p.put(map[syntax.Kind]string{syntax.LocalFunction: "local", syntax.GlobalFunc: "global"}[p.Kind(n)], "function", p.Name(decl))
		p.function(function)
	case syntax.ReturnStat:
		p.put("return")
		p.expressions(p.Results(n))
	case syntax.BreakStat:
		p.put("break")
	case syntax.GotoStat:
		p.put("goto", p.Str(p.Label(n)))
	case syntax.LabelStat:
		p.put("::", p.Str(p.Label(n)), "::")
	default:
		panic("no statement: " + p.Kind(n).String())
	}
}

// function prints parameters and body.
func (p *printer) function(n syntax.Node) {
	params, block := p.Function(n)
	p.put("(")
	p.decls(params)
	if p.IsVariadic(n) && (len(params) == 0 || !p.IsVarargTable(params[len(params)-1])) {
		if len(params) > 0 {
			p.put(",")
		}
		p.put("...")
	}
	p.put(")")
	p.block(block)
	p.put("end")
}

func (p *printer) expression(n syntax.Node) {
	switch p.Kind(n) {
	case syntax.Nil:
		p.put("nil")
	case syntax.True:
		p.put("true")
	case syntax.False:
		p.put("false")
	case syntax.Vararg:
		p.put("...")
	case syntax.Number, syntax.String:
		p.put(p.Text(n))
	case syntax.Name:
		p.put(p.Name(n))
	case syntax.Function:
		p.put("function")
		p.function(n)
	case syntax.Index:
		object, key := p.Index(n)
		p.expression(object)
		if p.IsBare(key) {
			p.put(".", p.Str(key))
		} else {
			p.put("[")
			p.expression(key)
			p.put("]")
		}
	case syntax.Call:
		callee, args := p.Call(n)
		p.expression(callee)
		p.put("(")
		p.expressions(args)
		p.put(")")
	case syntax.MethodCall:
		receiver, name, args := p.MethodCall(n)
		p.expression(receiver)
		p.put(":", p.Str(name), "(")
		p.expressions(args)
		p.put(")")
	case syntax.Binary:
		op, left, right := p.Binary(n)
		p.open()
		p.expression(left)
		p.put(op.String())
		p.expression(right)
		p.close()
	case syntax.Unary:
		op, operand := p.Unary(n)
		p.open()
		p.put(op.String())
		p.expression(operand)
		p.close()
	case syntax.Paren:
		p.put("(")
		p.expression(p.Operand(n))
		p.put(")")
	case syntax.Table:
		p.put("{")
		for _, f := range p.Fields(n) {
			key, value := p.Field(f)
			switch {
			case key == syntax.None:
			case p.IsBare(key):
				p.put(p.Str(key), "=")
			default:
				p.put("[")
				p.expression(key)
				p.put("]", "=")
			}
			p.expression(value)
			p.put(",")
		}
		p.put("}")
	default:
		panic("no expression: " + p.Kind(n).String())
	}
}
