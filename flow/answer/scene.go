package answer

import (
	"slices"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
)

// A scene is where functions are followed: in one service, or in any, for those that behave the
// same in all services that load them. Most code of libraries does, and is followed once.
//
// Functions that call each other in a circle are not followed round it: such a call may answer.
// So what is known of a function does not depend on who is asked for first.
type scene struct {
	sys    *System
	s      *effect.Service // nil for any service
	hidden bool            // see Service
	shared *scene          // for the functions that are the same in all services; nil for that scene itself

	dense    []*function // by number of function, for any service
	sparse   map[int32]*function
	slab     []function
	edges    []int32 // of the visits that are under way, one after the other
	order    []int32 // the explored functions, those that are called first
	followed int     // how many of order have an outcome
	circles  int32   // how many sets of functions that call each other there are
}

// function is what is known of a function in a scene.
type function struct {
	circle    int32 // the set of functions that call each other to which it belongs; 0 while it is explored
	position  int32 // in scene.order
	sensitive bool  // what it calls is not the same in all services
	answers   bool  // it, or what it calls, has a call that answers
	unknown   bool  // it, or what it calls, has a call of which nothing is known, so that it may answer
	effect    path.Effect
	outcome   path.Outcome
}

func (v *scene) get(n int32) *function {
	if v.s == nil {
		return v.dense[n]
	}
	return v.sparse[n]
}

func (v *scene) add(n int32) *function {
	if len(v.slab) == 0 {
		v.slab = make([]function, 64)
	}
	f := &v.slab[0]
	*f = function{} // memory that is read before it is written costs two page faults
	v.slab = v.slab[1:]
	if v.s == nil {
		v.dense[n] = f
	} else {
		if v.sparse == nil {
			v.sparse = map[int32]*function{}
		}
		v.sparse[n] = f
	}
	return f
}

// has reports whether the code of a file runs in the scene.
func (v *scene) has(file int32) bool { return v.s == nil || v.s.Has(file) }

// home returns the scene in which a function is followed, and what is known of it, explored.
func (v *scene) home(n int32) (*scene, *function) {
	if v.shared != nil {
		if w, f := v.shared.home(n); !f.sensitive {
			return w, f
		}
	}
	if v.get(n) == nil {
		v.explore(n)
	}
	return v, v.get(n)
}

// known returns what is known of a function, followed.
func (v *scene) known(n int32) *function {
	w, f := v.home(n)
	for ; w.followed <= int(f.position); w.followed++ {
		w.follow(w.order[w.followed])
	}
	return f
}

// visit is a function that is being explored.
type visit struct {
	n             int32
	f             *function
	first, next   int // where its edges begin in scene.edges, and which of them comes next
	end           int
	low, discover int32
}

// explore finds the functions that a function calls, directly or not, those that call each other
// (Tarjan's algorithm), and what else can be said without following their paths.
func (v *scene) explore(root int32) {
	var stack []visit
	var open []int32 // functions whose circle is not closed
	discovered := map[int32]int32{}
	enter := func(n int32) {
		f := v.add(n)
		d := int32(len(discovered) + 1)
		discovered[n] = d
		open = append(open, n)
		first := len(v.edges)
		v.scan(n, f)
		stack = append(stack, visit{n: n, f: f, first: first, next: first, end: len(v.edges), low: d, discover: d})
	}
	enter(root)
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.next < top.end {
			n := v.edges[top.next]
			top.next++
			if v.shared != nil {
				if _, f := v.shared.home(n); !f.sensitive {
					top.f.take(f)
					continue
				}
			}
			switch f := v.get(n); {
			case f == nil:
				enter(n)
			case f.circle == 0:
				top.low = min(top.low, discovered[n])
			default:
				top.f.take(f)
			}
			continue
		}
		done := *top
		stack, v.edges = stack[:len(stack)-1], v.edges[:done.first]
		if done.low == done.discover {
			from := len(open) - 1
			for open[from] != done.n {
				from--
			}
			v.close(open[from:])
			open = open[:from]
		}
		if len(stack) > 0 {
			up := &stack[len(stack)-1]
			up.low = min(up.low, done.low)
			up.f.take(done.f)
		}
	}
}

