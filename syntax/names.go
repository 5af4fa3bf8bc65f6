package syntax

// names follows which declarations are in scope, as far as the language itself asks for it:
// constants, the declared globals of 5.5, labels and break. Resolving names for analysis is
// the work of package flow/scope.
type names struct {
	actives   []active
	scopes    []scopeState
	functions []functionState
	labels    []label
	gotos     []pendingGoto
	// hasConst and hasGlobal say whether any declaration so far makes a check necessary.
	hasConst, hasGlobal bool
}

// active is a declaration in scope.
type active struct {
	start, end uint32 // of the name; start == end for self and for "global *"
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
	// solid is the number of labels before the last statement that does something: those
	// behind it stand at the end of the block.
	solid int
}

type label struct {
	name    Node // a String
	actives int  // declarations in scope at the label
	noticed int  // where a reference implementation knows what follows the label
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

func (p *parser) closeFunction() {
	p.closeScope()
	fn := p.functions[len(p.functions)-1]
	for _, g := range p.gotos[fn.gotos:] {
		e := Error{Noticed: uint32(p.noticed())}
		e.Start, e.End = g.start, g.start+5
		if g.name == None {
			e.Message = "'break' outside a loop"
		} else {
			e.Start, e.End = p.nodes[g.name].start, p.nodes[g.name].end
			e.Message = "no visible label '" + clip(p.src[e.Start:e.End]) + "' for this goto"
		}
		if p.dialect == LuaJIT { // names the line of the goto, as soon as it sees the end
			e.order = e.Noticed
			if p.erredAt != p.start+1 {
				e.order = p.lastEnd
			}
			e.Noticed = e.End
		}
		p.report(e)
	}
	p.gotos = p.gotos[:fn.gotos]
	p.labels = p.labels[:fn.labels]
	p.functions = p.functions[:len(p.functions)-1]
	if n := len(p.functions); n > 0 {
		p.fn = &p.functions[n-1]
	}
}

func (p *parser) openScope(loop bool) {
	p.scopes = append(p.scopes, scopeState{
		actives: len(p.actives), labels: len(p.labels), gotos: len(p.gotos), loop: loop, solid: len(p.labels),
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
	p.labels = p.labels[:s.labels]
	p.actives = p.actives[:s.actives]
}

// serve finds the label of a goto in a scope that ends.
func (p *parser) serve(g pendingGoto, s scopeState) bool {
	if g.name == None {
		return false
	}
	name := p.nodeText(g.name)
	for i := s.labels; i < len(p.labels); i++ {
		l := p.labels[i]
		if p.nodeText(l.name) != name {
			continue
		}
		atEnd := i >= s.solid && p.tok != tUntil
		if l.actives > g.actives && !atEnd {
			v := p.actives[g.actives]
			e := Error{Message: "this goto jumps into the scope of local '" + clip(p.src[v.start:v.end]) + "'", Noticed: uint32(l.noticed)}
			e.Start, e.End = p.nodes[g.name].start, p.nodes[g.name].end
			e.Opened, e.HasOpened = v.start, true
			if l.noticed == 0 {
				e.Noticed = uint32(p.noticed())
			}
			if p.dialect == LuaJIT {
				e.order, e.Noticed = e.Noticed, e.End
			}
			p.report(e)
		}
		return true
	}
	return false
}

func (p *parser) nodeText(n Node) string { return p.src[p.nodes[n].start:p.nodes[n].end] }

// beginSolid is called when a statement begins that is neither a label nor empty.
func (p *parser) beginSolid() {
	s := &p.scopes[len(p.scopes)-1]
	for i := s.solid; i < len(p.labels); i++ {
		p.labels[i].noticed = p.noticed()
	}
	s.solid = len(p.labels)
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
		a = active{n.start, n.start, allGlobals}
	}
	if Attrib(n.op) == Const {
		a.kind++
		p.hasConst = true
	}
	p.hasGlobal = true
	p.actives = append(p.actives, a)
}

// lookup finds the declaration that a name refers to. collective is the innermost "global *"
// before it; undeclared says that the name is not declared at all although it must be.
func (p *parser) lookup(name string) (found active, ok, undeclared bool) {
	var collective active
	hasCollective, named := false, false
	for i := len(p.actives) - 1; i >= 0; i-- {
		a := p.actives[i]
		switch {
		case a.kind == allGlobals || a.kind == allGlobalsConst:
			if !hasCollective {
				collective, hasCollective = a, true
			}
		case p.src[a.start:a.end] == name:
			return a, true, false
		case a.kind == plainGlobal || a.kind == constGlobal:
			named = true
		}
	}
	return collective, hasCollective, named && !hasCollective
}

// checkDeclared reports the use of a name that no global declaration of 5.5 allows.
func (p *parser) checkDeclared() {
	if !p.hasGlobal || p.dialect != Lua55 {
		return
	}
	if _, _, undeclared := p.lookup(p.text()); undeclared {
		p.failHere("variable '"+clip(p.text())+"' is not declared", AllDialects&^DialectsOf(Lua55))
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
	if p.erredAt == p.nodes[n].start+1 {
		return
	}
	p.erredAt = p.nodes[n].start + 1
	p.report(Error{Span: p.span(n), Message: message, Noticed: uint32(p.noticed()), Accepts: accepts, Opened: a.start, HasOpened: true})
}

// defineLabel takes the String of a label whose statement is behind us.
func (p *parser) defineLabel(name Node) {
	from := p.scopes[len(p.scopes)-1].labels
	if p.dialect == Lua54 || p.dialect == Lua55 {
		from = p.fn.labels
	}
	text := p.nodeText(name)
	for _, l := range p.labels[from:] {
		if p.nodeText(l.name) == text {
			p.report(Error{Span: p.span(name), Message: "label '" + clip(text) + "' is defined twice", Noticed: uint32(p.noticed()),
				Opened: p.nodes[l.name].start, HasOpened: true})
			break
		}
	}
	p.labels = append(p.labels, label{name: name, actives: len(p.actives)})
}

// useLabel takes the String of a goto: backward if the label is visible now, else pending.
func (p *parser) useLabel(name Node) {
	text := p.nodeText(name)
	for _, l := range p.labels[p.fn.labels:] {
		if p.nodeText(l.name) == text {
			return
		}
	}
	p.gotos = append(p.gotos, pendingGoto{name: name, start: p.nodes[name].start, actives: len(p.actives)})
}

// breakAt checks that a break, which is behind us, stands in a loop.
func (p *parser) breakAt(start uint32) {
	for i := len(p.scopes) - 1; i >= p.fn.scopes; i-- {
		if p.scopes[i].loop {
			return
		}
	}
	if p.dialect == Lua51 || p.dialect == Lua55 {
		p.errorAt(int(start), int(start)+5, p.noticed(), "'break' outside a loop", 0)
		return
	}
	p.gotos = append(p.gotos, pendingGoto{start: start, actives: len(p.actives)})
}
