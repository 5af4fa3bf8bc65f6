package solve

import (
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
)

// A ref is a source of values: a cell if positive, an atom if negative, nothing if 0.
type ref int32

func atomRef(a Atom) ref   { return -ref(a) }
func (r ref) isAtom() bool { return r < 0 }
func (r ref) atom() Atom   { return Atom(-r) }

// Limits of a set. Above them the set is unknown, and stays so: the limit is part of the
// lattice, not a matter of how often something was visited.
const (
	maxStrings = 32
	maxOthers  = 64
)

// Results and extra arguments beyond these share the last place.
const (
	maxResults = 5
	maxExtras  = 6
)

// cell is a place that holds values. There are very many, and most work on them waits for memory:
// so it is small. What it holds stands in solver.held, in the order of arrival.
type cell struct {
	at      int32 // where it begins in held
	succ    int32 // the first edge to a cell that holds at least what this one holds
	watch   int32 // the first constraint that waits for values here
	size    uint8 // how many values there are; the limits of a set are far below what fits
	room    uint8 // how many there is room for
	done    uint8 // those before were propagated
	strings uint8
	edges   uint8 // how many edges there are, up to manyEdges
	queued  bool
	top     bool
}

// manyEdges is from how many edges on a cell has those that it has in solver.many.
const manyEdges = 12

// set returns what a cell holds; nil for nothing.
func (s *solver) set(r ref) []Atom {
	c := &s.cells[r]
	if c.size == 0 {
		return nil
	}
	return s.held[c.at : c.at+int32(c.size) : c.at+int32(c.size)]
}

// edge is an element of a list of successors or of watching constraints.
type edge struct {
	to   int32
	next int32
}

func (s *solver) newCell() ref {
	s.cells = append(s.cells, cell{})
	return ref(len(s.cells) - 1)
}

// put adds an atom to a cell.
func (s *solver) put(r ref, a Atom) {
	c := &s.cells[r]
	if c.top || slices.Contains(s.held[c.at:c.at+int32(c.size)], a) {
		return
	}
	if s.kinds[a] == String {
		if !s.strings {
			return
		}
		c.strings++
	}
	if c.strings > maxStrings || int(c.size)-int(c.strings) > s.limit {
		c.top = true
		a = s.tooMany
	}
	if c.size == c.room {
		at := int32(len(s.held))
		s.held = append(s.held, s.held[c.at:c.at+int32(c.size)]...)
		c.at, c.room = at, max(2, 2*c.room)
		s.held = slices.Grow(s.held, int(c.room))[:at+int32(c.room)]
	}
	s.held[c.at+int32(c.size)] = a
	c.size++
	if !c.queued {
		c.queued = true
		s.work = append(s.work, r)
	}
}

// flow makes everything from one ref reach a cell.
func (s *solver) flow(from, to ref) {
	switch {
	case from == 0 || to <= 0 || from == to:
		return
	case from.isAtom():
		s.put(to, from.atom())
		return
	}
	if !s.connect(from, to) {
		return
	}
	for i := uint8(0); i < s.cells[from].done; i++ {
		s.put(to, s.held[s.cells[from].at+int32(i)])
	}
}

// connect adds an edge; it reports whether it is new.
func (s *solver) connect(from, to ref) bool {
	c := &s.cells[from]
	if c.edges < manyEdges {
		for e := c.succ; e != 0; e = s.edges[e].next {
			if s.edges[e].to == int32(to) {
				return false
			}
		}
	} else {
		if c.edges == manyEdges {
			for e := c.succ; e != 0; e = s.edges[e].next {
				s.many.add(pair(int32(from), s.edges[e].to), 0)
			}
		}
		if !s.many.add(pair(int32(from), int32(to)), 0) {
			return false
		}
	}
	s.edges = append(s.edges, edge{int32(to), c.succ})
	c.succ = int32(len(s.edges) - 1)
	c.edges = min(c.edges, manyEdges) + 1
	return true
}

// on runs a constraint for every atom that a ref holds now or later.
func (s *solver) on(r ref, k constraint) {
	if r == 0 {
		return
	}
	if r.isAtom() {
		s.apply(&k, -1, r.atom())
		return
	}
	s.constraints = append(s.constraints, k)
	id := int32(len(s.constraints) - 1)
	s.edges = append(s.edges, edge{id, s.cells[r].watch})
	s.cells[r].watch = int32(len(s.edges) - 1)
	for i := uint8(0); i < s.cells[r].done; i++ {
		s.applyNumber(id, s.held[s.cells[r].at+int32(i)])
	}
}