// take notes what is known of a function that f calls.
func (f *function) take(g *function) {
	f.sensitive = f.sensitive || g.sensitive
	f.answers = f.answers || g.answers
	f.unknown = f.unknown || g.unknown
}

// close makes functions one circle.
func (v *scene) close(members []int32) {
	v.circles++
	var all function
	for _, n := range members {
		all.take(v.get(n))
	}
	for _, n := range members {
		f := v.get(n)
		f.take(&all)
		f.circle, f.position = v.circles, int32(len(v.order))
		v.order = append(v.order, n)
	}
}

// scan notes what the calls of a function do, and adds the functions that they run before they
// return to the edges.
func (v *scene) scan(n int32, f *function) {
	sys := v.sys.sys
	fn := sys.Function(n)
	terms := sys.Values.IR(fn.File)
	first := len(v.edges)
	for _, number := range sys.CallsIn(fn) {
		call := sys.Site(number).Call
		direct, runs := false, false
		sys.Values.Callees(fn.File, call, func(c solve.Callee) {
			switch d := sys.Values.Atom(c.Atom); {
			case d.Kind == solve.Function:
				if !v.has(d.File) || c.Indirect && !runs {
					return
				}
				direct = direct || !c.Indirect
				f.sensitive = f.sensitive || !v.sys.follows(fn.File, d.File)
				if to := sys.Number(effect.Function{File: d.File, Func: d.Func}); !slices.Contains(v.edges[max(first, len(v.edges)-8):], to) {
					v.edges = append(v.edges, to)
				}
			case c.Indirect && !runs:
			default:
				direct = direct || !c.Indirect
				f.answers = f.answers || d.Kind == solve.API && ofModel(d.Entry) == path.Answers
				runs = runs || !c.Indirect && runsArgument(d)
			}
		})
		if !direct && v.hidden && !isStringMethod(sys, terms, terms.Calls[call].Node) {
			f.unknown = true
		}
	}
}

// follow follows a function whose callees were followed before.
func (v *scene) follow(n int32) {
	f := v.get(n)
	fn := v.sys.sys.Function(n)
	r := &request{scene: v}
	f.outcome = r.paths(fn, f.circle)
	f.effect = f.outcome.Effect()
}

// effectOf says what calling a function does, for a call from a function of a circle.
func (v *scene) effectOf(f effect.Function, circle int32) path.Effect {
	n := v.sys.sys.Number(f)
	w, g := v.home(n)
	if w == v && g.circle == circle {
		return path.May
	}
	return w.known(n).effect
}

// mayAnswer reports whether a function may answer, as far as its calls tell.
func (v *scene) mayAnswer(f effect.Function) bool {
	_, g := v.home(v.sys.sys.Number(f))
	return g.answers || g.unknown
}

// follows reports whether each service that loads a file loads another one, too.
func (sys *System) follows(file, other int32) bool {
	if file == other {
		return true
	}
	key := [2]int32{file, other}
	is, ok := sys.pairs[key]
	if !ok {
		is = !slices.ContainsFunc(sys.sys.Loading(file), func(s *effect.Service) bool { return !s.Has(other) })
		sys.pairs[key] = is
	}
	return is
}

// assigned returns the values that are assigned to a variable.
func (sys *System) assigned(file int32, v scope.Var) []ir.Term {
	terms := sys.sys.Values.IR(file)
	if sys.assigns[file] == nil {
		values := make(map[scope.Var][]ir.Term)
		for i := range terms.Assigns {
			if a := &terms.Assigns[i]; a.Var != scope.NoVar {
				values[a.Var] = append(values[a.Var], a.Value)
			}
		}
		sys.assigns[file] = values
	}
	return sys.assigns[file][v]
}
