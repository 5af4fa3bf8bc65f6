package solve

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/syntax"
)

// A Result is what Solve has found. Its methods are safe for concurrent use as long as nothing
// is solved further.
type Result struct {
	s *solver
	// self has each atom at its number: where a term is an atom, the set of it is a slice of this.
	self []Atom
}

func newResult(s *solver) *Result {
	r := &Result{s: s}
	r.name()
	return r
}

// name adds the atoms that are new to self.
func (r *Result) name() {
	for a := len(r.self); a < len(r.s.atoms); a++ {
		r.self = append(r.self, Atom(a))
	}
}

// Program returns the analysed program.
func (r *Result) Program() *program.Program { return r.s.prog }

// IR returns the terms of a file, by its index in the program.
func (r *Result) IR(file int32) *ir.File { return r.s.irs[file] }

// Atom returns what an atom stands for.
func (r *Result) Atom(a Atom) *AtomData { return &r.s.atoms[a] }

// Values returns the atoms that a term of a file may be, in no particular but always the same
// order. In a file that several services load they are those of all of them: see Belongs.
func (r *Result) Values(file int32, t ir.Term) []Atom { return r.values(r.s.refOf(file, t)) }

func (r *Result) values(from ref) []Atom {
	switch {
	case from == 0:
		return nil
	case from.isAtom():
		a := from.atom()
		return r.self[a : a+1 : a+1]
	}
	return r.s.set(from)
}

// Argument returns the atoms that argument i of a call may be.
func (r *Result) Argument(file, call int32, i int) []Atom {
	return r.Item(file, r.s.irs[file].Calls[call].Args, i)
}

// Fields calls yield for each field of a table with a constant name, and what it may be.
func (r *Result) Fields(table Atom, yield func(name string, values []Atom)) {
	t := r.s.tableAt(table)
	if t == nil {
		return
	}
	for _, f := range t.fields {
		if f.key != anyKey {
			yield(r.s.names[f.key], r.s.set(f.cell))
		}
	}
}

// A Callee is a function that a call may call.
type Callee struct {
	Atom
	// First is which argument of the call is the function's first; Indirect says that it is
	// called by what the call calls (pcall, fork, a queue), Silent that the arguments are not
	// those of the call.
	First    int
	Indirect bool
	Silent   bool
}

// Callees calls yield for each function, of the program or of an API, that a call may call.
func (r *Result) Callees(file, call int32, yield func(Callee)) {
	in := r.s.irs[file].Calls[call].In
	if fa := r.s.factoryOf(file, in); fa != nil {
		r.calleesAnew(fa, call, yield)
		return
	}
	r.calleesIn(file, call, yield)
}

// calleesAnew is Callees for a call in a factory: each function once, whoever makes it.
func (r *Result) calleesAnew(fa *factory, call int32, yield func(Callee)) {
	type once struct {
		Callee
		file int32
		fn   scope.Func
	}
	var room [8]once
	seen := room[:0]
	for _, unit := range fa.instances {
		r.calleesIn(unit, call, func(c Callee) {
			key := once{Callee: c, file: -1}
			if d := &r.s.atoms[c.Atom]; d.Kind == Function {
				key.Atom, key.file, key.fn = 0, d.File, d.Func
			}
			if !slices.Contains(seen, key) { // there are few
				seen = append(seen, key)
				yield(c)
			}
		})
	}
}

func (r *Result) calleesIn(unit, call int32, yield func(Callee)) {
	head := r.s.chainOf(unit, call).first
	for id := head; id != 0; id = r.s.invocations[id-1].next {
		v := &r.s.invocations[id-1]
		for _, a := range r.values(v.callee) {
			switch r.s.kinds[a] {
			case Function, API, Method, Object, Queue, Response:
				first := int(v.skip)
				if v.self != 0 {
					first--
				}
				yield(Callee{Atom: a, First: first, Indirect: id != head, Silent: v.silent})
			}
		}
	}
}

// Parameter returns the atoms that parameter i of a function may be.
func (r *Result) Parameter(file int32, f scope.Func, i int) []Atom {
	return r.values(r.s.param(file, f, i))
}

