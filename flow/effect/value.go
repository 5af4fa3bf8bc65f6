package effect

import (
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
)

// A frame is a call that is looked through: the function it calls, and where it stands.
type frame struct {
	fn    Function
	site  Site
	first int
}

// view evaluates terms as they are in one service, with the calls in frames, the innermost
// first, looked through: a parameter of frames[i].fn is the argument at frames[i].site.
type view struct {
	sys    *System
	s      *Service
	frames []frame
	// open says that a value was asked for that is a parameter of the function in which the
	// outermost call stands: its callers know more.
	open bool
	// final says that callers will not be asked.
	final bool
	// budget bounds the work for one question.
	budget int
}

// maxDepth is how many calls are looked through.
const maxDepth = 4

// term returns the atoms that a term may be, seen from frame level.
func (v *view) term(file int32, t ir.Term, level int) []solve.Atom {
	if t == ir.None {
		return nil
	}
	return v.data(file, *v.sys.Values.IR(file).Term(t), t, level)
}

func (v *view) data(file int32, d ir.TermData, t ir.Term, level int) []solve.Atom {
	if v.budget--; v.budget < 0 {
		return v.sys.in(v.s, v.sys.Values.Values(file, t))
	}
	f := v.sys.Values.IR(file)
	switch d.Kind {
	case ir.Parameter, ir.Extra:
		fn := Function{file, scope.Func(d.A)}
		index := int(d.B)
		if d.Kind == ir.Extra {
			index += v.sys.Values.Parameters(file, fn.Func)
		}
		if level < len(v.frames) {
			if fr := v.frames[level]; fr.fn == fn {
				return v.item(fr.site.File, v.sys.call(fr.site).Args, index+fr.first, level+1)
			}
		} else if v.at() == fn {
			v.open = true
		}
	case ir.Load:
		key := f.Term(ir.Term(d.B))
		if key.Kind != ir.String {
			break
		}
		if !v.depends(file, ir.Term(d.A)) {
			break
		}
		var out []solve.Atom
		for _, a := range v.term(file, ir.Term(d.A), level) {
			out = union(out, v.sys.in(v.s, v.sys.Values.Field(a, key.Text)))
		}
		return out
	case ir.Join:
		return union(v.term(file, ir.Term(d.A), level), v.term(file, ir.Term(d.B), level))
	}
	return v.sys.in(v.s, v.sys.Values.Values(file, t))
}

// at returns the function in which the outermost call stands.
func (v *view) at() Function {
	return v.sys.Host(v.frames[len(v.frames)-1].site)
}

// depends reports whether a term is, or is a part of, a parameter.
func (v *view) depends(file int32, t ir.Term) bool {
	switch d := v.sys.Values.IR(file).Term(t); d.Kind {
	case ir.Parameter, ir.Extra:
		return true
	case ir.Load:
		return v.depends(file, ir.Term(d.A))
	case ir.Join:
		return v.depends(file, ir.Term(d.A)) || v.depends(file, ir.Term(d.B))
	}
	return false
}

// item returns the atoms that value i of a list may be.
func (v *view) item(file int32, l ir.List, i, level int) []solve.Atom {
	if i < len(l.Terms) {
		return v.term(file, l.Terms[i], level)
	}
	if l.Spread == ir.None {
		return nil
	}
	d := *v.sys.Values.IR(file).Term(l.Spread)
	d.B += int32(i - len(l.Terms))
	if d.Kind == ir.Extra {
		if atoms := v.data(file, d, l.Spread, level); atoms != nil {
			return atoms
		}
	}
	return v.sys.in(v.s, v.sys.Values.Item(file, l, i))
}

func union(a, b []solve.Atom) []solve.Atom {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}
