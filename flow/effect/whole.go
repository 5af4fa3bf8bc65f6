package effect

import (
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/project/loads"
)

// IsWhole reports whether the text shows all that the address of a message can be: names, what
// launches give, and variables and fields that hold nothing else. An address that comes with a
// message or out of a table of many may also be one that was never seen.
func (sys *System) IsWhole(m *Message) bool {
	if m.address < 0 {
		return m.To != nil && m.Certain
	}
	return sys.follow(m, false)
}

// IsOnly reports whether the text shows that the address of a message is that of the only service of its name, or of
// the sender: whoever asks for it gets the same one.
func (sys *System) IsOnly(m *Message) bool { return m.address >= 0 && sys.follow(m, true) }

func (sys *System) follow(m *Message, only bool) bool {
	w := whole{sys: sys, s: m.From, frames: m.frames, only: only, budget: 200}
	args := sys.call(m.Raw).Args
	return m.address < len(args.Terms) && w.term(m.Raw.File, args.Terms[m.address], 1)
}

// whole follows a value back to where it is made.
type whole struct {
	sys    *System
	s      *Service
	frames []frame
	only   bool // names, and what launches give another time, do not count
	budget int
}

func (w *whole) term(file int32, t ir.Term, level int) bool {
	if w.budget--; w.budget < 0 || t == ir.None {
		return false
	}
	f := w.sys.Values.IR(file)
	d := f.Term(t)
	switch d.Kind {
	case ir.String:
		return !w.only
	case ir.Nil:
		return true
	case ir.Boolean:
		return true // false or an address
	case ir.Join:
		return w.term(file, ir.Term(d.A), level) && w.term(file, ir.Term(d.B), level)
	case ir.Parameter:
		if level < len(w.frames) && w.frames[level].fn == (Function{file, scope.Func(d.A)}) {
			fr := w.frames[level]
			args := w.sys.call(fr.site).Args.Terms
			i := int(d.B) + fr.first
			return i < len(args) && w.term(fr.site.File, args[i], level+1)
		}
	case ir.Variable:
		found := false
		for i := range f.Assigns {
			if a := &f.Assigns[i]; a.Var == scope.Var(d.A) {
				if !w.term(file, a.Value, level) {
					return false
				}
				found = true
			}
		}
		return found
	case ir.Load:
		return w.field(file, d)
	case ir.Result:
		return w.result(file, d, level)
	}
	return false
}

// field follows a field of a table that is known; one with a computed key may be any that has one.
func (w *whole) field(file int32, d *ir.TermData) bool {
	f := w.sys.Values.IR(file)
	key := f.Term(ir.Term(d.B))
	tables := w.sys.in(w.s, w.sys.Values.Values(file, ir.Term(d.A)))
	if len(tables) != 1 || w.sys.Values.Atom(tables[0]).Kind != solve.Table {
		return false
	}
	found := false
	for _, other := range w.s.World.Files {
		at := w.sys.Values.FileOf(other)
		g := w.sys.Values.IR(at)
		for i := range g.Stores {
			st := &g.Stores[i]
			if key.Kind == ir.String && st.Key != ir.None && g.Term(st.Key).Kind == ir.String && !g.IsConstant(st.Key, key.Text) {
				continue
			}
			for _, o := range w.sys.Values.Values(at, st.Object) {
				if o != tables[0] {
					continue
				}
				if !w.term(at, st.Value, len(w.frames)) {
					return false
				}
				found = true
			}
		}
	}
	return found
}

// result follows what a call returns.
func (w *whole) result(file int32, d *ir.TermData, level int) bool {
	x := w.sys.index
	c := x.call(Site{file, d.A})
	if len(w.sys.Values.Launched(file, d.A)) > 0 {
		return d.B == 0 && (!w.only || !slices.ContainsFunc(w.sys.Values.LaunchUses(file, d.A), func(u *loads.Use) bool { return !u.Only() }))
	}
	found := false
	for _, a := range x.apisOf(c) {
		if a.indirect {
			continue
		}
		if a.entry.Path == "assert" || a.entry.Path == "tonumber" {
			args := w.sys.call(Site{file, d.A}).Args.Terms
			return d.B == 0 && len(args) > 0 && w.term(file, args[0], level)
		}
		if a.entry.Path != "skynet.self" && (w.only || a.entry.Path != "skynet.localname") {
			return false
		}
		found = true
	}
	for _, t := range x.targetsOf(c) {
		if t.indirect {
			return false
		}
		f := w.sys.Values.IR(t.File)
		for i := range f.Returns {
			r := &f.Returns[i]
			if r.In != t.Func {
				continue
			}
			k := int(d.B)
			if k < len(r.Values.Terms) && !w.term(t.File, r.Values.Terms[k], len(w.frames)) || k >= len(r.Values.Terms) && r.Values.Spread != ir.None {
				return false
			}
			found = true
		}
	}
	return found
}

// IsName reports whether the address of a message is a name that stands in the text, and not the
// result of a function that looks one up and may find nothing.
func (sys *System) IsName(m *Message) bool {
	if m.address < 0 || m.Name == "" {
		return false
	}
	n := naming{sys: sys, frames: m.frames, text: m.Name, budget: 200}
	args := sys.call(m.Raw).Args.Terms
	return m.address < len(args) && n.term(m.Raw.File, args[m.address], 1)
}

// naming follows a value back to a constant.
type naming struct {
	sys    *System
	frames []frame
	text   string
	budget int
}

func (n *naming) term(file int32, t ir.Term, level int) bool {
	if n.budget--; n.budget < 0 || t == ir.None {
		return false
	}
	f := n.sys.Values.IR(file)
	switch d := f.Term(t); d.Kind {
	case ir.String:
		return d.Text == n.text
	case ir.Join:
		return n.term(file, ir.Term(d.A), level) || n.term(file, ir.Term(d.B), level)
	case ir.Parameter:
		if level < len(n.frames) && n.frames[level].fn == (Function{file, scope.Func(d.A)}) {
			fr := n.frames[level]
			args := n.sys.call(fr.site).Args.Terms
			i := int(d.B) + fr.first
			return i < len(args) && n.term(fr.site.File, args[i], level+1)
		}
	case ir.Variable:
		for i := range f.Assigns {
			if a := &f.Assigns[i]; a.Var == scope.Var(d.A) && n.term(file, a.Value, level) {
				return true
			}
		}
	case ir.Load: // a table of names
		for _, a := range n.sys.Values.Values(file, t) {
			if n.sys.Values.Atom(a).Kind != solve.String {
				return false
			}
		}
		return f.Term(ir.Term(d.B)).Kind == ir.String
	}
	return false
}
