package syntax

var (
	since52 = DialectsOf(Lua52, Lua53, Lua54, Lua55)
	since53 = DialectsOf(Lua53, Lua54, Lua55)
	since54 = DialectsOf(Lua54, Lua55)
)

// binaryOps maps tokens to binary operators.
var binaryOps = [tokenCount]Op{
	tOr: Or, tAnd: And, tLt: Lt, tGt: Gt, tLe: Le, tGe: Ge, tNe: Ne, tEq: Eq, tPipe: BitOr, tTilde: BitXor, tAmp: BitAnd,
	tShl: Shl, tShr: Shr, tConcat: Concat, tPlus: Add, tMinus: Sub, tStar: Mul, tSlash: Div, tDoubleSlash: IDiv,
	tPercent: Mod, tCaret: Pow,
}

var unaryOps = [tokenCount]Op{tNot: Not, tHash: Len, tMinus: Neg, tTilde: BitNot}

// needs53 says which operators came with 5.3.
func needs53(o Op) bool {
	switch o {
	case BitOr, BitXor, BitAnd, Shl, Shr, IDiv, BitNot:
		return true
	}
	return false
}

// expression parses an expression; where there is none it reports an error and gives a BadExpr.
func (p *parser) expression() Node { return p.binary(0) }

// binary parses an expression whose operators bind tighter than limit.
func (p *parser) binary(limit uint8) Node {
	if !p.enter() {
		p.leave()
		return p.bad()
	}
	var left Node
	if op := unaryOps[p.tok]; op != NoOp {
		start, end := p.start, p.end
		if needs53(op) {
			p.needs(start, end, "the operator "+op.String(), since53)
		}
		p.advance()
		operand := p.binary(unaryPower)
		left = p.add(node{kind: Unary, op: uint8(op), start: start, end: p.nodes[operand].end, a: uint32(operand), c: start})
		p.grow(p.height + 1)
	} else {
		left = p.simple()
	}
	height := p.height
	for {
		op := binaryOps[p.tok]
		if op == NoOp || binaryPower[op].left <= limit {
			break
		}
		at := p.start
		if needs53(op) {
			p.needs(at, p.end, "the operator "+op.String(), since53)
		}
		p.advance()
		right := p.binary(binaryPower[op].right)
		left = p.add(node{kind: Binary, op: uint8(op), start: p.nodes[left].start, end: p.nodes[right].end,
			a: uint32(left), b: uint32(right), c: at})
		height = max(height, p.height) + 1
		p.grow(height)
	}
	p.height = height
	p.leave()
	return left
}

// bad makes a BadExpr of no bytes before the current token.
func (p *parser) bad() Node {
	p.height = 1
	at := min(p.lastEnd, p.start)
	return p.add(node{kind: BadExpr, start: at, end: at})
}

func (p *parser) simple() Node {
	p.height = 1
	switch p.tok {
	case tNumber:
		return p.leaf(Number, 0)
	case tString:
		return p.leaf(String, 0)
	case tNil:
		return p.leaf(Nil, 0)
	case tTrue:
		return p.leaf(True, 0)
	case tFalse:
		return p.leaf(False, 0)
	case tDots:
		if !p.fn.variadic {
			p.reportHere("'...' outside a function that takes it", 0)
		}
		return p.leaf(Vararg, 0)
	case tLBrace:
		return p.table()
	case tFunction:
		start := p.start
		p.advance()
		return p.function(start, false)
	}
	return p.suffixed()
}

// primary parses a name or an expression in parentheses.
func (p *parser) primary() Node {
	p.height = 1
	switch p.tok {
	case tName:
		return p.use()
	case tGoto:
		if p.dialect == LuaJIT {
			return p.use()
		}
	case tLParen:
		start := p.start
		p.advance()
		inner := p.expression()
		p.grow(p.height + 1)
		p.expectClose(tRParen, tLParen, start)
		return p.add(node{kind: Paren, start: start, end: p.lastEnd, a: uint32(inner)})
	}
	p.unexpected(anExpression)
	return p.bad()
}

// use parses a name as a reference to a variable.
func (p *parser) use() Node {
	n := p.leaf(Name, 0)
	p.checkDeclared(n)
	return n
}

// isName reports whether the current token can stand for a name.
func (p *parser) isName() bool {
	return p.tok == tName || p.tok == tGoto && p.dialect == LuaJIT
}

// field parses the name behind a dot or colon as a bare String.
func (p *parser) bareName() Node {
	if p.isName() {
		return p.leaf(String, flagBare)
	}
	p.unexpected(aName)
	at := p.lastEnd
	return p.add(node{kind: String, flags: flagBare, start: at, end: at})
}

