package solve

import (
	"cmp"
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
)

// A factory is a function that returns a table which it has made: a class, an object, a record.
// What one call of it returns would be the same to the analysis as what any other returns, so
// that each class had the methods of all. So the function, with those inside it, is there once
// for each call of the text: that is heap cloning with a context of one call (Milanova, Rountev
// and Ryder, "Parameterized object sensitivity"; Lattner, Lenharth and Adve, "Making
// context-sensitive points-to analysis with heap cloning practical").
//
// An instance has a number behind those of the files, and stands for a file wherever the
// analysis asks for what a function holds. What is outside the function is that of the file. The
// places of the function itself hold what those of all instances hold, for those who ask what the
// text can mean; nothing is computed with them.
type factory struct {
	file      int32
	fn        scope.Func
	instances []int32 // the first one is for calls that the text does not show
	bySite    map[callSite]int32
}

type callSite struct{ file, call int32 }

// entry is a call that enters a function.
type entry struct {
	file int32
	fn   scope.Func
	from callSite
	// plain says that the arguments of the function are those of the call.
	plain bool
}

// instance is the parts of a factory that are there anew for a call.
type instance struct {
	file    int32
	fn      scope.Func
	span    ir.Span
	terms   []ref // from span.Terms on
	vars    []ref // from firstVar on
	funcs   []function
	results [][maxResults]ref // from span.Calls on
	byCall  []chain

	from      int32 // the file of the call; -1 if the text does not show it
	firstVar  scope.Var
	funcAtoms []Atom
	linked    bool
	args      []int32 // by parameter: the key that the call gives for it; nil for calls that the text does not show
}

// owners says of the parts of a file with factories which of these they are in; scope.Main for
// none.
type owners struct {
	funcs []scope.Func // by scope.Func
	terms []scope.Func // by ir.Term
}

// Limits of what is made anew. A function that is called more often, or is larger, is a helper or
// a program rather than a factory. Objects and records come together in the functions that work
// on them; more of them than a set holds would be unknown there. Classes do not.
const (
	maxRecords = 16
	maxClasses = 512
	maxAnew    = 1 << 10 // terms of a factory
	maxAnewSum = 1 << 17 // terms of all its instances
)

// instanceOf returns the instance of a number, nil for a file.
func (s *solver) instanceOf(unit int32) *instance {
	if i := int(unit) - len(s.prog.Files); i >= 0 {
		return &s.instances[i]
	}
	return nil
}

// fileOf returns the file of a number that may be that of an instance.
func (s *solver) fileOf(unit int32) int32 {
	if in := s.instanceOf(unit); in != nil {
		return in.file
	}
	return unit
}

// enclosed returns the function whose parts a number stands for: scope.Main for a file, which has
// all that are in no factory.
func (s *solver) enclosed(unit int32) (scope.Func, ir.Span) {
	if in := s.instanceOf(unit); in != nil {
		return in.fn, in.span
	}
	f := s.irs[unit]
	return scope.Main, ir.Span{
		Terms: [2]int32{1, int32(len(f.Terms))}, Calls: [2]int32{0, int32(len(f.Calls))}, Stores: [2]int32{0, int32(len(f.Stores))},
		Assigns: [2]int32{0, int32(len(f.Assigns))}, Returns: [2]int32{0, int32(len(f.Returns))},
	}
}

// factoryOf returns the factory that a function is or is in, or nil.
func (s *solver) factoryOf(file int32, f scope.Func) *factory {
	if o := s.owners[file]; o != nil && o.funcs[f] != scope.Main {
		return s.factories[entry{file: file, fn: o.funcs[f]}]
	}
	return nil
}

// anew returns the number under which a call of the text enters a function.
func (s *solver) anew(v *invocation, unit int32, f scope.Func) int32 {
	if int(unit) >= len(s.prog.Files) {
		return unit
	}
	from := callSite{s.fileOf(v.file), v.call}
	if s.finding {
		s.entered = append(s.entered, entry{unit, f, from, v.skip == 0 && v.self == 0 && !v.silent})
		return unit
	}
	fa := s.factoryOf(unit, f)
	if fa == nil {
		return unit
	}
	if in, ok := fa.bySite[from]; ok {
		return in
	}
	return s.anybody(fa)
}

// anybody returns the instance for calls that the text does not show. It is linked only once
// there is one.
func (s *solver) anybody(fa *factory) int32 {
	unit := fa.instances[0]
	if in := s.instanceOf(unit); !in.linked {
		in.linked = true
		s.link(unit)
		s.collect(in)
	}
	return unit
}

// units returns the numbers that stand for a function of a file.
func (s *solver) units(file int32, f scope.Func) []int32 {
	if fa := s.factoryOf(file, f); fa != nil {
		return fa.instances
	}
	s.unit[0] = file
	return s.unit[:]
}

