package syntax

import "github.com/skylint/skylint/source"

// blockEnds reports whether the current token ends a block.
func (p *parser) blockEnds() bool {
	switch p.tok {
	case tEOF, tEnd, tElse, tElseif, tUntil:
		return true
	}
	return false
}

// block parses statements in a scope of their own.
func (p *parser) block() Node {
	p.openScope(false)
	n := p.statements()
	p.closeScope()
	return n
}

// loopBlock parses the body of a loop with its variables declared.
func (p *parser) loopBlock(decls []Node) Node {
	p.openScope(true)
	p.declareLoop(decls)
	n := p.block()
	p.closeScope()
	return n
}

// statements parses statements up to the end of the block.
func (p *parser) statements() Node {
	mark, first := len(p.scratch), p.lastEnd
	p.statementList()
	return p.blockOf(mark, first)
}

// statementList puts statements up to the end of the block on the scratch.
func (p *parser) statementList() {
	for !p.blockEnds() {
		before := p.start
		p.lost = false
		if p.tok != tDoubleColon && p.tok != tSemi {
			p.endRun(false)
		}
		n := p.statement()
		last := p.nodes[n].kind == ReturnStat ||
			p.nodes[n].kind == BreakStat && (p.dialect == Lua51 || p.dialect == LuaJIT)
		if p.lost || p.start == before { // never stand still
			p.resync(before)
		}
		if p.nodes[n].kind != EmptyStat {
			p.accept(tSemi)
		}
		p.scratch = append(p.scratch, n)
		if last && !p.blockEnds() {
			if p.nodes[n].kind == ReturnStat {
				p.failHere("'return' must be the last statement of its block: use 'do return end'", 0)
			} else {
				p.failHere("'break' must be the last statement of its block", since52)
			}
		}
	}
	p.endRun(p.tok != tUntil)
}

// blockOf makes a Block of the scratch items from mark on; an empty one stands at first,
// which is right behind what opens it.
func (p *parser) blockOf(mark int, first uint32) Node {
	start, end := first, first
	if items := p.scratch[mark:]; len(items) > 0 {
		end = p.nodes[items[len(items)-1]].end
		start = p.nodes[items[0]].start
	}
	return p.add(node{kind: Block, start: start, end: end, a: p.seal(mark)})
}

// resync skips to where a statement is likely to start after an error.
func (p *parser) resync(before uint32) {
	p.lost = false
	for p.tok != tEOF {
		switch p.tok {
		case tIf, tWhile, tDo, tFor, tRepeat, tLocal, tReturn, tBreak, tEnd, tElse, tElseif, tUntil, tSemi, tDoubleColon, tGoto:
			if p.start > before {
				return
			}
		case tFunction, tName:
			if p.start > before && hasLineBreak(p.src[p.lastEnd:p.start]) {
				return
			}
		}
		p.advance()
	}
	p.lost = false
}

func (p *parser) statement() Node {
	if !p.enter() {
		p.leave()
		return p.add(node{kind: BadStat, start: p.lastEnd, end: p.lastEnd})
	}
	n := p.statementOf(p.start)
	p.leave()
	return n
}