// FileOf returns the index of a file in the program.
func (r *Result) FileOf(f *program.File) int32 { return r.s.files[f.File] }

// ServicesNamed returns the services that are launched by a name.
func (r *Result) ServicesNamed(name string) []*project.Service { return r.s.services[name] }

// Maker returns the file of the call for which a factory has made an atom; -1 for other atoms. The
// atom can only be in a service that loads this file, too.
func (r *Result) Maker(a Atom) int32 { return r.s.maker(a) }

// Literals calls yield for each string that stands in a file, some of them more than once.
func (r *Result) Literals(file int32, yield func(Atom)) {
	for i := range r.s.irs[file].Terms {
		if r.s.irs[file].Terms[i].Kind == ir.String {
			yield(r.s.terms[file][i].atom())
		}
	}
}

// Received calls yield for each string that messages are known to bring to functions of a file. A
// string is only in services that load a file in which it stands, or to which a message brings it;
// see IsSent.
func (r *Result) Received(file int32, yield func(Atom)) {
	for i, word := range r.s.received[file] {
		for ; word != 0; word &= word - 1 {
			yield(Atom(i<<6 + bits.TrailingZeros64(word)))
		}
	}
}

// IsSent reports whether a table that a message carries is known to hold a string: then it is not
// known where it comes to.
func (r *Result) IsSent(text Atom) bool { return r.s.sent.has(int32(text)) }

// Atoms returns how many atoms there are.
func (r *Result) Atoms() int { return len(r.s.atoms) }

// A Place is a value of a list: argument Index of a call, or value Index of a return.
type Place struct {
	File  int32
	List  ir.List
	Index int
}

// Pass makes the value at a place reach parameter i of a function: a message carries it. It
// takes effect with Continue.
func (r *Result) Pass(from Place, file int32, f scope.Func, i int) {
	for _, unit := range r.s.receivers(file, f) {
		r.s.carry(r.s.item(from.File, from.List, from.Index), r.s.receiver(unit, f, i), file)
	}
}

// PassAddress makes the address of a service reach parameter i of a function: the sender of a
// message. It takes effect with Continue.
func (r *Result) PassAddress(from *project.Service, file int32, f scope.Func, i int) {
	for _, unit := range r.s.receivers(file, f) {
		r.s.flow(atomRef(r.s.serviceAtom(from)), r.s.receiver(unit, f, i))
	}
}

// AnswerAddress makes the address of a service reach result i of a call: a reply carries it. It
// takes effect with Continue.
func (r *Result) AnswerAddress(from *project.Service, file, call int32, i int) {
	for _, unit := range r.s.units(file, r.s.irs[file].Calls[call].In) {
		r.s.flow(atomRef(r.s.serviceAtom(from)), r.s.callResult(unit, call, i))
	}
}

// Answer makes the value at a place reach result i of a call: a reply carries it. It takes
// effect with Continue.
func (r *Result) Answer(from Place, file, call int32, i int) {
	for _, unit := range r.s.units(file, r.s.irs[file].Calls[call].In) {
		if to := r.s.callResult(unit, call, i); to != 0 {
			r.s.carry(r.s.item(from.File, from.List, from.Index), to, file)
		}
	}
}

// receiver returns the cell of value i of what a function receives.
func (s *solver) receiver(unit int32, f scope.Func, i int) ref {
	if to := s.param(unit, f, i); to != 0 {
		return to
	}
	return s.extra(unit, f, i-int(s.function(unit, f).params))
}

// Continue solves what Pass and Answer have added; it reports whether anything changed.
func (r *Result) Continue() bool {
	changed := len(r.s.work) > 0
	r.s.run()
	r.name()
	return changed
}

// carry makes copies of the values of one place reach another, in a file, once: a message carries
// no functions.
func (s *solver) carry(from, to ref, file int32) {
	if from == 0 || to <= 0 {
		return
	}
	if !s.carried.add(pair(int32(from), int32(to)), 0) {
		return
	}
	s.on(from, constraint{kind: carryInto, to: to, file: -1, number: file + 1})
}

