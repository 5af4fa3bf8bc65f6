// Package solve finds which values reach which variables, fields, parameters and results in all
// files of a program at once: functions, tables, strings, and the addresses of services.
//
// It solves inclusion constraints with difference propagation (Andersen's analysis; Pearce,
// Kelly and Hankin, "Online cycle detection and difference propagation for pointer analysis").
// A module's constraints exist once, whichever services load it: a function or a table belongs
// to the file that makes it, and can only be in a service that loads this file, so what is in a
// shared place is told apart by asking for one service (see Result.In).
package solve

import (
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/syntax"
)

// solver holds the state of the analysis.
type solver struct {
	prog *program.Program
	irs  []*ir.File // by index in prog.Files

	atoms       []AtomData
	kinds       []Kind  // of the atoms; for those who ask for nothing else
	owner       []int32 // their files
	atomIDs     map[atomKey]Atom
	texts       map[string]Atom // the strings
	apis        map[*models.Entry]Atom
	funcAtoms   [][]Atom // by file and scope.Func; 0 until used
	cells       []cell
	held        []Atom // by the cells
	constraints []constraint
	work        []ref
	edges       []edge
	many        pairs     // the edges from cells that have many
	static      int       // how many cells allocate has made
	limit       int       // of what a set holds besides strings
	strings     bool      // strings are followed
	deferred    []pending // for generic code, while it is looked for
	batch       []pending // those that were deferred before
	depth       int       // of tables in which a missing field is looked up
	inherited   []inherited
	tooMany     Atom
	carried     pairs         // by messages
	received    []bitset      // by file, by atom: the strings that they bring to functions of it
	sent        bitset        // by atom: the strings in the tables that they carry
	sentKeys    bitset        // by key: the names of the fields
	dead        map[site]bool // generic code: see maxGeneric
	generic     map[site]bool // what was found to be generic this time

	terms   [][]ref             // by file and ir.Term
	vars    [][]ref             // by file and scope.Var; 0 until used
	funcs   [][]function        // by file and scope.Func
	results [][][maxResults]ref // by file and call; 0 where nothing uses the result

	keys    map[string]int32
	names   []string             // of keys
	keyOfs  []int32              // by atom of a string: its key, 0 until asked for
	items   [ir.MaxKey + 1]int32 // the keys of small numbers, 0 until asked for
	tables  []*table             // by atom; those at the end, and nil, have no fields
	slab    []table              // where tables come from
	slots   pairs                // the index of a field of an atom that has many, by its key
	loaded  pairs                // by the cell and the target of a load: how many tables away it began
	globals map[globalKey]ref
	island  []int32 // by file

	modules     []module
	meets       []bitset // by file: the files that some world loads beside it
	files       map[*project.File]int32
	serviceIDs  map[*project.Service]int32
	services    map[string][]*project.Service // by the name by which they are launched
	invocations []invocation
	launches    map[nodeKey][]*loads.Use
	byCall      [][]chain // invocations of a call, by file and call

	owners    []*owners // by file; nil for one without factories
	factories map[entry]*factory
	instances []instance
	entered   []entry // who enters which function, while factories are looked for
	finding   bool
	methods   bitset   // by atom: see findMethods
	relook    bool     // see findFactories
	unit      [1]int32 // what units returns for most functions
}

// chain is the first and the last of a list of invocations, counted from 1; 0 for none.
type chain struct{ first, last int32 }

// Solve analyses a program. irs are the terms of its files, in the same order.
//
// It solves twice: the first time finds the places that treat many values alike, the second
// leaves them out from the start, so that what they did before they were found does no harm.
// The first time needs no strings: what a field is called is known without. It also finds the
// factories; if one of them has very many tables, it is done once more with these.
func Solve(prog *program.Program, irs []*ir.File) *Result {
	s := newSolver(prog, irs)
	s.limit, s.dead = maxOthers, nil
	s.finding = true
	s.solve()
	s.finding = false
	s.relook = s.findFactories()
	s.dead = s.generic
	s.reset()
	s.instantiate()
	if s.relook {
		s.dead = nil
		s.solve()
		s.dead = s.generic
		s.reset()
	}
	s.limit, s.strings = maxOthers, true
	s.solve()
	return newResult(s)
}