func (p *parser) statementOf(start uint32) Node {
	switch p.tok {
	case tSemi:
		p.needs(p.start, p.end, "an empty statement", since52)
		return p.leaf(EmptyStat, 0)
	case tIf:
		return p.ifStat(start)
	case tWhile:
		p.advance()
		cond := p.expression()
		p.expect(tDo)
		block := p.loopBlock(nil)
		p.expectClose(tEnd, tWhile, start)
		return p.add(node{kind: WhileStat, start: start, end: p.lastEnd, a: uint32(cond), b: uint32(block)})
	case tDo:
		p.advance()
		block := p.block()
		p.expectClose(tEnd, tDo, start)
		return p.add(node{kind: DoStat, start: start, end: p.lastEnd, a: uint32(block)})
	case tFor:
		return p.forStat(start)
	case tRepeat:
		p.advance()
		p.openScope(true)
		p.openScope(false) // the condition sees the locals of the body
		block := p.statements()
		p.expectClose(tUntil, tRepeat, start)
		cond := p.expression()
		p.closeScope()
		p.closeScope()
		return p.add(node{kind: RepeatStat, start: start, end: p.nodes[cond].end, a: uint32(block), b: uint32(cond)})
	case tFunction:
		return p.functionStat(start)
	case tLocal:
		p.advance()
		if p.tok == tFunction {
			return p.localFunction(start, LocalFunction)
		}
		return p.localStat(start)
	case tDoubleColon:
		return p.labelStat(start)
	case tReturn:
		p.advance()
		mark := len(p.scratch)
		if !p.blockEnds() && p.tok != tSemi {
			p.expressions()
		}
		end := p.lastEnd
		return p.add(node{kind: ReturnStat, start: start, end: end, a: p.seal(mark)})
	case tBreak:
		if p.dialect == Lua55 {
			p.breakAt(start)
			p.advance()
		} else {
			p.advance()
			p.breakAt(start)
		}
		return p.add(node{kind: BreakStat, start: start, end: p.lastEnd})
	case tGoto:
		if p.dialect != LuaJIT || p.peekToken() == tName {
			return p.gotoStat(start)
		}
		p.lookedAhead()
	case tName:
		switch p.text() {
		case "goto":
			if p.dialect == Lua51 && p.peekToken() == tName {
				return p.gotoStat(start)
			}
		case "global":
			if p.startsGlobal() {
				return p.globalStat(start)
			}
		}
	}
	return p.expressionStat(start)
}

// expressionStat parses a call or an assignment.
func (p *parser) expressionStat(start uint32) Node {
	first := p.suffixed()
	if p.nodes[first].kind == BadExpr {
		p.nodes[first].start, p.nodes[first].end = start, start
		return p.add(node{kind: BadStat, start: start, end: max(start, p.lastEnd), a: uint32(first)})
	}
	if p.tok != tAssign && p.tok != tComma {
		if k := p.nodes[first].kind; k != Call && k != MethodCall {
			if !p.lost {
				p.alone(first)
			}
			return p.add(node{kind: BadStat, start: start, end: p.lastEnd, a: uint32(first)})
		}
		return p.add(node{kind: CallStat, start: start, end: p.lastEnd, a: uint32(first)})
	}
	mark := len(p.scratch)
	p.checkTarget(first)
	p.scratch = append(p.scratch, first)
	for p.accept(tComma) {
		target := p.suffixed()
		p.checkTarget(target)
		p.scratch = append(p.scratch, target)
	}
	targets := p.seal(mark)
	p.expect(tAssign)
	p.expressions()
	values := p.seal(mark)
	return p.add(node{kind: AssignStat, start: start, end: p.lastEnd, a: targets, b: values})
}

// alone reports an expression that is no statement: where the line goes on, at the token
// that is wrong, else at the expression.
func (p *parser) alone(n Node) {
	if p.tok != tEOF && !hasLineBreak(p.src[p.lastEnd:p.start]) {
		p.failHere("an expression alone is no statement: expected '=' or a call, found "+p.describe(), 0)
		return
	}
	p.lost = true
	if p.erredAt != p.start+1 {
		p.erredAt = p.start + 1
		p.reportAt(p.nodes[n].start, p.nodes[n].end, "an expression alone is no statement: assign it, or call it", 0)
	}
}

// checkTarget reports an expression that cannot be assigned to.
func (p *parser) checkTarget(n Node) {
	switch p.nodes[n].kind {
	case Index:
	case Name:
		p.checkConst(n)
	case BadExpr:
	default:
		p.failHere("cannot assign to this expression", 0)
	}
}

func (p *parser) ifStat(start uint32) Node {
	mark := len(p.scratch)
	for hasElse := false; ; {
		arm, isElse := p.start, p.tok == tElse
		if hasElse { // this arm is one too many, but read it all the same
			p.expectClose(tEnd, tIf, start)
		}
		hasElse = hasElse || isElse
		p.advance()
		var cond Node
		if !isElse {
			cond = p.expression()
			p.expect(tThen)
		}
		block := p.block()
		p.scratch = append(p.scratch, p.add(node{kind: Clause, start: arm, end: p.lastEnd, a: uint32(cond), b: uint32(block)}))
		if p.tok != tElse && p.tok != tElseif {
			break
		}
	}
	p.expectClose(tEnd, tIf, start)
	return p.add(node{kind: IfStat, start: start, end: p.lastEnd, a: p.seal(mark)})
}

