package solve

import (
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
)

// A Result is what Solve has found. Its methods are safe for concurrent use as long as nothing
// is solved further.
type Result struct{ s *solver }

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
		return []Atom{from.atom()}
	}
	return r.s.cells[from].set
}

// Argument returns the atoms that argument i of a call may be.
func (r *Result) Argument(file, call int32, i int) []Atom {
	return r.values(r.s.item(file, r.s.irs[file].Calls[call].Args, i))
}

// Fields calls yield for each field of a table with a constant name, and what it may be.
func (r *Result) Fields(table Atom, yield func(name string, values []Atom)) {
	t := r.s.tables[table]
	if t == nil {
		return
	}
	for _, f := range t.fields {
		if f.key != anyKey {
			yield(r.s.names[f.key], r.s.cells[f.cell].set)
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
	for k, id := range r.s.byCall[callKey{file, call}] {
		v := &r.s.invocations[id]
		for _, a := range r.values(v.callee) {
			switch r.s.atoms[a].Kind {
			case Function, API, Object, Queue, Response:
				first := int(v.skip)
				if v.self != 0 {
					first--
				}
				yield(Callee{Atom: a, First: first, Indirect: k > 0, Silent: v.silent})
			}
		}
	}
}

// Parameter returns the atoms that parameter i of a function may be.
func (r *Result) Parameter(file int32, f scope.Func, i int) []Atom {
	return r.values(r.s.param(file, f, i))
}