func newSolver(prog *program.Program, irs []*ir.File) *solver {
	terms, calls := 0, 0
	for _, f := range irs {
		terms += len(f.Terms)
		calls += len(f.Calls)
	}
	// There is more room than most programs take. What is not written to takes no memory.
	s := &solver{
		prog: prog, irs: irs[:len(irs):len(irs)], atoms: make([]AtomData, 1, 1024+terms/6), kinds: make([]Kind, 1, 1024+terms/6), owner: make([]int32, 1, 1024+terms/6), atomIDs: make(map[atomKey]Atom, 1024),
		texts: make(map[string]Atom, 1024+terms/32), cells: make([]cell, 1, 1024+terms), edges: make([]edge, 1, 1024+2*terms), held: make([]Atom, 0, 1024+2*terms),
		constraints: make([]constraint, 0, 1024+terms/2), invocations: make([]invocation, 0, 1024+2*calls),
		keys: make(map[string]int32, 1024), names: make([]string, 1, 1024),
		globals: map[globalKey]ref{}, apis: map[*models.Entry]Atom{},
		files: make(map[*project.File]int32, len(irs)), serviceIDs: map[*project.Service]int32{},
		services: map[string][]*project.Service{}, generic: map[site]bool{}, launches: map[nodeKey][]*loads.Use{},
	}
	for i, f := range prog.Files {
		s.files[f.File] = int32(i)
		s.funcAtoms = append(s.funcAtoms, make([]Atom, len(irs[i].Info.Funcs)))
	}
	for i, svc := range prog.Project.Services {
		s.serviceIDs[svc] = int32(i)
		s.services[svc.Name] = append(s.services[svc.Name], svc)
	}
	s.tooMany = s.unknownAtom(TooMany, "")
	s.meet()
	s.findIslands()
	s.findLaunches()
	s.owners, s.received = make([]*owners, len(irs)), make([]bitset, len(irs))
	for i := range s.irs {
		s.allocate(int32(i))
	}
	s.static = len(s.cells)
	return s
}

// reset forgets what was solved, and keeps what allocate has made.
func (s *solver) reset() {
	s.cells, s.held = s.cells[:s.static], s.held[:0]
	clear(s.cells)
	s.edges, s.constraints, s.invocations = s.edges[:1], s.constraints[:0], s.invocations[:0]
	s.many.clear()
	s.slots.clear()
	s.loaded.clear()
	for _, t := range s.tables {
		if t != nil {
			t.reset()
		}
	}
	for _, calls := range s.byCall {
		clear(calls)
	}
	for _, calls := range s.results {
		s.unwant(calls)
	}
	for i := range s.instances {
		s.instances[i].linked = false
		clear(s.instances[i].byCall)
		s.unwant(s.instances[i].results)
	}
	for name, c := range s.globals {
		if int(c) >= s.static {
			delete(s.globals, name)
		}
	}
	s.generic = map[site]bool{}
}

// unwant forgets the results that nothing has but what was solved.
func (s *solver) unwant(calls [][maxResults]ref) {
	for i := range calls {
		for k, c := range calls[i] {
			if int(c) >= s.static {
				calls[i][k] = 0
			}
		}
	}
}

func (s *solver) solve() {
	for i := range s.prog.Files {
		s.link(int32(i))
	}
	for i := range s.instances {
		if in := &s.instances[i]; in.args != nil {
			in.linked = true
			s.link(int32(len(s.prog.Files) + i))
			s.collect(in)
		}
	}
	for _, m := range s.modules {
		for _, loaded := range s.prog.Files[m.file].Requires[m.load].Files {
			if id, ok := s.files[loaded]; ok {
				s.flow(s.result(id, scope.Main, 0), m.to)
			}
		}
	}
	s.run()
	for len(s.deferred) > 0 {
		batch := s.deferred
		s.deferred = s.batch[:0]
		for _, p := range batch {
			if k := s.constraints[p.constraint]; k.site == (site{}) || !s.generic[k.site] {
				s.do(&k, p.value)
			}
		}
		s.batch = batch
		s.run()
	}
}

// allocate makes the cells of a file.
func (s *solver) allocate(file int32) {
	f := s.irs[file]
	funcs := make([]function, len(f.Info.Funcs))
	for i := range funcs {
		fn := &funcs[i]
		fn.params = int32(s.params(file, scope.Func(i)))
		fn.variadic = i == 0 || f.Info.Tree.IsVariadic(f.Info.Funcs[i].Node)
	}
	for i := range f.Returns {
		r := &f.Returns[i]
		n := len(r.Values.Terms)
		if r.Values.Spread != ir.None {
			n = maxResults
		}
		funcs[r.In].results = max(funcs[r.In].results, uint8(min(n, maxResults)))
	}
	for i := range funcs {
		fn := &funcs[i]
		fn.first = ref(len(s.cells))
		s.cells = append(s.cells, make([]cell, fn.cells())...)
	}
	s.funcs = append(s.funcs, funcs)
	s.byCall = append(s.byCall, make([]chain, len(f.Calls)))
	s.results = append(s.results, written[[maxResults]ref](len(f.Calls)))
	s.vars = append(s.vars, make([]ref, len(f.Info.Vars)))
	terms := make([]ref, len(f.Terms))
	s.terms = append(s.terms, terms)
	for i := 1; i < len(terms); i++ {
		terms[i] = s.allocateTerm(file, ir.Term(i), &f.Terms[i])
	}
}