// suffixed parses a primary expression with calls and indexes behind it.
func (p *parser) suffixed() Node {
	n := p.primary()
	if p.nodes[n].kind == BadExpr {
		return n
	}
	height := p.height
	for {
		start := p.nodes[n].start
		switch p.tok {
		case tDot:
			p.advance()
			key := p.bareName()
			n = p.add(node{kind: Index, flags: flagDot, start: start, end: p.lastEnd, a: uint32(n), b: uint32(key)})
		case tLBracket:
			opened := p.start
			p.advance()
			key := p.expression()
			height = max(height, p.height)
			p.expectClose(tRBracket, tLBracket, opened)
			n = p.add(node{kind: Index, start: start, end: p.lastEnd, a: uint32(n), b: uint32(key)})
		case tColon:
			p.advance()
			name := p.bareName()
			if !p.atArguments() {
				p.unexpected("the arguments of a method call")
				n = p.add(node{kind: Index, flags: flagDot, start: start, end: p.lastEnd, a: uint32(n), b: uint32(name)})
				break
			}
			args := p.arguments()
			height = max(height, p.height)
			n = p.add(node{kind: MethodCall, start: start, end: p.lastEnd, a: uint32(n), b: args, c: uint32(name)})
		case tLParen, tString, tLBrace:
			args := p.arguments()
			height = max(height, p.height)
			n = p.add(node{kind: Call, start: start, end: p.lastEnd, a: uint32(n), b: args})
		default:
			p.height = height
			return n
		}
		height++
		p.grow(height)
	}
}

func (p *parser) atArguments() bool {
	return p.tok == tLParen || p.tok == tString || p.tok == tLBrace
}

// arguments parses what a function is called with and returns the list.
func (p *parser) arguments() uint32 {
	mark := len(p.scratch)
	p.height = 1
	switch p.tok {
	case tString:
		p.scratch = append(p.scratch, p.leaf(String, 0))
	case tLBrace:
		p.scratch = append(p.scratch, p.table())
	default:
		opened := p.start
		if (p.dialect == Lua51 || p.dialect == LuaJIT) && p.lookedAt != p.start+1 && hasLineBreak(p.src[p.lastEnd:p.start]) {
			p.reportHere("a '(' at the start of a line may be a call of the line before or a new statement: put a ';' before it, or write it on the line before", since52)
		}
		p.advance()
		if p.tok == tRParen {
			p.advance()
			return 0
		}
		p.expressions()
		p.expectClose(tRParen, tLParen, opened)
	}
	return p.seal(mark)
}

func hasLineBreak(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' || s[i] == '\r' {
			return true
		}
	}
	return false
}

// expressions puts one or more expressions on the scratch; height is that of the highest.
func (p *parser) expressions() {
	p.scratch = append(p.scratch, p.expression())
	height := p.height
	for p.accept(tComma) {
		p.scratch = append(p.scratch, p.expression())
		height = max(height, p.height)
	}
	p.height = height
}

func (p *parser) table() Node {
	start := p.start
	p.advance()
	mark := len(p.scratch)
	height := 1
	for p.tok != tRBrace && p.tok != tEOF {
		before := p.start
		p.scratch = append(p.scratch, p.tableField())
		height = max(height, p.height)
		if !p.accept(tComma) && !p.accept(tSemi) {
			if p.tok == tRBrace || p.start == before || !p.startsExpression() {
				break
			}
			// A forgotten comma: say so and go on, so that it costs one error.
			p.reportHere("expected ',' or '}' in the table, found "+p.describe(), 0)
		}
	}
	p.expectClose(tRBrace, tLBrace, start)
	n := p.add(node{kind: Table, start: start, end: p.lastEnd, a: p.seal(mark)})
	p.grow(height + 1)
	return n
}

func (p *parser) startsExpression() bool {
	switch p.tok {
	case tName, tString, tNumber, tNil, tTrue, tFalse, tLBrace, tFunction:
		return true
	}
	return false
}

func (p *parser) tableField() Node {
	start := p.start
	var key Node
	switch {
	case p.isName() && p.peekToken() == tAssign:
		key = p.leaf(String, flagBare)
		p.advance()
	case p.isName():
		p.lookedAhead()
	case p.tok == tLBracket:
		p.advance()
		key = p.expression()
		p.expectClose(tRBracket, tLBracket, start)
		p.expect(tAssign)
	}
	h := p.height
	value := p.expression()
	if key != None {
		p.height = max(h, p.height)
	} else {
		start = p.nodes[value].start
	}
	return p.add(node{kind: Field, start: start, end: p.nodes[value].end, a: uint32(key), b: uint32(value)})
}

// function parses parameters and body of a function; the keyword is behind us.
func (p *parser) function(start uint32, method bool) Node {
	peak := p.peak
	p.peak = 0
	p.openFunction(false)
	var f flags
	if method {
		f |= flagMethod
		p.declareSelf()
	}
	opened := p.start
	p.expect(tLParen)
	mark := len(p.scratch)
	for p.tok != tRParen && p.tok != tEOF {
		if p.tok == tDots {
			p.advance()
			f |= flagVararg
			p.fn.variadic = true
			if p.isName() {
				p.needs(p.start, p.end, "a name behind '...'", DialectsOf(Lua55))
				p.scratch = append(p.scratch, p.leaf(Decl, flagNamedArg))
			}
			break
		}
		if !p.isName() {
			p.unexpected(aName)
			break
		}
		p.scratch = append(p.scratch, p.leaf(Decl, 0))
		if !p.accept(tComma) {
			break
		}
		if p.tok == tRParen {
			p.unexpected(aName)
		}
	}
	for _, d := range p.scratch[mark:] {
		p.declare(d)
	}
	params := p.seal(mark)
	p.expectClose(tRParen, tLParen, opened)
	body := p.statements()
	p.expectClose(tEnd, tFunction, start)
	p.closeFunction()
	n := p.add(node{kind: Function, flags: f, start: start, end: p.lastEnd, a: params, b: uint32(body)})
	h := p.peak + 3
	p.peak = peak
	p.grow(h)
	return n
}