// Parameters returns the number of parameters of a function, with self.
func (r *Result) Parameters(file int32, f scope.Func) int { return int(r.s.funcs[file][f].params) }

// Prototypes returns the tables in which missing fields of a table are looked up.
func (r *Result) Prototypes(table Atom) []Atom {
	if t := r.s.tableAt(table); t != nil {
		return t.protos
	}
	return nil
}

// Item returns the atoms that value i of a list may be.
func (r *Result) Item(file int32, l ir.List, i int) []Atom {
	if k := i - len(l.Terms); k >= 0 && l.Spread != ir.None {
		if d := r.s.irs[file].Term(l.Spread); d.Kind == ir.Result {
			return r.values(r.s.callResult(file, d.A, int(d.B)+k)) // item would make it
		}
	}
	return r.values(r.s.item(file, l, i))
}

// Field returns the atoms that a field of a table, or of those in which it looks missing fields
// up, may be.
func (r *Result) Field(table Atom, name string) []Atom {
	key, known := r.s.keys[name]
	var own []Atom
	if known {
		own = r.fieldSet(table, key)
	}
	any, protos := r.fieldSet(table, anyKey), r.Prototypes(table)
	switch {
	case len(protos) > 0:
	case len(own) == 0:
		return any
	case len(any) == 0:
		return own
	}
	out := slices.Concat(own, any)
	seen := []Atom{table}
	var look func(Atom)
	look = func(a Atom) {
		if slices.Contains(seen, a) {
			return
		}
		seen = append(seen, a)
		if known {
			out = append(out, r.fieldSet(a, key)...)
		}
		out = append(out, r.fieldSet(a, anyKey)...)
		for _, p := range r.Prototypes(a) {
			look(p)
		}
	}
	for _, p := range protos {
		look(p)
	}
	return out
}

// fieldSet returns what a field of a table itself may be.
func (r *Result) fieldSet(table Atom, key int32) []Atom {
	if c := r.s.field(table, key); c != 0 {
		return r.s.set(c)
	}
	return nil
}

// Launched returns the services that a call of the text launches or finds.
func (r *Result) Launched(file, call int32) []*project.Service { return r.s.launched(file, call) }

// Answers reports whether a table has a metatable with __index, so that a missing field may have
// a value.
func (r *Result) Answers(table Atom) bool {
	t := r.s.tableAt(table)
	if t == nil || t.meta == 0 {
		return t != nil && len(t.protos) > 0
	}
	for _, m := range r.s.set(t.meta) {
		if c := r.s.field(m, r.s.keys["__index"]); c != 0 && len(r.s.set(c)) > 0 {
			return true
		}
	}
	return false
}

// LaunchUses returns what a call of the text launches, as the text says it.
func (r *Result) LaunchUses(file, call int32) []*loads.Use {
	return r.s.launches[nodeKey{file, r.s.irs[file].Calls[call].Node}]
}

// CallAt returns the call at a node, an index into the calls of the file; false if there is none.
func (r *Result) CallAt(file int32, n syntax.Node) (int32, bool) {
	i, ok := slices.BinarySearchFunc(r.s.irs[file].Calls, n, func(c ir.Call, n syntax.Node) int { return cmp.Compare(c.Node, n) })
	return int32(i), ok
}

// Returned makes value k of what a function returns reach result i of a call: its reply. It
// takes effect with Continue.
func (r *Result) Returned(fromFile int32, f scope.Func, k int, file, call int32, i int) {
	for _, unit := range r.s.units(file, r.s.irs[file].Calls[call].In) {
		if to := r.s.callResult(unit, call, i); to != 0 {
			r.s.carry(r.s.result(fromFile, f, k), to, file)
		}
	}
}

// Return returns the atoms that value k of what a function returns may be.
func (r *Result) Return(file int32, f scope.Func, k int) []Atom {
	return r.values(r.s.result(file, f, k))
}

// Extras is how many values of "..." are told apart.
const Extras = maxExtras

// CallOf returns the model of a call of a queue, a response or another object; nil if it cannot be
// called.
func (r *Result) CallOf(a Atom) *models.Entry { return r.s.memberOf(a, "__call") }
