package suspend

import (
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// Once reports whether a point waits only until a value is there that is kept from then on: a
// service that there is once, or a field that the function behind a metatable's __index puts into
// the table. A field that a variable names may be another one each time.
func (x *Info) Once(p Point) bool { return x.once(p, map[effect.Function]bool{}) }

func (x *Info) once(p Point, seen map[effect.Function]bool) bool {
	switch {
	case p.API != nil:
		return p.API.WaitsFor == models.WaitRegistration || p.API.WaitsFor == models.WaitLaunch && p.API.Asks.Command != ""
	case p.Call < 0 && x.fills(p.Callee):
		t := x.values.Program().Files[p.File].Tree
		if t.Kind(p.Node) == syntax.Index {
			_, key := t.Index(p.Node)
			return t.Kind(key) != syntax.Name
		}
	}
	if seen[p.Callee] {
		return true // what is in a circle is looked at where it begins
	}
	seen[p.Callee] = true
	for _, n := range x.byFunc[x.sys.Number(p.Callee)] {
		if !x.once(x.points[n].Point, seen) {
			return false
		}
	}
	return true
}

// fills reports whether a function stores something in the table that is its first parameter.
func (x *Info) fills(fn effect.Function) bool {
	terms := x.values.IR(fn.File)
	isFirst := func(t ir.Term) bool {
		d := terms.Term(t)
		return d.Kind == ir.Parameter && d.A == int32(fn.Func) && d.B == 0
	}
	for i := range terms.Stores {
		if st := &terms.Stores[i]; st.In == fn.Func && isFirst(st.Object) {
			return true
		}
	}
	f := x.values.Program().Files[fn.File]
	for i := range f.Uses {
		u := &f.Uses[i]
		if u.Ref == (alias.Ref{Member: "rawset"}) && len(u.Args) > 0 && f.Scope.FuncOf(u.Node) == fn.Func && isFirst(terms.Of(u.Args[0])) {
			return true
		}
	}
	return false
}