// decl parses a declared name.
func (p *parser) decl() Node {
	if p.isName() {
		return p.leaf(Decl, 0)
	}
	p.unexpected(aName)
	return p.add(node{kind: Decl, start: p.lastEnd, end: p.lastEnd})
}

func (p *parser) forStat(start uint32) Node {
	p.advance()
	mark := len(p.scratch)
	first := p.decl()
	if p.tok == tAssign {
		p.advance()
		p.scratch = append(p.scratch, p.expression())
		p.expect(tComma)
		p.scratch = append(p.scratch, p.expression())
		if p.accept(tComma) {
			p.scratch = append(p.scratch, p.expression())
		}
		bounds := p.seal(mark)
		p.expect(tDo)
		block := p.loopBlock([]Node{first})
		p.expectClose(tEnd, tFor, start)
		return p.add(node{kind: NumericFor, start: start, end: p.lastEnd, a: uint32(first), b: bounds, c: uint32(block)})
	}
	if p.tok != tComma && p.tok != tIn {
		p.unexpected("'=' or 'in'")
	}
	p.scratch = append(p.scratch, first)
	for p.accept(tComma) {
		p.scratch = append(p.scratch, p.decl())
	}
	decls := p.seal(mark)
	p.expect(tIn)
	p.expressions()
	values := p.seal(mark)
	p.expect(tDo)
	block := p.loopBlock(p.items(decls))
	p.expectClose(tEnd, tFor, start)
	return p.add(node{kind: GenericFor, start: start, end: p.lastEnd, a: decls, b: values, c: uint32(block)})
}

func (p *parser) functionStat(start uint32) Node {
	p.advance()
	var name Node
	p.height = 1
	if p.isName() {
		name = p.use()
	} else {
		p.unexpected(aName)
		name = p.bad()
	}
	method := false
	for p.tok == tDot || p.tok == tColon {
		method = p.tok == tColon
		p.advance()
		key := p.bareName()
		name = p.add(node{kind: Index, flags: flagDot, start: p.nodes[name].start, end: p.lastEnd, a: uint32(name), b: uint32(key)})
		p.grow(p.height + 1)
		if method {
			break
		}
	}
	constant := p.nodes[name].kind == Name
	if constant && p.dialect != Lua54 {
		p.checkConst(name)
	}
	fn := p.function(start, method)
	if constant && p.dialect == Lua54 { // which looks only then
		p.checkConst(name)
	}
	var f flags
	if method {
		f = flagMethod
	}
	return p.add(node{kind: FunctionStat, flags: f, start: start, end: p.lastEnd, a: uint32(name), b: uint32(fn)})
}

// localFunction parses local function and global function; the first keyword is behind us.
func (p *parser) localFunction(start uint32, k Kind) Node {
	keyword := p.start
	p.advance()
	decl := p.decl()
	if k == GlobalFunc {
		p.declareGlobal(decl)
		p.checkEnvironment(p.span(decl))
	} else {
		p.declare(decl)
	}
	fn := p.function(keyword, false)
	return p.add(node{kind: k, start: start, end: p.lastEnd, a: uint32(decl), b: uint32(fn)})
}

// attrib parses an optional <const> or <close>.
func (p *parser) attrib(dialects DialectSet) Attrib {
	if p.tok != tLt {
		return NoAttrib
	}
	start := p.start
	p.needs(p.start, p.end, "an attribute", dialects)
	p.advance()
	name := ""
	if p.isName() {
		name = p.text()
		p.advance()
	} else {
		p.unexpected("the name of an attribute")
	}
	end := p.end
	p.expect(tGt)
	switch name {
	case "const":
		return Const
	case "close":
		return Close
	case "":
	default:
		p.semantic(Error{Span: source.Span{Start: start, End: end}, Message: "unknown attribute '" + clip(name) + "': there are const and close"})
	}
	return NoAttrib
}

