package unprotectedhandler

import (
	"fmt"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// variable looks at a parameter that a peer chooses, or a local variable that is found or unpacked
// by one, which is used as if it could be nothing else than the right thing.
func (m *message) variable(v scope.Var) {
	terms := m.p.Values.IR(m.f.File)
	info := terms.Info
	d := info.Var(v)
	if v == scope.NoVar || d.Func != m.f.Func {
		return
	}
	what := "chosen by a peer"
	value := true // arithmetic and concatenation count
	loose := d.Writes == 0
	switch {
	case d.Kind == scope.Param && m.fields[m.index(d)]:
		// "cmd = cmd:upper()" uses it first
		if m.e.Protocol == "socket" || m.known(m.index(d)) {
			return // the frame of a gate gives numbers and texts
		}
		value = m.e.Kind != effect.Dispatch || m.index(d) != commandOf(m.s, m.e, m.f) || m.e.Protocol != "lua" // a command that is found is a text
	case d.Kind == scope.Local && d.Writes == 0 && d.Init != syntax.None:
		init := terms.Term(terms.Of(d.Init))
		switch {
		case m.unpacked(init):
		case init.Kind == ir.Load && m.isField(ir.Term(init.B)) && d.Result == 0 && !m.looksUp(d.Init):
			what, value = "looked up by what a peer sends", false
		default:
			return
		}
	default:
		return
	}
	if use := m.strictUse(v, value, loose); use != syntax.None {
		m.report(use, d.Name, fmt.Sprintf("'%s' is %s and used here without a check", d.Name, what))
	}
}

// known reports whether services of the program are known to send a table as a field.
func (m *message) known(i int) bool {
	for _, a := range m.p.Values.Parameter(m.f.File, m.f.Func, i) {
		if k := m.p.Values.Atom(a).Kind; k == solve.Table || k == solve.Object {
			return true
		}
	}
	return false
}

// unpacked reports whether a term is what a packed message of a peer holds.
func (m *message) unpacked(d *ir.TermData) bool {
	if d.Kind != ir.Result {
		return false
	}
	terms := m.p.Values.IR(m.f.File)
	found := false
	m.p.Values.Callees(m.f.File, d.A, func(callee solve.Callee) {
		a := m.p.Values.Atom(callee.Atom)
		if callee.Indirect || a.Entry == nil || len(a.Entry.Args) == 0 || a.Entry.Args[0].Role != models.RoleMessage {
			return
		}
		args := terms.Calls[d.A].Args.Terms
		found = a.Entry.Source == models.SourceMessage && len(args) > 0 && m.isField(args[0])
	})
	return found
}

// strictUse returns the first use of a variable that fails if it is nil or of a wrong type; None
// if it is tested anywhere.
func (m *message) strictUse(v scope.Var, value, constant bool) syntax.Node {
	terms := m.p.Values.IR(m.f.File)
	info := terms.Info
	t := info.Tree
	first := syntax.None
	for n := range t.Nodes(syntax.Name) {
		if info.VarOf(n) != v || t.IsTarget(n) {
			continue
		}
		if info.FuncOf(n) != info.Var(v).Func {
			continue
		}
		switch use, tested := m.use(t, n, value); {
		case tested && (constant || first == syntax.None):
			return syntax.None
		case use != syntax.None && first == syntax.None:
			first = use
		}
		if !constant && first != syntax.None {
			return first // what it is behind its change is not known
		}
	}
	return first
}

// use says how a name is used: by something that fails if it is nil, or by a test.
func (m *message) use(t *syntax.Tree, n syntax.Node, value bool) (strict syntax.Node, tested bool) {
	parent := t.Parent(n)
	switch t.Kind(parent) {
	case syntax.Index:
		if object, _ := t.Index(parent); object == n {
			return parent, false
		}
	case syntax.MethodCall:
		if receiver, name, _ := t.MethodCall(parent); receiver == n {
			if table := m.p.Values.Program().Models.Table("string"); m.e.Protocol != "lua" && table != nil && table.Member(t.Str(name)) != nil {
				return syntax.None, false // packets are strings
			}
			return parent, false
		}
	case syntax.Call:
		f, _ := t.Call(parent)
		switch m.p.Values.IR(m.f.File).API.Ref(f).Path() {
		case "type", "assert", "tonumber", "tostring", "math.type":
			return syntax.None, true
		}
	case syntax.Binary:
		op, _, _ := t.Binary(parent)
		switch {
		case op == syntax.And || op == syntax.Or || op >= syntax.Lt && op <= syntax.Eq:
			return syntax.None, true
		case value:
			return parent, false
		}
	case syntax.Unary:
		switch op, _ := t.Unary(parent); op {
		case syntax.Not:
			return syntax.None, true
		default:
			if value {
				return parent, false
			}
		}
	case syntax.NumericFor: // its bounds
		if value {
			return n, false
		}
	case syntax.Clause, syntax.WhileStat, syntax.RepeatStat:
		return syntax.None, true
	case syntax.Paren:
		return m.use(t, parent, value)
	}
	return syntax.None, false
}

// store looks at T[k] = v where k is made by tonumber of a field and may be nil.
func (m *message) store(st *ir.Store) {
	terms := m.p.Values.IR(m.f.File)
	t := terms.Info.Tree
	_, key := t.Index(st.Node)
	if t.Kind(key) != syntax.Name {
		return
	}
	v := terms.Info.VarOf(key)
	d := terms.Term(st.Key)
	if v == scope.NoVar || d.Kind != ir.Result || d.B != 0 || !terms.Info.Var(v).Constant() {
		return
	}
	call := &terms.Calls[d.A]
	if call.Method || t.Kind(call.Node) != syntax.Call || len(call.Args.Terms) == 0 {
		return
	}
	f, _ := t.Call(call.Node)
	if terms.API.Ref(f).Path() != "tonumber" || !m.textOf(call.Args.Terms[0], 0) {
		return
	}
	for n := range t.Nodes(syntax.Name) {
		if terms.Info.VarOf(n) != v {
			continue
		}
		if _, tested := m.use(t, n, true); tested {
			return
		}
	}
	m.report(st.Node, t.Name(key), fmt.Sprintf("'%s' is nil if the message holds no number, and a table cannot be written at nil", t.Name(key)))
}

// textOf reports whether a value is a field of the message or a part of one.
func (m *message) textOf(term ir.Term, depth int) bool {
	if m.isField(term) {
		return true
	}
	terms := m.p.Values.IR(m.f.File)
	d := terms.Term(term)
	if d.Kind != ir.Result || depth > 3 {
		return false
	}
	args := terms.Calls[d.A].Args.Terms
	api := false
	m.p.Values.Callees(m.f.File, d.A, func(callee solve.Callee) {
		a := m.p.Values.Atom(callee.Atom)
		api = api || a.Entry != nil && a.Entry.Flags.Has(models.Pure)
	})
	return api && len(args) > 0 && m.textOf(args[0], depth+1)
}