// receivers returns the numbers under which a message enters a function: that of nobody in
// particular for a factory itself.
func (s *solver) receivers(file int32, f scope.Func) []int32 {
	if fa := s.factoryOf(file, f); fa != nil && fa.fn == f {
		s.unit[0] = s.anybody(fa)
		return s.unit[:]
	}
	return s.units(file, f)
}

// findFactories chooses the functions that are made anew, once it is known who calls what. many says
// that one is for so many calls that code may have been taken for generic which serves only the
// tables of one of them.
func (s *solver) findFactories() (many bool) {
	s.factories = map[entry]*factory{}
	s.findMethods()
	compare := func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.fn, b.fn), cmp.Compare(a.from.file, b.from.file), cmp.Compare(a.from.call, b.from.call), first(a.plain, b.plain))
	}
	slices.SortFunc(s.entered, compare)
	all := slices.Compact(s.entered)
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].file == all[0].file && all[n].fn == all[0].fn {
			n++
		}
		s.consider(all[:n])
		all = all[n:]
	}
	s.entered = nil
	for _, fa := range s.factories {
		many = many || len(fa.instances) > maxGeneric
	}
	return many
}

// consider makes a function a factory if it is one, and is called from several places. The
// functions come with the outer ones first.
func (s *solver) consider(calls []entry) {
	file, fn := calls[0].file, calls[0].fn
	span := s.irs[file].Span(fn)
	size := int(span.Terms[1] - span.Terms[0])
	if len(calls) < 2 || len(calls) > maxClasses || size > maxAnew || size*len(calls) > maxAnewSum || s.factoryOf(file, fn) != nil {
		return
	}
	if merges, class := s.merges(file, fn); !merges || !class && len(calls) > maxRecords {
		return
	}
	o := s.owners[file]
	if o == nil {
		o = &owners{make([]scope.Func, len(s.funcs[file])), make([]scope.Func, len(s.terms[file]))}
		s.owners[file] = o
	}
	for f := int(fn); f < len(o.funcs) && s.irs[file].Info.Encloses(fn, scope.Func(f)); f++ {
		o.funcs[f] = fn
	}
	for t := span.Terms[0]; t < span.Terms[1]; t++ {
		if s.irs[file].Belongs(ir.Term(t), fn) {
			o.terms[t] = fn
		}
	}
	fa := &factory{file: file, fn: fn, bySite: map[callSite]int32{}, instances: []int32{s.nextUnit(file, fn, -1, nil)}}
	for i, c := range calls {
		if i > 0 && calls[i-1].from == c.from {
			continue // in two ways
		}
		args := []int32{}
		if c.plain && (i+1 == len(calls) || calls[i+1].from != c.from) {
			args = s.literals(c)
		}
		in := s.nextUnit(file, fn, c.from.file, args)
		fa.instances = append(fa.instances, in)
		fa.bySite[c.from] = in
	}
	s.factories[entry{file: file, fn: fn}] = fa
}

// literals returns the keys that a call gives to a function: a class that is kept under its name
// is found under this name.
func (s *solver) literals(e entry) []int32 {
	keys := make([]int32, s.funcs[e.file][e.fn].params)
	terms := s.irs[e.from.file].Calls[e.from.call].Args.Terms
	for i := range min(len(keys), len(terms)) {
		if terms[i] != ir.None {
			keys[i] = s.keyOf(e.from.file, terms[i])
		}
	}
	return keys
}

// first orders what holds before what does not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func (s *solver) nextUnit(file int32, fn scope.Func, from int32, args []int32) int32 {
	s.instances = append(s.instances, instance{file: file, fn: fn, span: s.irs[file].Span(fn), from: from, args: args})
	return int32(len(s.prog.Files) + len(s.instances) - 1)
}

// merges reports whether a function returns a table that it has made itself, in which different
// values have come together; and whether others put functions there, as into a class.
func (s *solver) merges(file int32, fn scope.Func) (merges, class bool) {
	info := s.irs[file].Info
	for i := range int(s.funcs[file][fn].results) {
		for _, a := range s.set(s.result(file, fn, i)) {
			d := &s.atoms[a]
			t := s.tableAt(a)
			if d.Kind != Table || d.File != file || t == nil || info.FuncOf(d.Node) != fn {
				continue
			}
			merges = merges || len(t.protos) > 1
			for _, f := range t.fields {
				merges = merges || len(s.set(f.cell)) > 1
			}
			class = class || s.methods.has(int32(a))
		}
	}
	return merges || class, class
}

// findMethods notes the tables into which the text puts functions that it writes there, outside of
// the function that makes the table.
func (s *solver) findMethods() {
	for i, f := range s.irs {
		for k := range f.Stores {
			st := &f.Stores[k]
			if f.Term(st.Value).Kind != ir.Function {
				continue
			}
			object := s.refOf(int32(i), st.Object)
			if object <= 0 {
				continue // made by the chunk itself, and so once
			}
			for _, a := range s.set(object) {
				if d := &s.atoms[a]; d.Kind == Table && (d.File != int32(i) || !f.Info.Encloses(f.Info.FuncOf(d.Node), st.In)) {
					s.methods.grow(int32(a))
				}
			}
		}
	}
}