func (p *parser) localStat(start uint32) Node {
	mark := len(p.scratch)
	prefix := p.attrib(DialectsOf(Lua55))
	closing := false
	for {
		d := p.decl()
		attr := p.attrib(since54)
		if attr == NoAttrib && prefix != NoAttrib {
			attr = prefix
			p.nodes[d].flags |= flagPrefix
		}
		p.nodes[d].op = uint8(attr)
		if attr == Close {
			if closing {
				p.semantic(Error{Span: p.span(d), Message: "more than one <close> variable in one declaration"})
			}
			closing = true
		}
		p.scratch = append(p.scratch, d)
		if !p.accept(tComma) {
			break
		}
	}
	return p.finishLocal(start, LocalStat, p.seal(mark))
}

// finishLocal parses the values and declares the names of the list.
func (p *parser) finishLocal(start uint32, k Kind, decls uint32) Node {
	mark := len(p.scratch)
	if p.accept(tAssign) {
		if k == GlobalStat {
			p.checkEnvironment(p.span(p.items(decls)[0]))
		}
		p.expressions()
	}
	values := p.seal(mark)
	for _, d := range p.items(decls) {
		if k == GlobalStat {
			p.declareGlobal(d)
		} else {
			p.declare(d)
		}
	}
	return p.add(node{kind: k, start: start, end: p.lastEnd, a: decls, b: values})
}

// startsGlobal reports whether the name global at the current token starts a declaration.
func (p *parser) startsGlobal() bool {
	next := p.peekToken()
	if p.dialect == Lua55 {
		p.lookedAhead()
	}
	switch next {
	case tName, tFunction:
		return true
	case tLt, tStar: // which no statement of another dialect can start with
		return true
	}
	return false
}

// globalStat parses the declarations of 5.5.
func (p *parser) globalStat(start uint32) Node {
	p.needs(p.start, p.end, "a global declaration", DialectsOf(Lua55))
	p.advance()
	if p.tok == tFunction {
		return p.localFunction(start, GlobalFunc)
	}
	prefix := p.attrib(AllDialects)
	p.notClosing(prefix, start)
	if p.accept(tStar) {
		n := p.add(node{kind: GlobalAll, op: uint8(prefix), start: start, end: p.lastEnd})
		p.declareGlobal(n)
		return n
	}
	mark := len(p.scratch)
	for {
		d := p.decl()
		attr := p.attrib(AllDialects)
		p.notClosing(attr, p.nodes[d].start)
		if attr == NoAttrib && prefix != NoAttrib {
			attr = prefix
			p.nodes[d].flags |= flagPrefix
		}
		p.nodes[d].op = uint8(attr)
		p.scratch = append(p.scratch, d)
		if !p.accept(tComma) {
			break
		}
	}
	return p.finishLocal(start, GlobalStat, p.seal(mark))
}

func (p *parser) notClosing(a Attrib, start uint32) {
	if a == Close {
		p.semantic(Error{Span: source.Span{Start: start, End: p.lastEnd}, Message: "a global variable cannot be <close>"})
	}
}

func (p *parser) labelStat(start uint32) Node {
	p.needs(p.start, p.end, "a label", since52|DialectsOf(LuaJIT))
	p.advance()
	name := p.bareName()
	p.defineLabel(name)
	p.expect(tDoubleColon)
	if p.dialect == LuaJIT && p.tok == tSemi { // which has no empty statements
		p.endRun(false)
		p.labels[len(p.labels)-1].semicolon = true
	}
	return p.add(node{kind: LabelStat, start: start, end: p.lastEnd, a: uint32(name)})
}

func (p *parser) gotoStat(start uint32) Node {
	p.needs(p.start, p.end, "goto", since52|DialectsOf(LuaJIT))
	p.advance()
	switch p.tok {
	case tAssign, tComma, tDot, tLBracket, tColon, tLParen, tLBrace, tString:
		p.failHere("'goto' is a keyword in "+p.dialect.Title()+" and cannot be a name", gotoIsName)
	}
	name := p.bareName()
	n := p.add(node{kind: GotoStat, start: start, end: p.lastEnd, a: uint32(name)})
	p.useLabel(name)
	return n
}
