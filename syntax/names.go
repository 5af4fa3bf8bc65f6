package syntax

import "github.com/skylint/skylint/source"

// names follows which declarations are in scope, as far as the language itself asks for it:
// constants, the declared globals of 5.5, labels and break. Resolving names for analysis is
// the work of package flow/scope.
type names struct {
	actives   []active
	scopes    []scopeState
	functions []functionState
	labels    []label
	latest    map[string]int32 // the last label of each name, plus one
	gotos     []pendingGoto
	index     nameIndex
	// hasConst and hasGlobal say whether any declaration so far makes a check necessary.
	hasConst, hasGlobal bool
}

// active is a declaration in scope.
type active struct {
	start, end uint32 // of the name; zero for self
	kind       activeKind
}

type activeKind uint8

const (
	plainLocal activeKind = iota
	constLocal
	loopLocal // the control variable of a for loop in 5.5
	plainGlobal
	constGlobal
	allGlobals
	allGlobalsConst
)

type functionState struct {
	variadic bool
	scopes   int // the scopes outside
	labels   int
	gotos    int
}

type scopeState struct {
	actives int
	labels  int
	gotos   int
	loop    bool
	// run is the number of labels before those with nothing but labels and empty
	// statements behind them so far.
	run int
}

type label struct {
	name    Node       // a String
	actives int        // declarations in scope at the label
	hidden  int32      // the label of the same name that this one hides, plus one
	order   uint64     // of an error there
	accepts DialectSet // that take it for the end of the block, where the one at hand does not
	// semicolon says that an empty statement follows, which LuaJIT does not know
	semicolon bool
	noticed   uint32 // up to where the reference implementation has read when it knows the label's scope
}

type pendingGoto struct {
	name    Node // a String, or None for break
	start   uint32
	actives int
}

func (p *parser) openFunction(variadic bool) {
	p.functions = append(p.functions, functionState{
		variadic: variadic, scopes: len(p.scopes), labels: len(p.labels), gotos: len(p.gotos),
	})
	p.fn = &p.functions[len(p.functions)-1]
	p.openScope(false)
}

// closeFunction ends a function whose last token, if it is there, is behind us.
func (p *parser) closeFunction() {
	p.closeScope()
	fn := p.functions[len(p.functions)-1]
	for _, g := range p.gotos[fn.gotos:] {
		e := Error{Span: source.Span{Start: g.start, End: g.start + 5}, Message: "'break' outside a loop"}
		if g.name != None {
			e.Span = p.span(g.name)
			e.Message = "no visible label '" + clip(p.nodeText(g.name)) + "' for this goto"
		}
		if p.dialect == LuaJIT { // names the line of the goto, as soon as it sees the end
			e.order, e.Noticed = order(uint32(p.noticed())), e.End
			if len(p.functions) > 1 && p.erredAt != p.start+1 {
				e.order = order(p.lastEnd)
			}
			p.report(e)
		} else {
			p.semantic(e)
		}
	}
	p.gotos = p.gotos[:fn.gotos]
	p.functions = p.functions[:len(p.functions)-1]
	if n := len(p.functions); n > 0 {
		p.fn = &p.functions[n-1]
	}
}

// semantic reports a breach of a rule about names, which the reference implementation
// notices here.
func (p *parser) semantic(e Error) {
	e.Noticed = uint32(p.noticed())
	if p.dialect == Lua55 && p.lookedAt != p.start+1 { // goes back to the line of the token before
		e.order, e.Noticed = order(e.Noticed), p.lastEnd
	}
	p.report(e)
}

func (p *parser) openScope(loop bool) {
	p.scopes = append(p.scopes, scopeState{
		actives: len(p.actives), labels: len(p.labels), gotos: len(p.gotos), loop: loop, run: len(p.labels),
	})
}

// closeScope ends a scope: gotos that wait for a label of it are served, the others wait on
// in the scope around it.
func (p *parser) closeScope() {
	s := p.scopes[len(p.scopes)-1]
	p.scopes = p.scopes[:len(p.scopes)-1]
	if len(p.gotos) > s.gotos {
		kept := p.gotos[:s.gotos]
		for _, g := range p.gotos[s.gotos:] {
			if !p.serve(g, s) {
				g.actives = min(g.actives, s.actives)
				kept = append(kept, g)
			}
		}
		p.gotos = kept
	}
	for i := len(p.labels) - 1; i >= s.labels; i-- {
		p.latest[p.nodeText(p.labels[i].name)] = p.labels[i].hidden
	}
	p.labels = p.labels[:s.labels]
	p.forget(s.actives)
	p.actives = p.actives[:s.actives]
}

