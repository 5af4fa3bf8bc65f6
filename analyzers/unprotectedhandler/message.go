package unprotectedhandler

import (
	"slices"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// message is one kind of message, followed through the functions that handle it.
type message struct {
	*checker
	s      *effect.Service
	e      *effect.Entry
	remote bool
	seen   map[effect.Function]bool
	f      effect.Function
	fields []bool
}

// maxDepth is how many calls are followed.
const maxDepth = 3

// function looks at a function some of whose parameters are fields of the message.
func (m *message) function(f effect.Function, fields []bool, depth int) {
	if m.seen[f] {
		return
	}
	m.seen[f] = true
	outerF, outerFields := m.f, m.fields
	m.f, m.fields = f, fields
	defer func() { m.f, m.fields = outerF, outerFields }()
	terms := m.p.Values.IR(f.File)
	for i := range terms.Calls {
		if terms.Calls[i].In == f.Func {
			m.call(int32(i), depth)
		}
	}
	t := terms.Info.Tree
	for v := range terms.Info.Vars {
		if m.remote {
			m.variable(scope.Var(v))
		} else if depth == 0 && m.trusted(scope.Var(v)) {
			break
		}
	}
	for i := range terms.Stores {
		st := &terms.Stores[i]
		if st.In == f.Func && t.Kind(st.Node) == syntax.Index {
			m.store(st)
		}
	}
}

// call looks at one call in the function.
func (m *message) call(call int32, depth int) {
	terms := m.p.Values.IR(m.f.File)
	d := &terms.Calls[call]
	t := terms.Info.Tree
	var target *solve.AtomData
	var api *models.Entry
	n := 0
	m.p.Values.Callees(m.f.File, call, func(callee solve.Callee) {
		if callee.Indirect {
			return
		}
		a := m.p.Values.Atom(callee.Atom)
		if a.Kind == solve.Function && !m.s.Has(a.File) {
			return
		}
		n++
		target, api = a, a.Entry
	})
	if n != 1 {
		return
	}
	if target.Kind == solve.Function {
		if depth < maxDepth && !d.Method {
			m.follow(effect.Function{File: target.File, Func: target.Func}, d, depth)
		}
		return
	}
	if api == nil || t.Kind(d.Node) == syntax.Invalid {
		return
	}
	switch {
	case api.Path != "assert" && api.Path != "error":
		m.decode(d, api)
	case depth > 0 && !m.remote: // what functions ask of their callers is not about the message
	case api.Path == "assert":
		m.assert(d)
	default:
		m.raise(d)
	}
}

// follow goes on into a function that the handler calls.
func (m *message) follow(f effect.Function, d *ir.Call, depth int) {
	fields := make([]bool, m.p.Values.Parameters(f.File, f.Func))
	any := false
	for i, a := range d.Args.Terms {
		if i < len(fields) && m.isField(a) {
			fields[i], any = true, true
		}
	}
	if any {
		m.function(f, fields, depth+1)
	}
}

// isField reports whether a term is a field of the message.
func (m *message) isField(term ir.Term) bool {
	terms := m.p.Values.IR(m.f.File)
	if term == ir.None {
		return false
	}
	switch d := terms.Term(term); d.Kind {
	case ir.Parameter:
		return d.A == int32(m.f.Func) && int(d.B) < len(m.fields) && m.fields[d.B]
	case ir.Extra:
		return d.A == int32(m.f.Func) && m.e.Kind == effect.Dispatch
	case ir.Variable: // a parameter that changes
		v := terms.Info.Var(scope.Var(d.A))
		return v.Kind == scope.Param && v.Func == m.f.Func && m.fields[m.index(v)]
	}
	return false
}

// index returns which parameter a variable is.
func (m *message) index(v *scope.Variable) int {
	t := m.p.Values.IR(m.f.File).Info.Tree
	fn := m.p.Values.IR(m.f.File).Info.Funcs[m.f.Func].Node
	params, _ := t.Function(fn)
	i := slices.Index(params, v.Decl)
	if t.HasSelf(fn) {
		i++
	}
	return max(i, 0)
}

// mentions reports whether an expression is made of a field of the message.
func (m *message) mentions(n syntax.Node) bool {
	terms := m.p.Values.IR(m.f.File)
	t := terms.Info.Tree
	switch t.Kind(n) {
	case syntax.Function:
		return false
	case syntax.Name, syntax.Vararg:
		return m.derived(terms.Of(n), 0)
	}
	for c := range t.Children(n) {
		if m.mentions(c) {
			return true
		}
	}
	return false
}

// derived reports whether a value is a field of the message, or was found or made by one.
func (m *message) derived(term ir.Term, depth int) bool {
	if term == ir.None || depth > 4 {
		return false
	}
	terms := m.p.Values.IR(m.f.File)
	d := terms.Term(term)
	switch d.Kind {
	case ir.Load:
		return m.derived(ir.Term(d.A), depth+1) || m.derived(ir.Term(d.B), depth+1)
	case ir.Join:
		return m.derived(ir.Term(d.A), depth+1) || m.derived(ir.Term(d.B), depth+1)
	}
	return m.isField(term)
}

// looksUp reports whether an expression is the command looked up, or another function to call:
// whether it is there is for another rule.
func (m *message) looksUp(n syntax.Node) bool {
	terms := m.p.Values.IR(m.f.File)
	t := terms.Info.Tree
	switch t.Kind(n) {
	case syntax.Name, syntax.Index:
		term := terms.Of(n)
		if terms.Term(term).Kind == ir.Load {
			for i := range terms.Calls {
				if terms.Calls[i].Callee == term && terms.Calls[i].Node != n {
					return true
				}
			}
		}
		for _, l := range m.s.Lookups {
			if l.File == m.f.File && l.Term == term {
				return true
			}
		}
	}
	for c := range t.Children(n) {
		if m.looksUp(c) {
			return true
		}
	}
	return false
}