// instantiate makes the cells of all instances. The places of tables and functions in a factory
// become cells, which get those of the instances.
func (s *solver) instantiate() {
	for file, o := range s.owners {
		if o == nil {
			continue
		}
		for t, fn := range o.terms {
			if fn != scope.Main && s.terms[file][t].isAtom() && s.isMade(s.irs[file].Term(ir.Term(t))) {
				s.terms[file][t] = s.newCell()
			}
		}
	}
	for i := range s.instances {
		in := &s.instances[i]
		unit := int32(len(s.prog.Files) + i)
		s.irs = append(s.irs, s.irs[in.file])
		s.island = append(s.island, s.island[in.file])
		s.meets = append(s.meets, s.meetsOf(in))
		s.allocateInstance(unit, in)
	}
	s.static = len(s.cells)
}

// meetsOf returns the files that can be in one service with an instance: with the factory, and with
// the call.
func (s *solver) meetsOf(in *instance) bitset {
	own := s.meets[in.file]
	if in.from < 0 || in.from == in.file {
		return own
	}
	both := slices.Clone(own)
	for i, word := range s.meets[in.from] {
		both[i] &= word
	}
	return both
}

// maker returns the file of the call for which an atom was made anew; -1 for other atoms.
func (s *solver) maker(a Atom) int32 {
	if in := s.instanceOf(s.atoms[a].unit); in != nil {
		return in.from
	}
	return -1
}

// isDead reports whether code was found to be generic: in an instance, too, unless it was looked for
// there.
func (s *solver) isDead(at site) bool {
	if !s.relook {
		at.file = s.fileOf(at.file)
	}
	return s.dead[at]
}

// isMade reports whether a term is something that each instance makes for itself.
func (s *solver) isMade(d *ir.TermData) bool { return d.Kind == ir.Table || d.Kind == ir.Function }

func (s *solver) allocateInstance(unit int32, in *instance) {
	o, f := s.owners[in.file], s.irs[in.file]
	end := in.fn
	for int(end) < len(o.funcs) && o.funcs[end] == in.fn {
		end++
	}
	in.funcs = slices.Clone(s.funcs[in.file][in.fn:end])
	in.funcAtoms = make([]Atom, len(in.funcs))
	for i := range in.funcs {
		in.funcs[i].first = ref(len(s.cells))
		s.cells = append(s.cells, make([]cell, in.funcs[i].cells())...)
	}
	in.results = make([][maxResults]ref, in.span.Calls[1]-in.span.Calls[0])
	in.byCall = make([]chain, len(in.results))
	last := scope.Var(0)
	for v := range f.Info.Vars {
		if f.Info.Encloses(in.fn, f.Info.Vars[v].Func) {
			if in.firstVar == 0 {
				in.firstVar = scope.Var(v)
			}
			last = scope.Var(v)
		}
	}
	if in.firstVar != 0 {
		in.vars = slices.Clone(s.vars[in.file][in.firstVar : last+1])
		for i := range in.vars {
			if in.vars[i] != 0 && f.Info.Encloses(in.fn, f.Info.Vars[int(in.firstVar)+i].Func) {
				in.vars[i] = s.newCell()
			}
		}
	}
	in.terms = slices.Clone(s.terms[in.file][in.span.Terms[0]:in.span.Terms[1]])
	for i := range in.terms {
		t := in.span.Terms[0] + int32(i)
		if o.terms[t] != in.fn || in.terms[i] == 0 {
			continue
		}
		switch d := f.Term(ir.Term(t)); d.Kind {
		case ir.String, ir.API:
		default:
			in.terms[i] = s.allocateTerm(unit, ir.Term(t), d)
		}
	}
}

// cells returns how many cells the parts of a function have.
func (f *function) cells() int {
	n := int(f.params) + int(f.results)
	if f.variadic {
		n += maxExtras
	}
	return n
}

// collect makes what the places of an instance hold reach those of the file.
func (s *solver) collect(in *instance) {
	for i, from := range in.terms {
		s.flow(from, s.collecting(s.terms[in.file][int(in.span.Terms[0])+i]))
	}
	for i, from := range in.vars {
		s.flow(from, s.vars[in.file][int(in.firstVar)+i])
	}
	for i := range in.funcs {
		to := s.funcs[in.file][int(in.fn)+i].first
		for k := range ref(in.funcs[i].cells()) {
			s.flow(in.funcs[i].first+k, to+k)
		}
	}
}

// collecting returns a place of a file if it can get values.
func (s *solver) collecting(r ref) ref { return max(r, 0) }