func (s *solver) allocateTerm(file int32, t ir.Term, d *ir.TermData) ref {
	switch d.Kind {
	case ir.String:
		return atomRef(s.stringAtom(d.Text))
	case ir.Function:
		return atomRef(s.functionAtom(file, scope.Func(d.A)))
	case ir.Table:
		return atomRef(s.newAtom(AtomData{Kind: Table, File: s.fileOf(file), unit: file, Node: d.Node}))
	case ir.Variable:
		if in := s.instanceOf(file); in != nil {
			return s.variable(file, scope.Var(d.A))
		}
		if s.vars[file][d.A] == 0 {
			s.vars[file][d.A] = s.newCell()
		}
		return s.vars[file][d.A]
	case ir.Parameter:
		return s.param(file, scope.Func(d.A), int(d.B))
	case ir.Extra:
		return s.extra(file, scope.Func(d.A), int(d.B))
	case ir.Result:
		if d.B == 0 && s.irs[file].Info.Tree.Kind(s.irs[file].Info.Tree.Parent(d.Node)) == syntax.CallStat {
			return 0 // nobody uses it
		}
		return s.wantResult(file, d.A, int(d.B))
	case ir.Load, ir.Join, ir.Element, ir.KeyOf:
		return s.newCell()
	case ir.API:
		return s.api(file, d)
	}
	return 0
}

// api returns what a global name or a require gives.
func (s *solver) api(file int32, d *ir.TermData) ref {
	f, ref := s.prog.Files[file], d.Ref()
	if ref.Module == "" {
		if e := s.prog.Models.Global(ref.Member); e != nil && e.MayBeIn(f.Dialect) {
			return atomRef(s.apiAtom(e))
		}
		return s.global(file, ref.Member)
	}
	if m := s.prog.Models.Module(ref.Module); m != nil {
		return atomRef(s.apiAtom(&m.Value))
	}
	for i := range f.Requires {
		l := &f.Requires[i]
		if l.Use.Node != d.Node && !namesModule(l, ref.Module) || len(l.Files) == 0 {
			continue
		}
		c := s.newCell()
		s.modules = append(s.modules, module{file, int32(i), c})
		return c
	}
	return 0
}

// module is a cell that gets what the files of a require return.
type module struct {
	file, load int32
	to         ref
}

// namesModule reports whether a require is of the module of that name.
func namesModule(l *project.Require, name string) bool {
	for i := range l.Use.Names {
		if n := &l.Use.Names[i]; n.Known() && n.Prefix == name {
			return true
		}
	}
	return false
}

// global returns the cell of a global name, as a file sees it.
func (s *solver) global(file int32, name string) ref {
	k := globalKey{s.island[file], name}
	c := s.globals[k]
	if c == 0 {
		c = s.newCell()
		s.globals[k] = c
	}
	return c
}

// globalKey is a global name on an island: among files that worlds join.
type globalKey struct {
	island int32
	name   string
}

// findIslands numbers the sets of files between which no world is shared.
func (s *solver) findIslands() {
	s.island = make([]int32, len(s.irs))
	for i := range s.island {
		s.island[i] = int32(i)
	}
	root := func(i int32) int32 {
		for s.island[i] != i {
			s.island[i] = s.island[s.island[i]]
			i = s.island[i]
		}
		return i
	}
	for _, w := range s.prog.Worlds {
		for _, f := range w.Files {
			a, b := root(s.files[f.File]), root(s.files[w.Files[0].File])
			s.island[max(a, b)] = min(a, b)
		}
	}
	for i := range s.island {
		s.island[i] = root(int32(i))
	}
}

// bitset is a set of small numbers.
type bitset []uint64

func (b bitset) has(i int32) bool { return int(i>>6) < len(b) && b[i>>6]&(1<<(i&63)) != 0 }
func (b bitset) add(i int32)      { b[i>>6] |= 1 << (i & 63) }

// grow adds a number that may be larger than all before.
func (b *bitset) grow(i int32) {
	for len(*b) <= int(i>>6) {
		*b = append(*b, 0)
	}
	b.add(i)
}

// meet notes for each file which others can be in one service with it. What a file makes can be
// met only there: worlds share nothing but messages.
func (s *solver) meet() {
	n := len(s.prog.Files)
	words := (n + 63) / 64
	backing := written[uint64](n * words)
	s.meets = make([]bitset, n)
	for i := range s.meets {
		s.meets[i] = backing[i*words : (i+1)*words]
		s.meets[i].add(int32(i))
	}
	members := make(bitset, words)
	for _, w := range s.prog.Worlds {
		clear(members)
		for _, f := range w.Files {
			members.add(s.files[f.File])
		}
		for _, f := range w.Files {
			mine := s.meets[s.files[f.File]]
			for k, word := range members {
				mine[k] |= word
			}
		}
	}
}

// together reports whether code of a file can meet an atom.
func (s *solver) together(file int32, a Atom) bool {
	other := s.owner[a]
	if other < 0 {
		return true
	}
	maker := s.maker(a)
	return s.meets[file].has(other) && (maker < 0 || s.meets[file].has(maker))
}