// serve finds the label of a goto in a scope that ends.
func (p *parser) serve(g pendingGoto, s scopeState) bool {
	if g.name == None || len(p.labels) == s.labels {
		return false
	}
	i := int(p.latest[p.nodeText(g.name)]) - 1
	if i < s.labels {
		return false
	}
	if l := p.labels[i]; l.actives > g.actives {
		v := p.actives[g.actives]
		e := Error{Span: p.span(g.name), Opened: v.start, HasOpened: true, Accepts: l.accepts,
			Message: "this goto jumps into the scope of local '" + clip(p.src[v.start:v.end]) + "'"}
		switch p.dialect {
		case Lua55:
			p.semantic(e)
		case LuaJIT: // names the line of the goto
			e.order, e.Noticed = l.order, e.End
			p.report(e)
		default:
			e.order, e.Noticed = l.order, l.noticed
			p.report(e)
		}
	}
	return true
}

func (p *parser) nodeText(n Node) string { return p.src[p.nodes[n].start:p.nodes[n].end] }

// endRun is called when a statement begins that is neither a label nor empty, or, with
// last, at the end of a block: then the labels before it are out of the scope of its locals.
func (p *parser) endRun(last bool) {
	s := &p.scopes[len(p.scopes)-1]
	if n := len(p.labels); last && n > s.labels && s.run == n && p.labels[n-1].semicolon {
		p.labels[n-1].accepts = since52
	}
	for i := s.run; i < len(p.labels); i++ {
		l := &p.labels[i]
		l.noticed = uint32(p.noticed())
		l.order = order(l.noticed) - uint64(i-s.run) - 1 // before what is wrong with that token, the last label first
		if last {
			l.actives = s.actives
		}
		if h := int(l.hidden) - 1; h >= p.fn.labels && (p.dialect == Lua54 || p.dialect == Lua55) {
			accepts := DialectSet(0)
			if h < s.labels {
				accepts = DialectsOf(Lua52, Lua53, LuaJIT)
			}
			p.repeated(l.name, p.labels[h].name, accepts)
		}
	}
	s.run = len(p.labels)
}

// defineLabel takes the String of a label.
func (p *parser) defineLabel(name Node) {
	if len(p.labels) == MaxLabels {
		p.tooMany("labels")
		return
	}
	if p.latest == nil {
		p.latest = make(map[string]int32)
	}
	text := p.nodeText(name)
	hidden := p.latest[text]
	if h := int(hidden) - 1; h >= p.scopes[len(p.scopes)-1].labels && p.dialect != Lua54 && p.dialect != Lua55 {
		p.repeated(name, p.labels[h].name, 0)
	}
	p.labels = append(p.labels, label{name: name, actives: len(p.actives), hidden: hidden})
	if int(hidden) <= p.scopes[len(p.scopes)-1].labels { // else the first one counts
		p.latest[text] = int32(len(p.labels))
	}
}

func (p *parser) repeated(name, first Node, accepts DialectSet) {
	p.semantic(Error{Span: p.span(name), Accepts: accepts, Message: "label '" + clip(p.nodeText(name)) + "' is defined twice",
		Opened: p.nodes[first].start, HasOpened: true})
}

// useLabel takes the String of a goto. Its label is looked for when the scope ends.
func (p *parser) useLabel(name Node) {
	if p.nodes[name].start == p.nodes[name].end {
		return // there is none
	}
	p.waitForLabel(pendingGoto{name: name, start: p.nodes[name].start, actives: len(p.actives)})
}

// breakAt checks that a break stands in a loop.
func (p *parser) breakAt(start uint32) {
	for i := len(p.scopes) - 1; i >= p.fn.scopes; i-- {
		if p.scopes[i].loop {
			return
		}
	}
	if p.dialect == Lua51 || p.dialect == Lua55 {
		p.reportAt(start, start+5, "'break' outside a loop", 0)
		return
	}
	p.waitForLabel(pendingGoto{start: start, actives: len(p.actives)})
}

func (p *parser) waitForLabel(g pendingGoto) {
	if len(p.gotos) == MaxLabels {
		p.tooMany("gotos that wait for their labels")
		return
	}
	p.gotos = append(p.gotos, g)
}

func (p *parser) tooMany(what string) {
	p.failHere("more than 32767 "+what+" at a time: split the function up", 0)
	p.stop()
}