// run propagates until nothing changes.
func (s *solver) run() {
	for len(s.work) > 0 {
		r := s.work[len(s.work)-1]
		s.work = s.work[:len(s.work)-1]
		s.cells[r].queued = false
		for s.cells[r].done < s.cells[r].size {
			from := s.cells[r].done
			s.cells[r].done = s.cells[r].size
			fresh := s.set(r)[from:]
			for e := s.cells[r].succ; e != 0; e = s.edges[e].next {
				if to := ref(s.edges[e].to); !s.cells[to].top {
					for _, a := range fresh {
						s.put(to, a)
					}
				}
			}
			for e := s.cells[r].watch; e != 0; e = s.edges[e].next {
				id := s.edges[e].to
				for _, a := range fresh {
					s.applyNumber(id, a)
				}
			}
		}
	}
}

// applyNumber applies a constraint, which counts what it was applied to.
func (s *solver) applyNumber(id int32, a Atom) {
	k := s.constraints[id]
	s.apply(&k, id, a)
	s.constraints[id].seen = k.seen
}

// Cells of the parts of functions.

// params returns the number of parameters of a function, with self.
func (s *solver) params(file int32, f scope.Func) int {
	in := s.irs[file].Info
	if f == scope.Main {
		return 0
	}
	n := in.Funcs[f].Node
	list, _ := in.Tree.Function(n)
	count := len(list)
	if in.Tree.HasSelf(n) {
		count++
	}
	return count
}

// param returns the cell of parameter i of a function, 0 if it has no such parameter.
func (s *solver) param(file int32, f scope.Func, i int) ref {
	fn := s.function(file, f)
	if i < 0 || i >= int(fn.params) {
		return 0
	}
	return fn.first + ref(i)
}

// extra returns the cell of value i of "...".
func (s *solver) extra(file int32, f scope.Func, i int) ref {
	fn := s.function(file, f)
	if !fn.variadic || i < 0 {
		return 0
	}
	return fn.first + ref(fn.params) + ref(min(i, maxExtras-1))
}

// result returns the cell of result i of a function, 0 if it never returns so many.
func (s *solver) result(file int32, f scope.Func, i int) ref {
	fn := s.function(file, f)
	if i = min(i, maxResults-1); i >= int(fn.results) {
		return 0
	}
	n := ref(fn.params)
	if fn.variadic {
		n += maxExtras
	}
	return fn.first + n + ref(i)
}

// callResult returns the cell of result i of a call, 0 if nothing in the text uses it.
func (s *solver) callResult(file, call int32, i int) ref {
	return s.resultsOf(file, call)[min(i, maxResults-1)]
}

// wantResult makes the cell of a result of a call that something uses.
func (s *solver) wantResult(file, call int32, i int) ref {
	to := &s.resultsOf(file, call)[min(i, maxResults-1)]
	if *to == 0 {
		*to = s.newCell()
		if in := s.instanceOf(file); in != nil {
			s.flow(*to, s.wantResult(in.file, call, i))
		}
	}
	return *to
}

// function returns where the cells of a function begin, seen from a file or an instance.
func (s *solver) function(file int32, f scope.Func) *function {
	if in := s.instanceOf(file); in != nil {
		if i := int(f - in.fn); i >= 0 && i < len(in.funcs) {
			return &in.funcs[i]
		}
		file = in.file
	}
	return &s.funcs[file][f]
}

// variable returns the cell of a variable.
func (s *solver) variable(file int32, v scope.Var) ref {
	if in := s.instanceOf(file); in != nil {
		if i := int(v - in.firstVar); i >= 0 && i < len(in.vars) {
			return in.vars[i]
		}
		file = in.file
	}
	return s.vars[file][v]
}

// resultsOf returns the cells of the results of a call.
func (s *solver) resultsOf(file, call int32) *[maxResults]ref {
	if in := s.instanceOf(file); in != nil {
		if i := call - in.span.Calls[0]; i >= 0 && int(i) < len(in.results) {
			return &in.results[i]
		}
		file = in.file
	}
	return &s.results[file][call]
}

// chainOf returns the invocations of a call.
func (s *solver) chainOf(file, call int32) *chain {
	if in := s.instanceOf(file); in != nil {
		return &in.byCall[call-in.span.Calls[0]]
	}
	return &s.byCall[file][call]
}

// function is where the cells of a function begin: parameters, extra arguments, results.
type function struct {
	first    ref
	params   int32
	results  uint8
	variadic bool
}

// refOf returns the source of a term's values.
func (s *solver) refOf(file int32, t ir.Term) ref {
	if t == ir.None {
		return 0
	}
	if in := s.instanceOf(file); in != nil {
		if i := int32(t) - in.span.Terms[0]; i >= 0 && int(i) < len(in.terms) {
			return in.terms[i]
		}
		file = in.file
	}
	return s.terms[file][t]
}
