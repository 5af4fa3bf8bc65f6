package effect

import (
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// An arm is what a handler does itself for a command: the block of "if command == 'socket' then".
type arm struct {
	in         Function
	from, upTo syntax.Node // nodes are numbered from the inside out: a block's come before it
	first      int         // which parameter of the handler is the first value behind the command
}

// armOf returns the block that runs only if a comparison holds; false if there is none.
func armOf(t *syntax.Tree, in Function, comparison syntax.Node) (arm, bool) {
	n := comparison
	for p := t.Parent(n); p != syntax.None; n, p = p, t.Parent(p) {
		switch t.Kind(p) {
		case syntax.Paren:
			continue
		case syntax.Binary:
			if op, _, _ := t.Binary(p); op == syntax.And || op == syntax.Or {
				continue
			}
		case syntax.Clause:
			if cond, block := t.Clause(p); cond == n {
				return arm{in: in, from: cond, upTo: block}, true
			}
		}
		return arm{}, false
	}
	return arm{}, false
}

// has reports whether a call stands in the block.
func (a *arm) has(x *index, site Site) bool {
	n := x.nodeOf(site)
	return site.File == a.in.File && n > a.from && n < a.upTo
}

// deliverArms carries the values of a message to the functions that a handler calls for its command
// alone: its other branches do not get them. It reports false, and carries nothing, if the handler
// does anything else with them.
func (sys *System) deliverArms(m *Message) bool {
	e, x := m.Target, sys.index
	if len(e.arms) == 0 || e.apart || m.payload.file < 0 {
		return false
	}
	for i := range e.arms {
		if !sys.handsOn(&e.arms[i]) {
			return false
		}
	}
	for i := range e.arms {
		a := &e.arms[i]
		for _, c := range x.inside(x.fn(a.in)) {
			if !a.has(x, x.siteOf[c]) {
				continue
			}
			for _, t := range x.targetsOf(c) {
				for param := range maxCarried {
					if t.silent || t.indirect {
						break
					}
					k, ok := a.value(sys, x.siteOf[c], int(t.first)+param)
					if !ok {
						continue
					}
					if at, ok := sys.place(m, m.payload.from+k); ok {
						sys.pass(m.From, at, t.Function, param)
					}
				}
			}
		}
	}
	return true
}

// value returns which value behind the command argument i of a call in the block is; false if it
// is none.
func (a *arm) value(sys *System, site Site, i int) (int, bool) {
	f := sys.Values.IR(site.File)
	args := f.Calls[site.Call].Args
	t, more := args.Spread, i-len(args.Terms)
	if more < 0 {
		t, more = args.Terms[i], 0
	}
	if t == ir.None {
		return 0, false
	}
	d := f.Term(t)
	if d.A != int32(a.in.Func) {
		return 0, false
	}
	switch d.Kind {
	case ir.Parameter:
		return int(d.B) - a.first, more == 0 && int(d.B) >= a.first
	case ir.Extra:
		return sys.Values.Parameters(a.in.File, a.in.Func) + int(d.B) + more - a.first, true
	}
	return 0, false
}

// handsOn reports whether all that is done in the block with the values of a message is to hand
// them to functions of the program, to look something up by them, and to compare them.
func (sys *System) handsOn(a *arm) bool {
	f := sys.Values.IR(a.in.File)
	t := f.Info.Tree
	for n := a.from + 1; n < a.upTo; n++ {
		if k := t.Kind(n); k != syntax.Name && k != syntax.Vararg {
			continue
		}
		switch d := f.Term(f.Of(n)); {
		case f.Of(n) == ir.None:
			continue
		case d.Kind == ir.Variable: // perhaps a parameter that changes
			if v := f.Info.Var(f.Info.VarOf(n)); v.Kind == scope.Param && v.Func == a.in.Func {
				return false
			}
			continue
		case d.Kind != ir.Parameter && d.Kind != ir.Extra || d.A != int32(a.in.Func) || d.Kind == ir.Parameter && int(d.B) < a.first:
			continue
		}
		p := t.Parent(n)
		switch t.Kind(p) {
		case syntax.Call:
			call, ok := sys.Values.CallAt(a.in.File, p)
			if callee, _ := t.Call(p); ok && callee != n && len(sys.index.apisOf(sys.index.call(Site{a.in.File, call}))) == 0 {
				continue
			}
		case syntax.Index:
			if object, _ := t.Index(p); object != n {
				continue
			}
		case syntax.Binary:
			if op, _, _ := t.Binary(p); op != syntax.And && op != syntax.Or {
				continue
			}
		}
		return false
	}
	return true
}

// anyArm reports whether yield holds for one of the calls that a handler makes itself for a
// command.
func (x *index) anyArm(e *Entry, yield func(call int32) bool) bool {
	for i := range e.arms {
		a := &e.arms[i]
		for _, c := range x.inside(x.fn(a.in)) {
			if a.has(x, x.siteOf[c]) && yield(c) {
				return true
			}
		}
	}
	return false
}