func (p *parser) declare(d Node) {
	n := &p.nodes[d]
	kind := plainLocal
	if n.op != 0 || n.flags&flagNamedArg != 0 {
		kind = constLocal
		p.hasConst = true
	}
	p.actives = append(p.actives, active{n.start, n.end, kind})
}

func (p *parser) declareSelf() { p.actives = append(p.actives, active{}) }

// declareLoop declares the variables of a for loop; the first is constant in 5.5.
func (p *parser) declareLoop(decls []Node) {
	for i, d := range decls {
		p.declare(d)
		if i == 0 && p.dialect == Lua55 {
			p.actives[len(p.actives)-1].kind = loopLocal
			p.hasConst = true
		}
	}
}

// declareGlobal takes a Decl of a global declaration or a GlobalAll.
func (p *parser) declareGlobal(d Node) {
	n := &p.nodes[d]
	a := active{n.start, n.end, plainGlobal}
	if n.kind == GlobalAll {
		a = active{n.end - 1, n.end, allGlobals}
	}
	if Attrib(n.op) == Const {
		a.kind++
		p.hasConst = true
	}
	p.hasGlobal = true
	p.actives = append(p.actives, a)
}

// declared returns the name of a declaration, "*" for "global *".
func (p *parser) declared(a active) string {
	if a.end == 0 {
		return "self"
	}
	return p.src[a.start:a.end]
}

// lookup finds the declaration that a name refers to: one of that name or else, if ok, the
// innermost "global *". undeclared says that there is none although there must be one.
func (p *parser) lookup(name string) (found active, ok, undeclared bool) {
	if len(p.actives) > manyActives {
		found, ok, undeclared = p.lookupMany(name)
	} else {
		found, ok, undeclared = p.lookupFew(name)
	}
	if name == "_ENV" && (!ok || found.kind >= allGlobals) {
		return active{}, false, false // the chunk's own
	}
	return found, ok, undeclared
}

func (p *parser) lookupFew(name string) (found active, ok, undeclared bool) {
	collective, global := -1, -1
	for i := len(p.actives) - 1; i >= 0; i-- {
		switch a := p.actives[i]; {
		case a.kind >= allGlobals:
			if collective < 0 {
				collective = i
			}
		case p.declared(a) == name:
			return a, true, false
		case a.kind >= plainGlobal:
			global = i
		}
	}
	if collective >= 0 {
		return p.actives[collective], true, false
	}
	return active{}, false, global >= 0
}

// checkDeclared reports the use of a Name that no global declaration of 5.5 allows.
func (p *parser) checkDeclared(n Node) {
	if !p.hasGlobal || p.dialect != Lua55 {
		return
	}
	name := p.nodeText(n)
	a, ok, undeclared := p.lookup(name)
	switch {
	case name == "_ENV":
		p.checkEnvironment(p.span(n))
	case undeclared:
		p.semantic(Error{Span: p.span(n), Message: "variable '" + clip(name) + "' is not declared",
			Accepts: AllDialects &^ DialectsOf(Lua55)})
	case !ok || a.kind >= plainGlobal:
		p.checkEnvironment(p.span(n))
	}
}

// checkEnvironment reports the use of a global variable where _ENV is one itself.
func (p *parser) checkEnvironment(at source.Span) {
	if !p.hasGlobal || p.dialect != Lua55 {
		return
	}
	if a, ok, _ := p.lookup("_ENV"); ok && (a.kind == plainGlobal || a.kind == constGlobal) {
		p.semantic(Error{Span: at, Message: "_ENV is declared global, so that no global variable can be used",
			Opened: a.start, HasOpened: true})
	}
}

// checkConst reports an assignment to a constant.
func (p *parser) checkConst(n Node) {
	if !p.hasConst {
		return
	}
	a, ok, _ := p.lookup(p.nodeText(n))
	if !ok {
		return
	}
	var accepts DialectSet
	message := ""
	switch a.kind {
	case constLocal, constGlobal, allGlobalsConst:
		message = "cannot assign to the constant '" + clip(p.nodeText(n)) + "'"
	case loopLocal:
		message = "cannot assign to the loop variable '" + clip(p.nodeText(n)) + "'"
		accepts = AllDialects &^ DialectsOf(Lua55)
	default:
		return
	}
	p.semantic(Error{Span: p.span(n), Message: message, Accepts: accepts, Opened: a.start, HasOpened: true})
}
